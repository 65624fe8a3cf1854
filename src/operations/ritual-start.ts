import {RITUAL_GENESIS, ritualText, sealRitual} from '../cockpit/rituals/ritual-record.ts'
import {type RitualRecord, RitualsConfig} from '../contracts/rituals.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {dayOf, HOUR_MS, isoOf} from '../kernel/instant.ts'
import {runRitualCheck} from './ritual-checks.ts'
import {readRituals, requireWhole, ritualBinding} from './rituals-read.ts'

export interface RitualResult {
  readonly artifact: 'ritual@1'
  readonly ok: boolean
  readonly ritual: string
  readonly title: string
  readonly verdict: RitualRecord['verdict']
  readonly at: string
  readonly expiresAt: string | null
  readonly signedBy: string
  readonly items: RitualRecord['items']
  readonly path: string
}

/**
 * Verify every item of a ritual and leave the record, signed when all pass and refused otherwise: both count.
 *
 * @param name    a ritual of configs/rituals.yaml; default: the first
 * @throws Fault  `ritual.unknown`, `ritual.not_now` (usage), `ritual.broken_chain` (data), `artifact.*` (contract)
 */
export async function ritualStart(desk: Desk, name?: string): Promise<RitualResult> {
  if (desk.asOfGiven) throw notNow()
  const {rituals, thresholds} = await desk.files.read(RitualsConfig)
  const ritual = name === undefined ? rituals[0]! : rituals.find((candidate) => candidate.name === name)
  if (ritual === undefined)
    throw unknown(
      name!,
      rituals.map((candidate) => candidate.name),
    )
  const {records, chain} = await readRituals(desk)
  requireWhole(chain)

  const now = desk.clock.now()
  const items: RitualRecord['items'] = []
  for (const id of ritual.items) {
    desk.progress.say(`verifying ${id}`)
    items.push({id, ...(await runRitualCheck(id, desk, thresholds, now))})
  }
  const signed = items.every(({pass}) => pass)
  const last = records.at(-1)?.record
  const record = sealRitual({
    artifact: 'ritual@1',
    seq: (last?.seq ?? 0) + 1,
    ritual: ritual.name,
    title: ritual.title,
    at: isoOf(now),
    verdict: signed ? 'signed' : 'refused',
    expires_at: signed ? isoOf(now + ritual.expires_hours * HOUR_MS) : null,
    signed_by: (await desk.machine.gitIdentity()) ?? 'unnamed operator',
    binds: await ritualBinding(desk),
    items,
    prev: last?.hash ?? RITUAL_GENESIS,
  })
  const path = await leave(desk, `reports/rituals/${dayOf(now)}-${ritual.name}`, ritualText(record))
  const {verdict, at, expires_at: expiresAt, signed_by: signedBy, title} = record
  return {artifact: 'ritual@1', ok: signed, ritual: ritual.name, title, verdict, at, expiresAt, signedBy, items, path}
}

/** Several of one day get a number; a record is never written over. */
async function leave(desk: Desk, stem: string, text: string): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const path = attempt === 1 ? `${stem}.md` : `${stem}-${attempt}.md`
    if (await desk.files.createText(path, text)) return path
  }
}

function notNow(): Fault {
  return new Fault('ritual.not_now', {
    family: 'usage',
    what: 'A ritual cannot be started as of another time.',
    why: 'A sign-off vouches for what was verified at the moment of signing.',
    next: ['leave out --as-of'],
  })
}

function unknown(name: string, names: readonly string[]): Fault {
  return new Fault('ritual.unknown', {
    family: 'usage',
    what: `There is no ritual '${name}'.`,
    why: `configs/rituals.yaml declares ${names.join(', ')}.`,
    next: names.map((known) => `qo ritual start ${known}`),
  })
}
