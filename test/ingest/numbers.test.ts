import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import fc from 'fast-check'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {Candles} from '../../src/contracts/market.ts'
import type {Desk} from '../../src/desk.ts'
import {ingestFile} from '../../src/operations/ingest-file.ts'
import {deskAt, newWorkspace, removeWorkspace, request} from './workspace.ts'

let root: string
let desk: Desk
beforeAll(async () => {
  root = newWorkspace()
  desk = await deskAt(root)
})
afterAll(() => removeWorkspace(root))

/** Prices and sizes as venues write them: up to 17 significant digits would not fit a double, 15 always do. */
const venueText = fc
  .tuple(fc.integer({min: 1, max: 999_999_999}), fc.integer({min: 0, max: 8}), fc.constantFrom('', '0', '00'))
  .map(([digits, decimals, zeros]) => {
    const text = String(digits).padStart(decimals + 1, '0')
    if (decimals === 0) return zeros === '' ? text : `${text}.${zeros}`
    return `${text.slice(0, -decimals)}.${text.slice(-decimals)}${zeros}`
  })

/** The shortest decimal that reads back as the double, without an exponent and without trailing zeros. */
function shortest(value: number): string {
  const [mantissa = '', exponent] = String(value).split('e')
  if (exponent === undefined) return mantissa
  const digits = mantissa.replace('.', '')
  return `0.${'0'.repeat(-Number(exponent) - 1)}${digits}`
}

const trimmed = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)

describe('a number in the lake', () => {
  it('has the text of the venue as its shortest decimal, trailing zeros aside', async () => {
    const texts = fc.sample(venueText, {numRuns: 4000, seed: 20_251_122})
    const start = Date.UTC(2024, 0, 1)
    const lines = texts.map((text, i) => `${start + i * 60_000},A,${text},${text},${text},${text},${text}`)
    const path = join(root, 'texts.csv')
    writeFileSync(path, `ts,symbol,open,high,low,close,volume\n${lines.join('\n')}\n`)
    await ingestFile(desk, request(path, {interval: '1m'}))
    const rows = await desk.lake.read({
      table: Candles,
      venue: 'binance',
      interval: '1m',
      asOf: desk.asOf,
      purpose: {kind: 'research'},
    })
    const close = Array.from(rows.columns['close'] as Float64Array, shortest)
    expect(close).toEqual(texts.map(trimmed))
  })
})
