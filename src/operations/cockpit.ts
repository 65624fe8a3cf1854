import {cockpitFrame} from '../cockpit/frame.ts'
import {paint} from '../cockpit/paint.ts'
import {read} from '../cockpit/reading.ts'
import {type CockpitView, isHalted} from '../cockpit/view.ts'
import {QoConfig} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {accountSection} from './cockpit-account.ts'
import {eventsSection} from './cockpit-events.ts'
import {readGuard} from './cockpit-guard.ts'
import {hypothesesSection} from './cockpit-hypotheses.ts'
import {
  attempt,
  cycleSection,
  differencesSection,
  lakeSection,
  limitsSection,
  readJournals,
  ritualsSection,
  verdictsSection,
} from './cockpit-sections.ts'
import {openLedger} from './ledger-book.ts'

export interface CockpitResult {
  readonly artifact: 'cockpit@1'
  readonly ok: boolean
  readonly halted: boolean
  /** sections that are there and could not be read */
  readonly unreadable: readonly string[]
  readonly view: CockpitView
  /** the frame as text, 80 columns */
  readonly frame: string
}

/** One frame. Throws for nothing: each section answers for itself. */
export async function cockpit(desk: Desk, {colour}: {colour: boolean}): Promise<CockpitResult> {
  const view = await readView(desk)
  const failed = Object.entries(view).flatMap(([name, section]) =>
    section !== null && typeof section === 'object' && 'state' in section && section.state === 'unreadable'
      ? [name]
      : [],
  )
  return {
    artifact: 'cockpit@1',
    ok: failed.length === 0,
    halted: isHalted(view.guard),
    unreadable: failed,
    view,
    frame: paint(cockpitFrame(view), colour),
  }
}

/** Everything a frame or a metrics file shows, read once. */
export async function readView(desk: Desk): Promise<CockpitView> {
  const ledger = await attempt(async () => read((await openLedger(desk)).entries))
  const [guard, journals, limits, lake, hypotheses, rituals, config] = await Promise.all([
    readGuard(desk),
    readJournals(desk),
    attempt(() => limitsSection(desk)),
    attempt(() => lakeSection(desk)),
    attempt(() => hypothesesSection(desk, ledger)),
    attempt(() => ritualsSection(desk)),
    desk.files.read(QoConfig).catch(() => null),
  ])
  return {
    asOf: desk.asOf,
    workspace: desk.root.split('/').at(-1) ?? desk.root,
    venue: config?.exchange ?? null,
    guard,
    limits,
    account: accountSection(journals),
    lake,
    hypotheses,
    cycle: cycleSection(journals),
    differences: differencesSection(journals),
    verdicts: verdictsSection(journals),
    rituals,
    events: eventsSection(journals, ledger),
  }
}
