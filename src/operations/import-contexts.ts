import {AssetCtx, Funding, Universe} from '../contracts/market.ts'
import type {Desk, LakeAppend, SourceFile} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {DAY_MS, dayOf} from '../kernel/instant.ts'
import type {RawRows, Reject} from '../sensory/check-rows.ts'
import {contextFunding} from '../sensory/context-funding.ts'
import {contextUniverse, type KnownCoin} from '../sensory/context-universe.ts'
import {orderRows} from '../sensory/order-rows.ts'
import {timesOfNumbers, timesOfTexts} from '../sensory/read-times.ts'
import {leaveQuarantine, tooManyBad} from './quarantine.ts'
import {numbers, texts} from './read-lake.ts'

/** Columns of the archive's contexts. */
const CONTEXT_COLUMNS = [
  ...['time', 'coin', 'funding', 'open_interest', 'prev_day_px', 'day_ntl_vlm', 'premium', 'oracle_px', 'mark_px'],
  ...['mid_px', 'impact_bid_px', 'impact_ask_px'],
] as const

/** Ours -> theirs. */
const FIELDS = {
  mark_px: 'mark_px',
  oracle_px: 'oracle_px',
  mid_px: 'mid_px',
  prev_day_px: 'prev_day_px',
  funding: 'funding',
  premium: 'premium',
  open_interest: 'open_interest',
  day_notional: 'day_ntl_vlm',
} as const

export interface ContextImport {
  readonly path: string
  readonly venue: string
  readonly source: string
  /** epoch ms of the day the file is about */
  readonly day: number
  readonly maxBad: number
}

export interface Imported {
  readonly added: number
  readonly revised: number
  readonly unchanged: number
  readonly quarantined: number
}

/**
 * One day of contexts: the contexts, the hourly funding they foretold, and the instrument list of the day with its dead.
 * The list is committed last: where it is, the rest is.
 *
 * @throws Fault `ingest.bad_lz4`, `ingest.wrong_period`, `ingest.missing_columns`, `ingest.too_many_bad` (data)
 */
export async function importContexts(desk: Desk, request: ContextImport): Promise<Imported> {
  const {path, venue, source, day, maxBad} = request
  const file = await desk.lake.openSource(path, {columns: CONTEXT_COLUMNS})
  try {
    const {raw, rejects} = await readContexts(file, day)
    const quarantine = await leaveQuarantine(desk, file, rejects)
    if (raw.count === 0 || rejects.length / raw.count > maxBad) {
      throw tooManyBad(file.name, raw.count, rejects, {maxBad}, quarantine)
    }
    const {order} = orderRows(raw, rejects)
    const pick = (values: Float64Array): Float64Array => Float64Array.from(order, (row) => values[row]!)
    const coin = Array.from(order, (row) => raw.coin[row]!)
    const ts = pick(raw.ts)
    const fields = Object.fromEntries(
      Object.entries(raw.numbers).map(([name, values]) => [name, pick(values)] as const),
    )
    const batch = {venue, source, receivedAt: desk.asOf, quarantined: rejects.length}
    const contexts = {count: coin.length, columns: {coin, ts, ...fields, available_at: ts}}
    const total = {added: 0, revised: 0, unchanged: 0, quarantined: rejects.length}
    const append = async (part: Pick<LakeAppend, 'table' | 'rows'>): Promise<void> => {
      const outcome = await desk.lake.append({...batch, ...part})
      total.added += outcome.added
      total.revised += outcome.revised
      total.unchanged += outcome.unchanged
    }
    await append({table: AssetCtx, rows: contexts})
    const rates = {coin, ts, funding: fields['funding']!, premium: fields['premium']!}
    const {availableAt, count, ...payments} = contextFunding(rates, await paidIn(desk, venue, day))
    await append({table: Funding, rows: {count, columns: {...payments, available_at: availableAt}}})
    await append({table: Universe, rows: await universeOf(desk, venue, day, coin)})
    return total
  } finally {
    await file.close()
  }
}

