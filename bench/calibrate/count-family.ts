import {runStages, type StagesRun} from '../../src/cognition/gauntlet/run-stages.ts'
import {haircutFromLedger, holm} from '../../src/cognition/statistics/multiple-testing.ts'
import {sharpeOrZero} from '../../src/cognition/statistics/sharpe.ts'
import type {GauntletConfig} from '../../src/contracts/gauntlet.ts'
import {once} from '../../src/kernel/once.ts'
import type {Shape} from './families.ts'
import {type FamilyCase, openFamily} from './judge-family.ts'

/**
 * One family, judged; what became of it, as counts.
 *
 * - `verdict:…` as the product would say it, `PASS`, `FAIL 5`, `INSUFFICIENT 4`;
 * - `asked:…` the same with the refusal of stage 4 disregarded: a gate that says "too short to tell" must not be what
 *   keeps false passes down;
 * - `killer:…` stage and check that ended it, stage 4 disregarded;
 * - `gate:…` with `everyGate`, each check that passed on its own, and `set:…`, see `gateSets`.
 */
export function countFamily(
  {shape, srTarget, everyGate}: {readonly shape: Shape; readonly srTarget: number; readonly everyGate: boolean},
  seed: string,
  config: GauntletConfig,
): Record<string, number> {
  const opened = openFamily(shape, srTarget, seed, config)
  const long = runStages(opened.calls.slice(0, 1), false)
  const rest = runStages(opened.calls.slice(1), everyGate)
  const vault = once(opened.unseal)
  const asked = rest.verdict === 'ELIGIBLE' ? endOf(vault(), 'PASS') : endOf(rest, '')
  const counts: Record<string, number> = {
    [`verdict:${long.verdict === 'ELIGIBLE' ? asked : endOf(long, '')}`]: 1,
    [`asked:${asked}`]: 1,
  }
  if (rest.verdict === 'ELIGIBLE') counts['eligible'] = 1
  if (asked !== 'PASS') counts[`killer:${killerOf(rest.verdict === 'ELIGIBLE' ? vault() : rest)}`] = 1
  if (everyGate) {
    for (const {id, checks} of rest.stages) {
      for (const check of checks) if (check.gate && check.pass) counts[`gate:${id} ${check.name}`] = 1
    }
    for (const name of gateSets(opened, rest, config)) {
      counts[`set:${name}`] = 1
      if (vault().verdict === 'ELIGIBLE') counts[`set:${name} and vault`] = 1
    }
  }
  return counts
}

function endOf({verdict, failedStage}: StagesRun, passed: string): string {
  return verdict === 'ELIGIBLE' ? passed : `${verdict} ${failedStage}`
}

function killerOf({stages}: StagesRun): string {
  const stage = stages.find(({verdict}) => verdict !== 'PASS')
  const check = stage?.checks.find(({gate, pass}) => gate && !pass)
  return `${stage?.id} ${check?.name ?? stage?.sentence}`
}

/** Sets of gates that stage 6 could be made of, from the permissive to the strict; all other stages as they ship. */
export const GATE_SETS = ['SPA', 'SPA and StepM', 'as shipped', 'strict'] as const

/**
 * The sets under which this family ends ELIGIBLE, stage 4 disregarded.
 *
 * `strict` is the older table: SPA, StepM, a deflated Sharpe of .95 at N_eff and Holm at 5 %.
 */
function gateSets({net, candidate, periodsPerYear: A}: FamilyCase, run: StagesRun, config: GauntletConfig): string[] {
  const others = run.stages.filter(({id}) => id !== 6).every(({verdict}) => verdict === 'PASS')
  const stage = run.stages.find(({id}) => id === 6)
  if (!others || stage === undefined) return []
  const check = (name: string) => stage.checks.find((one) => one.name === name)
  const passes = (name: string): boolean => check(name)?.pass === true
  const spa = passes('SPA consistent p')
  const both = spa && passes('StepM adjusted p of the candidate')
  const deflated = check('deflated Sharpe at N_eff')?.value
  const sharpes = net.map((column) => sharpeOrZero(column) * Math.sqrt(A))
  const own = sharpes[candidate]!
  const rest = sharpes.filter((_, k) => k !== candidate)
  const haircut = own > 0 ? haircutFromLedger(own, rest, net[candidate]!.length, A, holm) : null
  const strict =
    both &&
    typeof deflated === 'number' &&
    deflated >= 0.95 &&
    haircut !== null &&
    haircut.adjustedP <= config.multiplicity.max_p
  const held: Record<(typeof GATE_SETS)[number], boolean> = {
    SPA: spa,
    'SPA and StepM': both,
    'as shipped': stage.verdict === 'PASS',
    strict,
  }
  return GATE_SETS.filter((name) => held[name])
}
