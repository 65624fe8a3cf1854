import {expectedMaxNormal, normalPpf} from '../../kernel/distributions.ts'
import {type PsrQuestion, psr, psrHardGate} from './psr.ts'
import {deviations, mean, requireColumns, requireSeries, requireThat, type Series, sum} from './series.ts'

const EULER = 0.577_215_664_901_532_9

/** E[max] of N standard normals, the published approximation; 0 for N <= 1. Too low below N = 5. */
export function expectedMaxApproximate(N: number): number {
  if (N <= 1) return 0
  return (1 - EULER) * normalPpf(1 - 1 / N) + EULER * normalPpf(1 - 1 / (N * Math.E))
}

/**
 * SR0: the best Sharpe that N trials of no skill are expected to show.
 *
 * The exact integral below N = 5, where the approximation is off by up to 8 %; the approximation from there on.
 *
 * @param N       trials, may be an effective (fractional) number; 1 gives 0
 * @param V       variance of per-period Sharpe ratios across trials
 * @throws Fault  `gauntlet.out_of_range`
 * @see Bailey & López de Prado (2014), The Deflated Sharpe Ratio, JPM 40(5)
 */
export function expectedMaxSharpe(N: number, V: number): number {
  requireThat(N >= 1 && V >= 0 && Number.isFinite(N * V), `SR0 of ${N} trials with variance ${V} was asked for.`)
  return Math.sqrt(V) * (N < 5 ? expectedMaxNormal(N) : expectedMaxApproximate(N))
}

export type DeflatedQuestion = Omit<PsrQuestion, 'sr0'> & {readonly N: number; readonly V: number}

/** The published form: PSR at SR0 = √V · E[max_N], approximation at every N. */
export const deflatedSharpe = ({N, V, ...question}: DeflatedQuestion): number =>
  psr({...question, sr0: Math.sqrt(V) * expectedMaxApproximate(N)})

/** The form gates and reports read: `psrHardGate` at SR0, exact for few trials. */
export const deflatedSharpeGate = ({N, V, ...question}: DeflatedQuestion): number =>
  psrHardGate({...question, sr0: expectedMaxSharpe(N, V)})

/**
 * N_eff = 1 + (1 − r̄)(N − 1), at least 2; 1 for a single distinct trial.
 *
 * @param N                trials counted by the ledger
 * @param meanCorrelation  r̄; negative counts as 0
 */
export function effectiveTrials(N: number, meanCorrelation: number): number {
  requireThat(N >= 1 && meanCorrelation <= 1 + 1e-9, `${N} trials with mean correlation ${meanCorrelation}.`)
  if (N === 1) return 1
  return Math.max(2, 1 + (1 - Math.min(1, Math.max(0, meanCorrelation))) * (N - 1))
}

/**
 * Mean pairwise correlation of trial returns over all N(N − 1)/2 pairs, floored at 0. A trial whose returns are not
 * stored, or do not vary, counts as uncorrelated with every other.
 *
 * @param streams  shape [n][T] of the stored trials, n <= N, same bars
 * @param N        trials in all
 * @throws Fault   `gauntlet.ragged_columns`, `gauntlet.not_finite`
 */
export function meanTrialCorrelation(streams: readonly Series[], N: number): number {
  requireColumns(streams, 2)
  requireThat(N >= streams.length, `${streams.length} streams were stored for ${N} trials.`)
  const total = new Float64Array(streams[0]?.length ?? 0)
  let varying = 0
  for (const stream of streams) {
    const d = deviations(stream)
    const norm = Math.sqrt(sum(d.map((x) => x * x)))
    if (norm <= 1e-14 * Math.abs(mean(stream)) * Math.sqrt(stream.length)) continue
    varying += 1
    for (let t = 0; t < d.length; t++) total[t]! += d[t]! / norm
  }
  // |Σ z|² counts every ordered pair once and every stream with itself.
  const ordered = sum(total.map((x) => x * x)) - varying
  return N < 2 ? 0 : Math.max(0, ordered / (N * (N - 1)))
}

/**
 * V: sample variance of the trials' per-period Sharpe ratios, at least 1/(T − 1), so that near-copies cannot shrink it.
 *
 * @param sharpes  shape [n], n >= 1
 * @param T        observations of each trial
 */
export function trialVariance(sharpes: Series, T: number): number {
  requireSeries(sharpes, 1, 'the list of trial Sharpe ratios')
  requireThat(T >= 3, `Trials of ${T} observations.`)
  const sampled = sharpes.length < 2 ? 0 : sum(deviations(sharpes).map((x) => x * x)) / (sharpes.length - 1)
  return Math.max(sampled, 1 / (T - 1))
}
