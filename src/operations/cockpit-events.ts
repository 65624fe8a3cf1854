import {eventWords} from '../cockpit/event-words.ts'
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

const eventOf = (source: string, {ts, kind, body}: JournalEntry): CockpitEvent => ({
  ts,
  source,
  kind,
  detail: eventWords(body),
})

/** What happened to hypotheses, as events of a frame. */
const ledgerEvents = (entries: readonly LedgerEntry[]): CockpitEvent[] =>
  entries.slice(-10).map((entry) => ({
    ts: Date.parse(entry.ts),
    source: 'ledger',
    kind: entry.kind,
    detail: 'verdict' in entry ? `${entry.hypothesis} ${entry.verdict}` : entry.hypothesis,
  }))
