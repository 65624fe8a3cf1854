import type {GauntletConfig} from '../../../contracts/gauntlet.ts'
import {dayOf} from '../../../kernel/instant.ts'
import {median} from '../../../kernel/median.ts'
import {cpcvPaths} from '../../statistics/cpcv.ts'
import {type Cscv, cscv, cscvBlocks} from '../../statistics/cscv.ts'
import {psrHardGate, psrQuestion} from '../../statistics/psr.ts'
import type {Series} from '../../statistics/series.ts'
import {walkForward, walkForwardWindows} from '../../statistics/walk-forward.ts'
import {above, atLeast, drawn, type Gate, holds, type Judgement, reported, stageOf} from '../check.ts'
import {forwardExhibit, logitExhibit, pathsExhibit} from '../overfitting-exhibits.ts'

export interface OverfittingInput {
  /** shape [K][T] net returns of every grid point */
  readonly net: readonly Series[]
  /** index of the declared point */
  readonly candidate: number
  /** bars between training and test */
  readonly gapBars: number
  /** bars a position usually lives */
  readonly labelHorizonBars: number
  readonly periodsPerYear: number
  readonly windowFrom: number
  readonly barMs: number
}

/**
 * Stage 7: does choosing by the past help in the future?
 *
 * A grid of one has nothing to choose: CSCV does not apply and says so. From `gated_from` points the pair
 * (P(loss), PBO or degradation) gates; below, it is computed and shown. Purged paths and the walk-forward always gate,
 * the paths where there is something to choose.
 */
export function judgeOverfitting(input: OverfittingInput, limits: GauntletConfig['overfitting']): Judgement {
  const T = input.net[0]?.length ?? 0
  const gates = [...symmetric(input, T, limits), ...forward(input, T, limits), ...purged(input, T, limits)]
  return stageOf(7, 'overfitting', gates, 'Parameters chosen on the past also earn on bars they had not seen.')
}

/** Whole histories of choices made without the bars they are tested on: most must earn, and the middle one. */
function purged(
  {net, candidate, gapBars, labelHorizonBars, periodsPerYear, windowFrom, barMs}: OverfittingInput,
  T: number,
  {paths: {groups, tested, min_positive_share}}: GauntletConfig['overfitting'],
): Gate[] {
  if (net.length < 2) return [reported('purged paths (CPCV)', 'not applicable', 'a grid of one point is its own path')]
  // Each of the runs that are tested takes its purge and its embargo out of what is left to train on.
  const least = Math.ceil((groups / (groups - tested)) * tested * (gapBars + 2 * labelHorizonBars)) + 2 * groups
  const room = atLeast('bars for purged paths', T, least, {
    otherwise: 'INSUFFICIENT',
    decidesOn: dayOf(windowFrom + least * barMs),
    note: `${tested} of ${groups} groups tested at once, an embargo of ${gapBars}`,
  })
  if (!room.check.pass) return [room]
  const {sharpe, paths} = cpcvPaths(net, {groups, tested, embargo: gapBars, horizon: labelHorizonBars})
  const yearly = Float64Array.from(sharpe, (sr) => sr * Math.sqrt(periodsPerYear)).sort()
  const positive = sharpe.filter((sr) => sr > 0).length
  const shown = `${sharpe.length} paths, annual Sharpe ${Array.from(yearly, (sr) => sr.toFixed(2)).join(', ')}`
  return [
    room,
    drawn(
      above('median purged path, annual Sharpe', median(yearly.slice()), 0, {note: shown}),
      pathsExhibit(paths, net[candidate]!, {windowFrom, barMs}),
    ),
    atLeast('purged paths that earn', positive / sharpe.length, min_positive_share, {note: shown}),
  ]
}

function symmetric(
  {net, windowFrom, barMs}: OverfittingInput,
  T: number,
  limits: GauntletConfig['overfitting'],
): Gate[] {
  const K = net.length
  const S = cscvBlocks(T)
  if (K < 2) return [reported('CSCV', 'not applicable', 'a grid of one point has nothing to overfit')]
  if (T < 30 * S) {
    const date = dayOf(windowFrom + 30 * S * barMs)
    if (K < limits.gated_from) return [reported('CSCV', 'not computed', `${T} bars; it needs ${30 * S}`)]
    return [atLeast('bars for CSCV', T, 30 * S, {otherwise: 'INSUFFICIENT', decidesOn: date})]
  }
  const result = cscv(net, S)
  const shown = `${K} points, ${result.combinations} splits of ${S} blocks`
  const rows = [
    drawn(
      reported(
        'probability of backtest overfitting',
        result.pbo,
        `${shown}; near 0.5 is normal for equally good points`,
      ),
      logitExhibit(result),
    ),
    reported('probability that the chosen point loses', result.probabilityOfLoss, shown),
    reported('degradation, out of sample over in sample', result.degradation),
  ]
  if (K < limits.gated_from)
    return [...rows, reported('CSCV gate', 'reported only', `fewer than ${limits.gated_from} points`)]
  return [pairGate(result, limits), ...rows]
}

/** P_loss <= max and (PBO <= max or degradation >= min): PBO alone passes half of all null families. */
function pairGate({probabilityOfLoss, pbo, degradation}: Cscv, limits: GauntletConfig['overfitting']): Gate {
  const pass =
    probabilityOfLoss <= limits.max_loss_probability + 1e-12 &&
    (pbo <= limits.max_pbo + 1e-12 || degradation >= limits.min_degradation - 1e-12)
  return holds('CSCV gate', pass, `P(loss) ${probabilityOfLoss.toFixed(3)}, PBO ${pbo.toFixed(3)}`, {
    note: `P(loss) <= ${limits.max_loss_probability} and PBO <= ${limits.max_pbo} or degradation >= ${limits.min_degradation}`,
  })
}

function forward(
  {net, candidate, gapBars, periodsPerYear: A, windowFrom, barMs}: OverfittingInput,
  T: number,
  limits: GauntletConfig['overfitting'],
): Gate[] {
  const [train, test] = [Math.floor(limits.train_share * T), Math.floor(limits.test_share * T)]
  const room = atLeast('bars for one walk-forward window', T, train + test + gapBars, {
    otherwise: 'INSUFFICIENT',
    decidesOn: dayOf(windowFrom + (gapBars / (1 - limits.train_share - limits.test_share)) * barMs),
    note: `${train} to train, a gap of ${gapBars}, ${test} to test`,
  })
  if (!room.check.pass || test < 3) return [room]
  const plan = walkForwardWindows({T, train, test, step: test, gap: gapBars})
  const result = walkForward(net, plan)
  const windows = result.chosen.length
  return [
    room,
    drawn(
      atLeast(
        'hard probabilistic Sharpe, walk-forward',
        psrHardGate(psrQuestion(result.stitched)),
        limits.min_walk_forward_psr,
        {
          note: `${windows} windows, annual Sharpe ${(result.outOfSample * Math.sqrt(A)).toFixed(2)}`,
        },
      ),
      forwardExhibit(plan, result.stitched, net[candidate]!, {windowFrom, barMs}),
    ),
    reported('walk-forward efficiency', result.efficiency),
    reported(
      'profitable windows',
      `${result.profitable} of ${windows}`,
      `P(as many by a coin) ${result.profitableP.toFixed(3)}`,
    ),
  ]
}
