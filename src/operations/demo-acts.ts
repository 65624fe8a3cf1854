import {GauntletConfig} from '../contracts/gauntlet.ts'
import {RiskLimits} from '../contracts/risk.ts'
import type {TradeResult} from '../contracts/trade.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'

/** Lines of one act as they happen; the command prints them. */
export type Tell = (line: string) => void

interface Verdicts {
  readonly verdicts: readonly {
    readonly verdict: string
    readonly failedStage: number | null
    readonly sentence: string
    readonly trials?: {readonly N: number}
    readonly stages: readonly {readonly checks: readonly {readonly name: string; readonly value: unknown}[]}[]
  }[]
}

interface Status {
  readonly state: string
  readonly latched: boolean | string
}

const SCENARIO = {scenario: 'demo', seed: 7} as const
const EXAMPLES = ['beautiful-noise', 'planted-cheat', 'planted-edge']
const DEADLINE = '8s'
/** A busy machine makes the demo slow, not wrong. */
const PATIENCE_MS = 600_000
/** Orders of the bars in stage 5, where 1,000 ship: the fewest whose best p is not within its own error of 1 %. */
const ORDERS = 310

export async function setUp(desk: Desk, say: Tell): Promise<void> {
  await desk.git.init({nested: true})
  await qo(desk, ['init', '--exchange', 'sim', '--commit'])
  for (const id of EXAMPLES) await qo(desk, ['init', `hypotheses/${id}.yaml`])
  const gates = await desk.files.read(GauntletConfig)
  await desk.files.write(GauntletConfig, {...gates, edge: {...gates.edge, permutations: ORDERS}})
  const {url} = await desk.processes.startSim(SCENARIO)
  say(`practice venue at ${url}: 28 made-up coins, listings, delistings, a reused name, one planted edge`)
  await qo(desk, ['ingest', '--commit'])
  const {tables} = await qo<{tables: {table: string; interval: string | null; rows: number}[]}>(desk, [
    'lake',
    'status',
  ])
  const counted = tables.map(({table, interval, rows}) =>
    `${rows.toLocaleString('en')} ${interval ?? ''} ${table}`.replace('  ', ' '),
  )
  const {selected} = await qo<{selected: unknown[]}>(desk, ['select', '--commit'])
  say(`lake: ${counted.join(', ')}; ${selected.length} coins selected`)
  say(`every gate as it ships, but for ${ORDERS} permutations instead of 1,000`)
}

export async function noise(desk: Desk, say: Tell): Promise<void> {
  const {verdicts} = await qo<Verdicts>(desk, ['gauntlet', 'hypotheses/beautiful-noise.yaml', '--commit'], [0, 5])
  const [{verdict, failedStage, sentence, trials, stages} = never()] = verdicts
  const figure = (name: string): number =>
    Number(stages.flatMap(({checks}) => checks).find((check) => check.name === name)?.value)
  const years = figure('years of research').toFixed(1)
  say('"Coins whose longs paid the most funding five weeks ago outperform for two weeks."')
  say(
    `${years} years net of costs: Sharpe ${figure('annual Sharpe').toFixed(2)}, t ${figure('HAC t of the net mean').toFixed(1)}. Most desks would trade it.`,
  )
  say(`${verdict} at stage ${failedStage}, ${trials?.N ?? '?'} trials counted: ${bare(sentence)}`)
}

export async function cheat(desk: Desk, say: Tell): Promise<void> {
  const {verdicts} = await qo<Verdicts>(desk, ['gauntlet', 'hypotheses/planted-cheat.yaml', '--commit'], [0, 5])
  const [{verdict, failedStage, sentence} = never()] = verdicts
  const [what = '', why = '', ...guilty] = bare(sentence).split('\n')
  say(`${verdict} at stage ${failedStage}: ${what}; ${why.replace(/^\S+ /, '')}`)
  for (const line of guilty) say(line)
}

export async function edge(desk: Desk, say: Tell): Promise<void> {
  const {verdicts} = await qo<Verdicts>(desk, ['gauntlet', 'hypotheses/planted-edge.yaml', '--commit'], [0, 5])
  say(`${verdicts[0]?.verdict}: ${verdicts[0]?.sentence}`)
  const unsealed = await qo<Verdicts & {sentence?: string}>(
    desk,
    ['gauntlet', 'unseal', 'planted-edge', '--commit'],
    [0, 5],
  )
  say(`vault opened once: ${unsealed.verdicts[0]?.verdict}. ${unsealed.verdicts[0]?.sentence}`)
}

