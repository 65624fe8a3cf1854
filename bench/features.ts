import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {compileFeatureSet} from '../src/cognition/features/compile-hypothesis.ts'
import {forEachFeature} from '../src/cognition/features/evaluate.ts'
import type {Bench} from './bench.ts'
import {inPython} from './python.ts'
import {bytesOf, cpuSeconds, everywhere, randomPanel} from './random-panel.ts'

const [ASSETS, BARS] = [12, 17_520]

/** Bars that no window reaches into from before the first; the peer leaves out the same. */
const SKIPPED = 100

const EXPRESSIONS = [
  'returns(close, 1)',
  'log_returns(close, 1)',
  'delay(close, 5)',
  'delta(close, 5)',
  'ts_sum(volume, 20)',
  'ts_mean(close, 20)',
  'ts_std(close, 20)',
  'ts_var(returns(close, 1), 30)',
  'ts_min(low, 24)',
  'ts_max(high, 24)',
  'ts_argmax(high, 24)',
  'ts_argmin(low, 24)',
  'ts_rank(close, 20)',
  'ts_zscore(close, 20)',
  'ts_skew(returns(close, 1), 60)',
  'ts_kurt(returns(close, 1), 60)',
  'ts_quantile(close, 48, 0.25)',
  'ts_median(close, 21)',
  'ts_corr(close, volume, 30)',
  'ts_cov(close, volume, 30)',
  'decay_linear(close, 10)',
  'ts_slope(close, 20)',
  'ema(close, 12)',
  'ema(close, 12) - ema(close, 26)',
  'rsi(close, 14)',
  'atr(14)',
  'vwap(24)',
  'cs_rank(returns(close, 24))',
  'cs_zscore(returns(close, 24))',
  'cs_demean(returns(close, 24))',
  'cs_scale(returns(close, 24))',
  '-ts_corr(open, volume, 10)',
  'sign(delta(volume, 1)) * (-delta(close, 1))',
  '(close - open) / (high - low + 0.001)',
  '-ts_rank(cs_rank(returns(low, 1)), 9)',
  '-ts_corr(cs_rank(delta(log(volume), 2)), cs_rank((close - open) / open), 6)',
  'ts_max(close, 50) > delay(ts_max(close, 50), 1) ? 1 : 0',
]

/** The 37 reference expressions, each compiled and computed on its own, against pandas and numpy. */
export const run: Bench = async ({say}) => {
  const panel = randomPanel('bench|features', ASSETS, BARS)
  const universe = everywhere(panel)
  const sums = new Map<string, number>()
  const one = (expression: string): void => {
    const compiled = compileFeatureSet({
      artifact: 'feature-set@1',
      id: 'bench',
      summary: 'one reference expression',
      bar: '1h',
      universe: {from: 'selection', min_assets: 1},
      features: {x: expression},
    })
    forEachFeature(compiled, panel, universe, {}, (rows) => {
      let sum = 0
      for (const row of rows) for (let t = SKIPPED; t < BARS; t++) if (Number.isFinite(row[t]!)) sum += row[t]!
      sums.set(expression, sum)
    })
  }
  const ours = cpuSeconds(5, () => EXPRESSIONS.forEach(one))
  say(`qo: ${ours.toFixed(3)} CPU s`)
  const folder = await mkdtemp(join(tmpdir(), 'qo-bench-'))
  try {
    const input = join(folder, 'panel.bin')
    await writeFile(input, bytesOf(panel))
    const out = await inPython('features.py', [input, `${BARS}`, `${ASSETS}`], ['pandas', 'numpy'], say)
    const peer =
      out === null
        ? null
        : (JSON.parse(out) as {plain: number; strided: number; sums: Record<string, number>; pandas: string})
    if (peer) {
      say(`pandas ${peer.pandas}: ${peer.plain.toFixed(3)} CPU s, with strided numpy ${peer.strided.toFixed(3)}`)
      requireSame(sums, peer.sums)
    }
    const ratio = peer ? peer.plain / ours : null
    return {
      unit: `CPU seconds for ${EXPRESSIONS.length} expressions × ${ASSETS} assets × ${BARS} bars, one thread`,
      ours,
      yardstick: peer?.plain ?? null,
      ratio,
      aim: '≥ 5 × faster than pandas',
      stridedNumpy: peer ? {seconds: peer.strided, ratio: peer.strided / ours} : null,
      met: ratio === null ? null : ratio >= 5,
    }
  } finally {
    await rm(folder, {recursive: true, force: true})
  }
}

/** A fast answer that differs is not an answer. */
function requireSame(ours: ReadonlyMap<string, number>, theirs: Readonly<Record<string, number>>): void {
  for (const [name, sum] of ours) {
    const other = theirs[name]
    if (other === undefined) throw new Error(`the peer does not compute ${name}`)
    // Sums of a few hundred thousand values around zero: what rounding leaves of them is absolute.
    if (Math.abs(sum - other) > 1e-6 * Math.max(1, Math.abs(other))) throw new Error(`${name}: ${sum}, pandas ${other}`)
  }
}
