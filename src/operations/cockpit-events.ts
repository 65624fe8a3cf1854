import {type Reading, read} from '../cockpit/reading.ts'
import type {CockpitEvent} from '../cockpit/view.ts'
import type {LedgerEntry} from '../contracts/ledger.ts'
import type {JournalEntry} from '../desk.ts'
import type {Journals} from './cockpit-sections.ts'

/** The newest events of every chain that keeps times. */
export function eventsSection(
  journals: Journals,
  ledger: Reading<readonly LedgerEntry[]>,
): Reading<readonly CockpitEvent[]> {
  const chains = Object.entries(journals) as [string, Reading<readonly JournalEntry[]>][]
  const broken = [ledger, ...Object.values(journals)].find(({state}) => state === 'unreadable')
  if (broken) return broken as Reading<never>
  return read([
    ...(ledger.state === 'read' ? ledgerEvents(ledger.value) : []),
    ...chains.flatMap(([source, chain]) =>
      chain.state === 'read' ? chain.value.slice(-10).map((entry) => eventOf(source, entry)) : [],
    ),
  ])
}

function eventOf(source: string, {ts, kind, body}: JournalEntry): CockpitEvent {
  return {ts, source, kind, detail: wordsOf(body).join(' ')}
}

/** Ids, hashes and epoch times: they name things to machines, and crowd out what a person reads. */
const OPAQUE = /^(0x)?[0-9a-f]{16,}$|^[0-9a-f]{8}-[0-9a-f-]{27}$|^\d{8}t\d{6,9}z/
const EPOCH_MS = 1e12

/** What a body says in plain values, at any depth. */
function wordsOf(body: unknown): string[] {
  if (typeof body === 'string') return OPAQUE.test(body) ? [] : [body]
  if (body === null || typeof body !== 'object') return []
  return Object.entries(body).flatMap(([key, value]) => {
    if (typeof value === 'number') return value > EPOCH_MS ? [] : [`${key} ${value}`]
    if (typeof value === 'boolean') return [value ? key : `not ${key}`]
    if (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)) return [`${key} ${value}`]
    return Array.isArray(value) ? [`${value.length} ${key}`] : wordsOf(value)
  })
}

/** What happened to hypotheses, as events of a frame. */
const ledgerEvents = (entries: readonly LedgerEntry[]): CockpitEvent[] =>
  entries.slice(-10).map((entry) => ({
    ts: Date.parse(entry.ts),
    source: 'ledger',
    kind: entry.kind,
    detail: 'verdict' in entry ? `${entry.hypothesis} ${entry.verdict}` : entry.hypothesis,
  }))
