import {Fault} from '../kernel/fault.ts'
import {isoOf} from '../kernel/instant.ts'
import type {GapScope} from './gap-ledger.ts'

/** A stretch of a coin's time without rows, as a refusal names it. */
export interface Hole {
  readonly coin: string
  readonly from: number
  readonly to: number
  readonly state: string
  readonly cause: string
}

/** Coins and spans that a refusal spells out; the rest is counted. */
const NAMED = 3

/** The refusal of a read over missing data: which coins miss most, where, and how to read all the same. */
export function holeFault({table, venue, interval}: GapScope, holes: readonly Hole[]): Fault {
  const byCoin = new Map<string, Hole[]>()
  for (const hole of holes) byCoin.set(hole.coin, [...(byCoin.get(hole.coin) ?? []), hole])
  const lost = (mine: readonly Hole[]): number => mine.reduce((sum, {from, to}) => sum + to - from, 0)
  const worst = [...byCoin].sort(([, a], [, b]) => lost(b) - lost(a))
  const lines = worst.slice(0, NAMED).map(([coin, mine]) => {
    const [first] = [...mine].sort((a, b) => b.to - b.from - (a.to - a.from))
    const more = mine.length > 1 ? ` and ${mine.length - 1} more` : ''
    return `${coin}: ${spanText(first!)} ${first!.state} (${first!.cause})${more}`
  })
  if (worst.length > NAMED) lines.push(`… and ${worst.length - NAMED} more coins`)
  const where = [table, venue, ...(interval === null ? [] : [interval])].join(' ')
  return new Fault('lake.hole', {
    family: 'data',
    what: `${where}: ${holes.length} ${holes.length === 1 ? 'hole' : 'holes'} in ${byCoin.size} ${byCoin.size === 1 ? 'coin' : 'coins'}.\n${lines.join('\n')}`,
    why: 'Rows are missing where this was to read; what is computed over a hole looks like the market and is not.',
    next: [
      `qo lake gaps --table ${table} --venue ${venue}`,
      'fill it: qo ingest, or import the missing rows',
      '--allow-gaps reads it all the same, and the result says so',
    ],
  })
}

const spanText = ({from, to}: Hole): string => `${isoOf(from).slice(0, 16)} … ${isoOf(to).slice(0, 16)}`
