import type {GauntletConfig} from '../../../contracts/gauntlet.ts'
import {atLeast, atMost, drawn, figure, type Gate, reported} from '../check.ts'
import {nullExhibit} from './null-exhibit.ts'
import type {PermutationJob} from './permutation-draws.ts'
import {type DrawSource, onThisThread, type PermutationP, permutationTest} from './permutation-test.ts'

/** What stage 5 needs to put bars in another order; the job says how, the source where. */
export interface Permutations {
  /** the job without what differs between the two ways */
  readonly job: Omit<PermutationJob, 'block' | 'seed'>
  /** bars of a block, ⌈b⌉ of the stationary bootstrap */
  readonly blockLength: number
  readonly primary: number
  readonly seed: string
  readonly source?: DrawSource
}

/** Fewer blocks than this have fewer orders than a p of a hundredth needs: 6! = 720. */
const LEAST_BLOCKS = 6

/**
 * The two permutation tests of stage 5: single bars, which destroys every dependence in time, and whole blocks, which
 * leaves what depends on the last few bars, such as volatility that clusters. Both must pass; the second is not paid for
 * once the first has failed.
 *
 * @param decidesOn  the day on which a window of so many bars would be there, for one with too few blocks
 */
export function permutationGates(
  {job, blockLength, primary, seed, source = onThisThread}: Permutations,
  {max_permutation_p: alpha, permutations: draws}: GauntletConfig['edge'],
  decidesOn: (bars: number) => string,
  all: boolean,
): Gate[] {
  const moved = job.panel.ts.length - 1 - (job.decisions[0] ?? job.panel.ts.length)
  const room = atLeast('blocks to put in another order', Math.floor(moved / blockLength), LEAST_BLOCKS, {
    otherwise: 'INSUFFICIENT',
    decidesOn: decidesOn(LEAST_BLOCKS * blockLength),
    note: `${moved} bars in blocks of ${blockLength}`,
  })
  if (!room.check.pass) return [room]
  const ask = (block: number): PermutationP =>
    permutationTest({...job, block, seed: `${seed}|block:${block}`}, primary, {alpha, draws}, source)
  const bars = ask(1)
  const gates = [gateOf('bars', 1, bars, alpha, job.grid.length)]
  if (blockLength === 1)
    return [...gates, reported('permutation p, blocks', bars.p, 'the block length is one bar: the same test')]
  if (!gates[0]!.check.pass && !all) return gates
  return [room, ...gates, gateOf(`blocks of ${blockLength}`, blockLength, ask(blockLength), alpha, job.grid.length)]
}

function gateOf(what: string, block: number, found: PermutationP, alpha: number, points: number): Gate {
  const {p, draws, mcSe, best, declared, declaredP} = found
  const searched = points === 1 ? 'The rule' : `The best of ${points} points`
  const gate = atMost(`permutation p, ${what}`, p, alpha, {
    because: `${searched} looks this good in ${percent(p)} of markets that are the same bars in another order, and ${percent(alpha)} is the limit (permutation of ${what}, p ${figure(p)}).`,
    note: `${points} points searched in each of ${draws} orders, MC error ${mcSe.toPrecision(2)}; Sharpe before trading costs, a rebalance: best ${figure(best)}, declared ${figure(declared)} (p ${figure(declaredP)})`,
  })
  return drawn(gate, nullExhibit(what, block, found))
}

const percent = (share: number): string => `${Number((share * 100).toPrecision(2))} %`