/** The largest planned order is capped by hand at half its size, so that one veto happens and can be explained. */
export async function paper(desk: Desk, say: Tell): Promise<void> {
  await desk.processes.startGuard({mode: 'paper'})
  const plan = await qo<TradeResult>(desk, ['trade', '--mode', 'paper', '--dry-run'])
  const largest = [...plan.orders].sort((a, b) => Number(b.notionalUsd) - Number(a.notionalUsd))[0] ?? never()
  await limitUnits(desk, {[largest.coin]: halfOf(largest.wanted)})
  const cycle = await qo<TradeResult>(desk, ['trade', '--mode', 'paper', '--deadline', DEADLINE, '--commit'])
  const traded = cycle.orders.filter(({status}) => status === 'filled').length
  const cost =
    cycle.costs === null
      ? ''
      : `, ${cycle.costs.total.toFixed(1)} bps all in, ${Math.round(cycle.costs.makerShare * 100)} % maker`
  say(`${traded} of ${cycle.orders.length} positions reached their target${cost}`)
  const veto = cycle.vetoes[0]
  say(
    veto
      ? `vetoed by ${veto.control}: ${veto.intent}: ${veto.reason} (${veto.value} against ${veto.limit})`
      : 'no veto',
  )
}

export async function kill(desk: Desk, say: Tell): Promise<void> {
  await limitUnits(desk, {})
  const before = await intentRows(desk)
  const cut = await desk.shell.qo(['trade', '--mode', 'paper', '--deadline', DEADLINE], {
    killWhen: async () => (await intentRows(desk)) > before,
  })
  const after = await qo<TradeResult>(desk, ['trade', '--mode', 'paper', '--deadline', DEADLINE, '--commit'])
  const ends = after.resolved.map(({coin, phase}) => `${coin} ${phase}`).join(', ')
  say(
    `${cut.killed ? 'killed with an order in flight' : 'the cycle ended before the kill'}; next cycle: ${ends || 'nothing left open'}, ${after.differences.length} differences with the venue`,
  )
  const started = desk.clock.monotonic()
  await qo(desk, ['killswitch', 'engage', '--flatten', '--reason', 'demo'])
  let status = await qo<Status>(desk, ['killswitch', 'status'], [0, 7])
  while (status.state !== 'HALTED_CLEAN' && desk.clock.monotonic() - started < 60_000) {
    await desk.clock.sleep(500)
    status = await qo<Status>(desk, ['killswitch', 'status'], [0, 7])
  }
  say(
    `kill switch: ${status.state} after ${((desk.clock.monotonic() - started) / 1000).toFixed(0)} s, no order and no position at the venue, verified twice`,
  )
  const refused = await desk.shell.qo(['trade', '--mode', 'paper'])
  const chains = await qo<{ok: boolean}>(desk, ['audit', 'verify'])
  say(`trade now exits ${refused.status}; every hash chain ${chains.ok ? 'intact' : 'BROKEN'}`)
}

async function limitUnits(desk: Desk, maxUnits: Record<string, string>): Promise<void> {
  const limits = await desk.files.read(RiskLimits)
  await desk.files.write(RiskLimits, {...limits, order_size: {...limits.order_size, max_units: maxUnits}})
}

/** Half of a size, to two significant digits: a limit a person could have typed. */
const halfOf = (size: string): string => {
  const half = Math.abs(Number(size)) / 2
  return half >= 100 ? String(Math.round(half / 10) * 10) : String(Number(half.toPrecision(2)))
}

const intentRows = async (desk: Desk): Promise<number> =>
  (
    await desk
      .journal('trade')
      .read()
      .catch(() => [])
  ).filter(({kind}) => kind === 'intent').length

/** The sentence without the stage it begins with: the line has named it already. */
const bare = (sentence: string): string => sentence.replace(/^Stage \d+ \([^)]*\): /, '')

/** One command, its JSON back; an exit status outside `expected` ends the demo with what it said. */
async function qo<T>(desk: Desk, args: readonly string[], expected: readonly number[] = [0]): Promise<T> {
  const {status, json, stderr} = await desk.shell.qo(args, {timeoutMs: PATIENCE_MS})
  if (expected.includes(status) && json !== null) return json as T
  const error = (json as {error?: {code: string; what: string}} | null)?.error
  throw new Fault('demo.step_failed', {
    family: 'bug',
    what: `qo ${args.join(' ')} exited ${status}.`,
    why: error ? `${error.code}: ${error.what}` : stderr.slice(-2000),
    next: [`look into ${desk.root}`, 'qo doctor'],
  })
}

function never(): never {
  throw new Fault('demo.nothing_to_show', {
    family: 'bug',
    what: 'A command of the demo answered with an empty list.',
    why: 'The demo scenario always has a verdict and an order to show.',
    next: ['report this with the version of qo'],
  })
}
