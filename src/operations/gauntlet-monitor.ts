import {readForward} from '../cognition/forward/monitor.ts'
import {paperRecord} from '../cognition/forward/paper-record.ts'
import {type LifecycleState, movesOf} from '../cognition/hypotheses/lifecycle.ts'
import {primaryParams} from '../cognition/hypotheses/primary-params.ts'
import {GauntletConfig} from '../contracts/gauntlet.ts'
import {Hypothesis} from '../contracts/hypothesis.ts'
import type {LedgerEntry} from '../contracts/ledger.ts'
import {TRADE_ROWS} from '../contracts/trade.ts'
import {QoConfig} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {once} from '../kernel/once.ts'
import {Random} from '../kernel/random.ts'
import {groundsOf} from './grounds.ts'
import {namedPaths, refuseTwins} from './hypothesis-files.ts'
import {openLedger} from './ledger-book.ts'
import {identityOf} from './ledger-git.ts'
import {primaryReturns} from './ledger-returns.ts'
import {certificates} from './monitor-certificates.ts'
import {type Monitored, type Reading, settle, shareOf} from './monitor-settle.ts'
import {keepShadowBook} from './shadow-book.ts'

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
    const cycles = once(() => paperCycles(desk))
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
        readings.push(
          await readOne(desk, {entries: ledger.entries, exchange, config, cycles}, {hypothesis, identity, moves}),
        )
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

interface Ground {
  readonly entries: readonly LedgerEntry[]
  readonly exchange: string
  readonly config: GauntletConfig
  readonly cycles: () => ReturnType<typeof paperCycles>
}

async function readOne(
  desk: Desk,
  {entries, exchange, config, cycles}: Ground,
  {hypothesis, identity, moves}: Pick<Reading, 'hypothesis' | 'identity' | 'moves'>,
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
  const paper =
    validated === undefined ? null : paperRecord((await cycles()).filter(({as_of}) => as_of >= validated.ts))
  return {hypothesis, identity, moves, book, reading, paper}
}

/** Ended paper cycles, with the differences their reconciliation found. */
async function paperCycles(desk: Desk): Promise<Parameters<typeof paperRecord>[0]> {
  const differences = new Map<string, number>()
  const cycles: Parameters<typeof paperRecord>[0][number][] = []
  for (const {kind, body} of await desk.journal('trade').read()) {
    if (kind === 'reconcile') {
      const row = TRADE_ROWS.reconcile.safeParse(body)
      if (row.success) differences.set(row.data.cycle, row.data.differences.length)
    }
    if (kind !== 'cycle_ended') continue
    const row = TRADE_ROWS.cycle_ended.safeParse(body)
    if (!row.success || row.data.mode !== 'paper') continue
    cycles.push({...row.data, differences: differences.get(row.data.cycle) ?? 0})
  }
  return cycles
}
