import {rungFor} from '../cognition/forward/capital-ladder.ts'
import {readForward} from '../cognition/forward/monitor.ts'
import {type PaperRecord, paperRecord} from '../cognition/forward/paper-record.ts'
import {isConfirmed, type LifecycleMove, type LifecycleState, movesOf} from '../cognition/hypotheses/lifecycle.ts'
import {primaryParams} from '../cognition/hypotheses/primary-params.ts'
import {eLond} from '../cognition/statistics/e-lond.ts'
import {type ForwardReading, ForwardRecord} from '../contracts/forward.ts'
import {GauntletConfig} from '../contracts/gauntlet.ts'
import {Hypothesis} from '../contracts/hypothesis.ts'
import type {LedgerEntry} from '../contracts/ledger.ts'
import {TRADE_ROWS} from '../contracts/trade.ts'
import {QoConfig} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {Random} from '../kernel/random.ts'
import {groundsOf} from './grounds.ts'
import {namedPaths, refuseTwins} from './hypothesis-files.ts'
import {type LedgerBook, openLedger} from './ledger-book.ts'
import {identityOf} from './ledger-git.ts'
import {primaryReturns} from './ledger-returns.ts'
import {keepShadowBook, type ShadowBook} from './shadow-book.ts'

/** One hypothesis after a run of the monitor. */
export interface Monitored {
  readonly id: string
  readonly configuration: string
  /** before and after */
  readonly from: LifecycleState
  readonly to: LifecycleState
  readonly share: number
  readonly because: string
  readonly certified: boolean
  readonly reading: ForwardReading
  readonly paper: PaperRecord | null
  readonly book: Omit<ShadowBook, 'days'> & {readonly days: number}
  /** null in a dry run */
  readonly path: string | null
}

export interface MonitorRun {
  readonly artifact: 'gauntlet-monitor@1'
  /** every book is up to date and nothing that a vault had confirmed has decayed */
  readonly ok: boolean
  readonly monitored: readonly Monitored[]
  /** hypotheses whose book could not be kept; the others went on */
  readonly failed: readonly {readonly id: string; readonly code: string; readonly what: string; readonly why: string}[]
  /** in no state that has a shadow book */
  readonly idle: readonly {readonly id: string; readonly state: LifecycleState}[]
  /** hypotheses the monitor moved */
  readonly moved: readonly string[]
}

/** What one hypothesis brings to the programme before anything is decided. */
interface Reading {
  readonly hypothesis: Hypothesis
  readonly identity: ReturnType<typeof identityOf>
  readonly moves: readonly LifecycleMove[]
  readonly book: ShadowBook
  readonly reading: ForwardReading
  readonly paper: PaperRecord | null
}

/** States that keep a shadow book. */
const BOOKED: readonly LifecycleState[] = ['registered', 'eligible', 'validated', 'pilot', 'scaled']

/**
 * The cron side of the gauntlet: bring every shadow book up to date, read the monitors, move lifecycles by ledger entries.
 *
 * An alarm moves a confirmed hypothesis to `decayed`, and `trade` refuses it at its next cycle. Otherwise the capital
 * ladder says where it stands. Running it twice on the same data moves nothing the second time. What fails for one
 * hypothesis is told and stops no other.
 *
 * @throws Fault `hypothesis.none`, `hypothesis.duplicate_id` (contract), `ledger.broken_chain` (data),
 *               `trade.lease_held` (venue) while another monitor runs
 */
