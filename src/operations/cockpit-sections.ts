import {lakeFreshness} from '../cockpit/lake-freshness.ts'
import {none, type Reading, read, unreadable} from '../cockpit/reading.ts'
import {type RitualStanding, ritualStandings} from '../cockpit/rituals/ritual-standing.ts'
import type {LakeView, LimitUse, VerdictCount} from '../cockpit/view.ts'
import {ControlVerdict} from '../contracts/orders.ts'
import {RiskCheckReport} from '../contracts/risk.ts'
import {RitualsConfig} from '../contracts/rituals.ts'
import type {TradeRow} from '../contracts/trade.ts'
import {QoConfig} from '../contracts/workspace.ts'
import type {Desk, JournalEntry} from '../desk.ts'
import {readChain} from './read-chain.ts'
import {readRituals, requireWhole, ritualBinding} from './rituals-read.ts'
import {venueClock} from './venue-clock.ts'

/** A section that cannot be read says why in its own place; it never takes the frame down. */
export async function attempt<T>(section: () => Promise<Reading<T>>): Promise<Reading<T>> {
  try {
    return await section()
  } catch (error) {
    return unreadable((error as Error).message)
  }
}

/** Entries of both journals of trading, or why they cannot be read. */
export interface Journals {
  readonly trade: Reading<readonly JournalEntry[]>
  readonly guard: Reading<readonly JournalEntry[]>
  readonly halt: Reading<readonly JournalEntry[]>
}

export async function readJournals(desk: Desk): Promise<Journals> {
  return {
    trade: await attempt(async () => read(await readChain(desk.files, 'data/journal/trade.jsonl'))),
    guard: await attempt(async () => read(await readChain(desk.files, 'data/journal/guard.jsonl'))),
    halt: await attempt(async () => read(await readChain(desk.state, 'guard/events.jsonl'))),
  }
}

/** The newest report of `risk check`. */
export async function limitsSection(desk: Desk): Promise<Reading<readonly LimitUse[]>> {
  const names = (await desk.files.list('reports/risk')).filter((name) => /^check-.*\.yaml$/.test(name))
  const newest = names.at(-1)
  if (newest === undefined) return none('never checked: qo risk check')
  return read((await desk.files.read(RiskCheckReport, `reports/risk/${newest}`)).limits)
}

export async function lakeSection(desk: Desk): Promise<Reading<LakeView>> {
  const commits = await desk.lake.commits()
  const {exchange} = await desk.files.read(QoConfig)
  const newest = commits.flatMap(({files}) => files).reduce((latest, {max_ts}) => Math.max(latest, max_ts), 0)
  const now = (await venueClock(desk, exchange)) ?? newest
  const tables = lakeFreshness(commits, now)
  return tables.length === 0
    ? none('the lake is empty: qo ingest')
    : read({tables, now, lastCommitAt: commits.at(-1)?.received_at ?? 0})
}

/** The last word of the last cycle; a cycle that was started and never ended is not hidden behind it. */
export function cycleSection({trade}: Journals): Reading<TradeRow<'cycle_ended'>> {
  if (trade.state !== 'read') return trade
  const last = trade.value.findLast(({kind}) => kind === 'cycle_ended' || kind === 'cycle_started')
  if (last === undefined) return none('no cycle was ever traded here')
  if (last.kind === 'cycle_started') return unreadable('the last cycle was started and has not ended')
  return read(last.body as TradeRow<'cycle_ended'>)
}

/** Differences the last reconcile of trade found between the books and the venue. */
export function differencesSection({trade}: Journals): Reading<number> {
  if (trade.state !== 'read') return trade
  const last = trade.value.findLast(({kind}) => kind === 'reconcile')
  return last === undefined
    ? none('no account was ever reconciled here')
    : read((last.body as TradeRow<'reconcile'>).differences.length)
}

/** What the controls said about every intent so far, by the control that refused. */
export function verdictsSection({guard}: Journals): Reading<readonly VerdictCount[]> {
  if (guard.state !== 'read') return guard
  const counts = new Map<string, number>()
  for (const {kind, body} of guard.value) {
    const verdict = kind === 'verdict' ? ControlVerdict.safeParse(body['verdict']).data : undefined
    if (verdict) counts.set(verdict.control ?? '', (counts.get(verdict.control ?? '') ?? 0) + 1)
  }
  return read([...counts].map(([control, orders]) => ({control: control === '' ? null : control, orders})))
}

export async function ritualsSection(desk: Desk): Promise<Reading<readonly RitualStanding[]>> {
  if (!(await desk.files.exists(RitualsConfig.path))) return none('none declared: qo init configs/rituals.yaml')
  const config = await desk.files.read(RitualsConfig)
  const {records, chain} = await readRituals(desk)
  requireWhole(chain)
  return read(ritualStandings(config, records, await ritualBinding(desk), desk.asOf))
}
