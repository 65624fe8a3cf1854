import {rebalanceBars} from '../cognition/backtest/rebalance-bars.ts'
import {runConfiguration} from '../cognition/backtest/run-configuration.ts'
import {compileHypothesis, missingInputs, warmupBars} from '../cognition/features/compile-hypothesis.ts'
import {evaluateSignals} from '../cognition/features/evaluate.ts'
import {forwardDays} from '../cognition/forward/forward-days.ts'
import {researchWindow} from '../cognition/gauntlet/research-window.ts'
import {primaryParams} from '../cognition/hypotheses/primary-params.ts'
import {Costs} from '../contracts/costs.ts'
import {type ForwardDay, SHADOW_ROWS} from '../contracts/forward.ts'
import type {Hypothesis} from '../contracts/hypothesis.ts'
import type {LedgerEntry} from '../contracts/ledger.ts'
import type {Desk, JournalEntry} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {DAY_MS, dayOf, isoOf} from '../kernel/instant.ts'
import {loadPanel} from './load-panel.ts'
import {listedCoins, universeFor} from './select-universe.ts'

/** A paper ledger without orders: what one hypothesis would have earned alone, by day, since it was registered. */
export interface ShadowBook {
  readonly venue: string
  readonly firstDay: string
  readonly days: readonly ForwardDay[]
  /** days written by this run */
  readonly appended: number
  /** days whose recomputation differs from what was written: bars were revised since; the record stays */
  readonly revised: number
  /** days inside a vault that is sealed now: they are not shown and not counted */
  readonly sealed: number
  readonly journal: {readonly path: string; readonly entries: number; readonly head: string | null}
  readonly dataSha: string
  readonly dataAsOf: string | null
}

type Registered = Extract<LedgerEntry, {kind: 'register'}>

const INPUTS = ['open', 'high', 'low', 'close', 'volume', 'trades', 'funding'] as const

/** Two runs of the same days on the same bars agree to this. */
const SAME = 1e-9

export const shadowJournal = (id: string, configuration: string): string => `shadow-${id}-${configuration.slice(0, 8)}`

/**
 * Bring the shadow book of one hypothesis up to date: every whole UTC day since its registration that the lake now holds
 * is appended, once, in order, and never rewritten.
 *
 * The rule, the universe, the costs and the account are those of research, on rows with purpose `live`, flat on the first
 * day with the declared capital. A killed run leaves whole days behind; the next one goes on after the last of them. In a
 * dry run nothing is written, and the days that would be are there to read.
 *
 * @param registration  the first entry of this configuration: nothing before it is evidence
 * @throws Fault `lake.*`, `journal.broken_chain`, `shadow.malformed`, `shadow.inputs_missing` (data)
 */