export async function gauntletMonitor(desk: Desk, named: readonly string[]): Promise<MonitorRun> {
  const config = await desk.files.read(GauntletConfig)
  const {exchange} = await desk.files.read(QoConfig)
  const paths = await namedPaths(desk, named)
  await refuseTwins(desk, paths)
  const groundOf = await groundsOf(desk)
  const lease = desk.dryRun ? null : await desk.lease('gauntlet-monitor')
  try {
    const ledger = await openLedger(desk)
    const readings: Reading[] = []
    const failed: {id: string; code: string; what: string; why: string}[] = []
    const idle: {id: string; state: LifecycleState}[] = []
    for (const path of paths) {
      const hypothesis = await desk.files.read(Hypothesis, path)
      const identity = identityOf(hypothesis, groundOf)
      const moves = movesOf(ledger.entries, hypothesis.id, identity.configuration)
      const state = moves.at(-1)?.to ?? 'draft'
      if (!BOOKED.includes(state)) {
        idle.push({id: hypothesis.id, state})
        continue
      }
      desk.progress.say(`shadow book of ${hypothesis.id}`)
      try {
        readings.push(await readOne(desk, ledger.entries, {hypothesis, identity, moves}, exchange, config))
      } catch (cause) {
        if (!(cause instanceof Fault)) throw cause
        failed.push({id: hypothesis.id, code: cause.code, what: cause.what, why: cause.why})
      }
    }
    const labels = await certificates(desk, ledger.entries, readings, config)
    const monitored: Monitored[] = []
    for (const one of readings) monitored.push(await settle(desk, ledger, one, labels.get(one.identity.configuration)!))
    const moved = monitored.filter(({from, to, share}, i) => to !== from || share !== shareOf(readings[i]!.moves))
    const decayed = monitored.some(({to}) => to === 'decayed')
    return {
      ...{artifact: 'gauntlet-monitor@1', ok: failed.length === 0 && !decayed, monitored, failed, idle},
      moved: moved.map(({id}) => id),
    }
  } finally {
    await lease?.release()
  }
}

const shareOf = (moves: readonly LifecycleMove[]): number => moves.at(-1)?.share ?? 0

async function readOne(
  desk: Desk,
  entries: readonly LedgerEntry[],
  {hypothesis, identity, moves}: Pick<Reading, 'hypothesis' | 'identity' | 'moves'>,
  exchange: string,
  config: GauntletConfig,
): Promise<Reading> {
  const registration = entries.find(
    (entry): entry is Extract<LedgerEntry, {kind: 'register'}> =>
      entry.kind === 'register' && entry.hypothesis === hypothesis.id && entry.configuration === identity.configuration,
  )!
  const book = await keepShadowBook(desk, hypothesis, registration, exchange)
  const research = await primaryReturns(desk, entries, identity.configuration, primaryParams(hypothesis))
  const seed = `qo-monitor|v1|hyp:${identity.configuration}|day:${book.days.at(-1)?.day ?? 'none'}`
  const reading = readForward(
    book.days,
    {research, srTarget: hypothesis.gauntlet.sr_target},
    config.monitor,
    new Random(seed),
  )
  const validated = moves.find(({to}) => to === 'validated')
  const paper = validated === undefined ? null : paperRecord(await paperCycles(desk, validated.ts))
  return {hypothesis, identity, moves, book, reading, paper}
}

/** Ended paper cycles since an instant, with the differences their reconciliation found. */
async function paperCycles(desk: Desk, since: string): Promise<Parameters<typeof paperRecord>[0]> {
  const differences = new Map<string, number>()
  const cycles: Parameters<typeof paperRecord>[0][number][] = []
  for (const {kind, body} of await desk.journal('trade').read()) {
    if (kind === 'reconcile') {
      const row = TRADE_ROWS.reconcile.safeParse(body)
      if (row.success) differences.set(row.data.cycle, row.data.differences.length)
    }
    if (kind !== 'cycle_ended') continue
    const row = TRADE_ROWS.cycle_ended.safeParse(body)
    if (!row.success || row.data.mode !== 'paper' || row.data.as_of < since) continue
    cycles.push({...row.data, differences: differences.get(row.data.cycle) ?? 0})
  }
  return cycles
}

/**
 * The label `certified`: e-LOND over everything a vault ever confirmed, in the order of confirmation. What has decayed or
 * was retired keeps its place with no evidence: leaving it out would make the rest look better.
 */
async function certificates(
  desk: Desk,
  entries: readonly LedgerEntry[],
  readings: readonly Reading[],
  {monitor}: GauntletConfig,
): Promise<Map<string, {level: number | null; certified: boolean}>> {
  const confirmed = [
    ...new Set(
      entries.flatMap((entry) => (entry.kind === 'unseal' && entry.verdict === 'PASS' ? [entry.configuration] : [])),
    ),
  ]
  const own = new Map(readings.map(({identity, reading}) => [identity.configuration, reading.e_forward]))
  const {levels, discovered} = eLond(
    await Promise.all(
      confirmed.map(async (configuration) => own.get(configuration) ?? (await lastE(desk, configuration))),
    ),
    monitor.e_lond_alpha,
  )
  return new Map(
    readings.map(({identity, reading, moves}) => {
      const place = confirmed.indexOf(identity.configuration)
      const isOne = place >= 0 && discovered[place]! && reading.e_forward >= 20 && isConfirmed(moves.at(-1)!.to)
      return [identity.configuration, {level: place < 0 ? null : levels[place]!, certified: isOne}]
    }),
  )
}