async function readContexts(file: SourceFile, day: number): Promise<{raw: RawRows; rejects: Reject[]}> {
  const missing = ['time', 'coin', ...Object.values(FIELDS)].filter(
    (name) => !file.columns.some((one) => one.name === name),
  )
  if (missing.length > 0) throw missingColumns(file.name, missing)
  const isNumber = file.columns.find(({name}) => name === 'time')!.numericShare > 0.5
  const wanted = Object.values(FIELDS).map((name) => [name, 'number'] as const)
  const rows = await file.read({time: isNumber ? 'number' : 'text', coin: 'text', ...Object.fromEntries(wanted)})
  // The archive's times are UTC, with the zone written or not.
  const times = isNumber ? timesOfNumbers(numbers(rows, 'time'), 'ms') : timesOfTexts(texts(rows, 'time'), 'UTC')
  const fields = Object.entries(FIELDS).map(([ours, theirs]) => [ours, numbers(rows, theirs)] as const)
  const raw: RawRows = {count: rows.count, ts: times.ts, coin: texts(rows, 'coin'), numbers: Object.fromEntries(fields)}
  const rejects: Reject[] = []
  for (let i = 0; i < raw.count; i++) {
    const reason = times.troubles.get(i) ?? whyNone(raw, i, day)
    if (reason !== null) rejects.push({row: i, reason})
  }
  return {raw, rejects}
}

function whyNone({ts, coin, numbers: {mark_px: mark}}: RawRows, i: number, day: number): string | null {
  if (coin[i] === '') return 'coin is missing'
  if (ts[i]! < day || ts[i]! >= day + DAY_MS) return `time is not of ${dayOf(day)}`
  return mark![i]! > 0 && mark![i]! < Infinity ? null : 'mark_px is not a price above zero'
}

/** Settlements of the day that have a payment. */
async function paidIn(desk: Desk, venue: string, day: number): Promise<(coin: string, settles: number) => boolean> {
  const rows = await desk.lake.read({
    ...{table: Funding, venue, from: day, to: day + 2 * DAY_MS, asOf: Number.MAX_SAFE_INTEGER, columns: ['settles']},
    ...{purpose: {kind: 'live'}, holes: 'allow'},
  })
  const [coin, settles] = [texts(rows, 'coin'), numbers(rows, 'settles')]
  const paid = new Set(coin.map((name, i) => `${name} ${settles[i]}`))
  return (name, at) => paid.has(`${name} ${at}`)
}

async function universeOf(
  desk: Desk,
  venue: string,
  day: number,
  coin: readonly string[],
): Promise<LakeAppend['rows']> {
  const rows = await desk.lake.read({
    ...{table: Universe, venue, to: day + DAY_MS, asOf: Number.MAX_SAFE_INTEGER, purpose: {kind: 'live'}},
    ...{columns: ['first_seen', 'last_seen', 'sz_decimals'], holes: 'allow'},
  })
  const [name, ts] = [texts(rows, 'coin'), numbers(rows, 'ts')]
  const [first, last, decimals] = ['first_seen', 'last_seen', 'sz_decimals'].map((column) => numbers(rows, column))
  const known = new Map<string, KnownCoin>()
  const told = new Set<string>()
  for (let i = 0; i < rows.count; i++) {
    const before = known.get(name[i]!)
    if (ts[i] === day && !Number.isNaN(decimals![i]!)) told.add(name[i]!)
    if (ts[i]! >= day) continue
    known.set(name[i]!, {
      first: Math.min(first![i]!, before?.first ?? Infinity),
      last: Math.max(last![i]!, before?.last ?? -Infinity),
    })
  }
  return contextUniverse(coin, day, known, told).rows
}

const missingColumns = (name: string, missing: readonly string[]): Fault =>
  new Fault('ingest.missing_columns', {
    family: 'data',
    what: `${name} has no column for ${missing.join(', ')}.`,
    why: `The archive's contexts have ${CONTEXT_COLUMNS.join(', ')}.`,
    next: ['check --base-url'],
  })