export async function keepShadowBook(
  desk: Desk,
  hypothesis: Hypothesis,
  registration: Registered,
  exchange: string,
): Promise<ShadowBook> {
  const venue = hypothesis.data?.trade ?? exchange
  const {id, bar, capital_usd} = hypothesis
  const name = shadowJournal(id, registration.configuration)
  const journal = desk.journal(name)
  const start = firstDay(registration)
  const path = `data/journal/${name}.jsonl`
  const written = daysIn(await journal.read(), path)
  const compiled = compileHypothesis(hypothesis)
  const panel = await loadPanel(desk, {
    ...{venue, interval: bar, inputs: INPUTS, asOf: desk.asOf, purpose: {kind: 'live'}},
    coins: listedCoins(hypothesis),
  })
  const missing = missingInputs(compiled, new Set(panel.series.keys()))
  if (missing.length > 0) throw inputsMissing(id, venue, missing)
  const {mask} = await universeFor(desk, hypothesis, panel, {kind: 'live'})
  const params = primaryParams(hypothesis)
  const signal = evaluateSignals(compiled, panel, mask, [params])[0]!
  const decisions = rebalanceBars(panel, hypothesis.portfolio.rebalance)
  const window = researchWindow(panel, mask, hypothesis.universe.min_assets, warmupBars(compiled, params), decisions)
  // Flat until the first day: a decision at its very start may be the first.
  const universe = window.mask.map((column) =>
    column.map((member, t) => (panel.ts[t]! + panel.barMs >= start ? member : 0)),
  )
  const costs = await desk.files.read(Costs, hypothesis.costs)
  const run = runConfiguration({hypothesis, params, panel, universe, signal, costs, detail: 'returns'})
  const vaults = (await desk.lake.vaults()).filter((vault) => vault.venue === venue)
  const isSealed = ({day}: ForwardDay): boolean =>
    vaults.some(({start: from, end}) => isoOf(Date.parse(day) + DAY_MS) > from && isoOf(Date.parse(day)) < end)
  const computed = forwardDays(run, start, desk.asOf)
  const shown = computed.filter((day) => !isSealed(day))
  const known = new Map(written.map((day) => [day.day, day]))
  const fresh = shown.filter(({day}) => day > (written.at(-1)?.day ?? ''))
  if (written.length === 0 && fresh.length > 0) {
    await journal.append(desk.clock.now(), 'opened', {
      ...{hypothesis: id, configuration: registration.configuration, venue, bar, capital_usd},
      ...{registered: registration.hash, first_day: dayOf(start)},
    })
  }
  for (const day of fresh) await journal.append(desk.clock.now(), 'day', {...day, data_sha: panel.dataSha})
  const entries = await journal.read()
  return {
    ...{venue, firstDay: dayOf(start), days: [...written, ...fresh], appended: fresh.length},
    revised: shown.filter(({day, net}) => known.has(day) && Math.abs(known.get(day)!.net - net) > SAME).length,
    sealed: computed.length - shown.length,
    journal: {path, entries: entries.length, head: entries.at(-1)?.hash ?? null},
    dataSha: panel.dataSha,
    dataAsOf: panel.ts.length === 0 ? null : isoOf(panel.ts.at(-1)! + panel.barMs),
  }
}

/** The first whole UTC day after the registration and after the end of the vault it was registered against. */
function firstDay({ts, detail}: Registered): number {
  const vaultEnd = detail?.['vault_end']
  const after = Math.max(Date.parse(ts), typeof vaultEnd === 'string' ? Date.parse(vaultEnd) : 0)
  return Math.ceil(after / DAY_MS) * DAY_MS
}

/** The days of a book; a row of our own that does not parse is damage, not a row to skip. */
function daysIn(entries: readonly JournalEntry[], path: string): ForwardDay[] {
  const days: ForwardDay[] = []
  for (const {kind, body, seq} of entries) {
    if (kind !== 'day') continue
    const row = SHADOW_ROWS.day.safeParse(body)
    const previous = days.at(-1)
    if (!row.success || (previous !== undefined && row.data.day <= previous.day)) throw malformed(path, seq)
    const {data_sha: _, ...day} = row.data
    days.push(day)
  }
  return days
}

const malformed = (path: string, seq: number): Fault =>
  new Fault('shadow.malformed', {
    family: 'data',
    what: `Entry ${seq} of ${path} is not the next day of a shadow book.`,
    why: 'Forward evidence is a record of every day in order; one that is not a day makes the rest unusable.',
    next: ['qo audit verify', `move ${path} away: the book is computed anew from the lake`],
  })

const inputsMissing = (
  id: string,
  venue: string,
  missing: readonly {readonly input: string; readonly table: string}[],
): Fault =>
  new Fault('shadow.inputs_missing', {
    family: 'data',
    what: `${id} reads ${missing.map(({input}) => input).join(', ')}, which the lake of ${venue} does not have.`,
    why: `It would come from the table ${[...new Set(missing.map(({table}) => table))].join(', ')} under the names that its candles have. No day was recorded.`,
    next: ['qo ingest', 'qo lake status'],
  })