/** The evidence that a hypothesis which is not read now left behind, by its report; none is 0. */
async function lastE(desk: Desk, configuration: string): Promise<number> {
  for (const name of await desk.files.list('reports/forward')) {
    if (!name.endsWith('.json')) continue
    const record = await desk.files.read(ForwardRecord, `reports/forward/${name}`)
    if (record.configuration === configuration && isConfirmed(record.state as LifecycleState))
      return record.reading.e_forward
  }
  return 0
}

/** Decide, write the move if there is one, and leave the record. */
async function settle(
  desk: Desk,
  ledger: LedgerBook,
  {hypothesis, identity, moves, book, reading, paper}: Reading,
  {level, certified}: {level: number | null; certified: boolean},
): Promise<Monitored> {
  const from = moves.at(-1)!.to
  const decision = decide(from, moves, reading, paper)
  const {to, share, because} = decision
  if (isConfirmed(from) && (to !== from || share !== shareOf(moves)) && !desk.dryRun) {
    const code_commit = await desk.git.head()
    const dirty = code_commit === null ? null : (await desk.git.dirty(['hypotheses', 'configs'])).length > 0
    const {days, e_forward, e_kill, cusum, drawdown, alarm, warning} = reading
    const evidence = {days, e_forward, e_kill, cusum, drawdown, alarm, warning, paper: paper?.because ?? null}
    await ledger.append({
      ...{kind: 'move', ...identity, code_commit, dirty, share, because},
      to: to as 'validated' | 'pilot' | 'scaled' | 'decayed',
      evidence: JSON.parse(JSON.stringify({...evidence, journal: book.journal, record: recordPath(hypothesis.id)})),
    })
  }
  const {days, ...kept} = book
  const record: ForwardRecord = {
    ...{artifact: 'forward-record@1', hypothesis: hypothesis.id, configuration: identity.configuration},
    ...{state: to, share, certified: certified && to !== 'decayed', e_lond_level: level, venue: book.venue},
    ...{first_day: book.firstDay, last_day: days.at(-1)?.day ?? null, net: days.map(({net}) => net), reading},
    journal: book.journal,
    provenance: {
      ...{data_as_of: book.dataAsOf, seed: null, qo_version: desk.version, data_sha: book.dataSha},
      inputs: {[`hypotheses/${hypothesis.id}.yaml`]: await desk.files.hash(`hypotheses/${hypothesis.id}.yaml`)},
    },
  }
  const path = desk.dryRun ? null : await desk.files.write(ForwardRecord, record, recordPath(hypothesis.id))
  return {
    ...{id: hypothesis.id, configuration: identity.configuration, from, to, share, because},
    ...{certified: record.certified, reading, paper, book: {...kept, days: days.length}, path},
  }
}

const recordPath = (id: string): string => `reports/forward/${id}.json`

function decide(
  from: LifecycleState,
  moves: readonly LifecycleMove[],
  {alarm, warning, e_forward}: ForwardReading,
  paper: PaperRecord | null,
): {to: LifecycleState; share: number; because: string} {
  if (!isConfirmed(from)) {
    const because =
      alarm === null ? 'no vault has confirmed it: its book is kept, nothing moves' : `not confirmed; ${alarm}`
    return {to: from, share: 0, because}
  }
  if (alarm !== null) return {to: 'decayed', share: 0, because: `monitor alarm: ${alarm}`}
  const wasPilot = moves.some(({to}) => to === 'pilot' || to === 'scaled')
  const {to, share} = rungFor({paperDone: wasPilot || paper?.done === true, e: e_forward, warned: warning !== null})
  const evidence = `forward e-value ${Number(e_forward.toPrecision(3))}`
  const because = [
    ...(warning === null ? [] : [`one step down: ${warning}`]),
    ...(to === 'validated' && paper !== null ? [paper.because] : [evidence]),
  ].join('; ')
  return {to, share, because}
}
