import type {Hypothesis} from '../../contracts/hypothesis.ts'
import type {Panel} from '../../contracts/panel.ts'
import {Fault} from '../../kernel/fault.ts'
import {dayOf} from '../../kernel/instant.ts'
import {type CompiledHypothesis, warmupBars} from '../features/compile-hypothesis.ts'
import {evaluateFeatures} from '../features/evaluate.ts'
import {refuseEmpty} from '../features/refuse-empty.ts'
import type {ConfigurationRun} from './run-configuration.ts'

/**
 * Stop at a rule that can never hold anything on these bars: a run of it would spend a trial and say nothing.
 *
 * @throws Fault `backtest.universe_too_small`, `feature.no_value` (data), each with the place in the file
 */
export function refuseSilent(
  hypothesis: Hypothesis,
  compiled: CompiledHypothesis,
  {
    params,
    panel,
    universe,
    signal,
  }: Pick<ConfigurationRun, 'params' | 'panel' | 'universe'> & {signal: readonly Float64Array[]},
): void {
  const members = memberCounts(universe, panel.ts.length)
  const {id} = hypothesis
  const least = hypothesis.universe.min_assets
  let most = 0
  for (let t = 0; t < members.length; t++) if (members[t]! > members[most]!) most = t
  if (members[most]! < least) throw tooSmall(id, least, members[most]!, panel, most)
  if (signal.some((column, a) => column.some((value, t) => Number.isFinite(value) && universe[a]![t] === 1))) return
  // The first expression without a value is the cause; those behind it only pass it on.
  const texts: Record<string, string> = {...hypothesis.features, signal: hypothesis.signal}
  for (const [name, expression] of Object.entries(texts)) {
    const values = name === 'signal' ? signal : evaluateFeatures(compiled, panel, universe, params, [name]).get(name)!
    const isEmpty = !values.some((column) => column.some((value) => Number.isFinite(value)))
    const warmup_bars = warmupBars({...compiled, signal: name}, params)
    const where = name === 'signal' ? id : `${id}.features`
    if (isEmpty || name === 'signal') refuseEmpty(where, panel, [{name, expression, warmup_bars}])
  }
}

/** Members of the universe on each bar. */
function memberCounts(universe: readonly Uint8Array[], bars: number): Uint32Array {
  const members = new Uint32Array(bars)
  for (const column of universe) for (let t = 0; t < bars; t++) members[t]! += column[t]!
  return members
}

function tooSmall(id: string, least: number, found: number, {ts}: Pick<Panel, 'ts'>, bar: number): Fault {
  const when = found === 0 ? '' : `, first on ${dayOf(ts[bar]!)}`
  return new Fault('backtest.universe_too_small', {
    family: 'data',
    what: `${id}.universe.min_assets is ${least}, and at most ${found} assets are selected on any of ${ts.length} bars${when}.`,
    why: 'Below min_assets nothing is held: it would never trade.',
    next: ['qo select --history', 'lower universe.min_assets to what the idea really needs'],
  })
}
