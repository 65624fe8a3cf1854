import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {openDesk} from '../../src/cli/open-desk.ts'
import {Candles} from '../../src/contracts/market.ts'
import type {InputName} from '../../src/contracts/panel.ts'
import type {Desk, LakeQuery} from '../../src/desk.ts'
import {DAY_MS} from '../../src/kernel/instant.ts'
import {loadPanel} from '../../src/operations/load-panel.ts'

const START = Date.UTC(2025, 0, 1)

describe('a panel from the lake', () => {
  let root: string
  let desk: Desk
  let asked: string[][]
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'qo-panel-'))
    const plain = await openDesk({
      ...{root, asOf: undefined, dryRun: false, allowGaps: true, quiet: true, needsWorkspace: false},
    })
    asked = []
    const read = (query: LakeQuery) => {
      if (query.table.id === Candles.id) asked.push([...query.columns!])
      return plain.lake.read(query)
    }
    desk = {...plain, lake: Object.assign(Object.create(plain.lake), {read})}
  })
  afterEach(() => rmSync(root, {recursive: true, force: true}))

  /** Daily bars at 100 until the fourth day, and from day `back` on at `px`. */
  async function append(back: number, px: number): Promise<void> {
    const days = [0, 1, 2, 3, back, back + 1]
    const prices = Float64Array.from(days, (day) => (day < back ? 100 : px))
    const ts = Float64Array.from(days, (day) => START + day * DAY_MS)
    const [volume, trades] = [new Float64Array(6).fill(1), new Float64Array(6).fill(Number.NaN)]
    await desk.lake.append({
      ...{table: Candles, venue: 'sim', interval: '1d', source: 'test', receivedAt: START + 99 * DAY_MS},
      rows: {
        count: 6,
        columns: {
          ...{coin: days.map(() => 'A'), ts, volume, trades, available_at: ts.map((open) => open + DAY_MS)},
          ...{open: prices, high: prices, low: prices, close: prices},
        },
      },
    })
  }
  const assetsOf = async (inputs: readonly InputName[]): Promise<readonly string[]> =>
    (await loadPanel(desk, {venue: 'sim', interval: '1d', inputs, purpose: {kind: 'live'}})).assets

  it.each([
    ['a few days and another price is another asset', 9, 1000, ['A', 'A#2'], true],
    ['a few days and nearly the price is the same asset', 9, 120, ['A'], true],
    ['long is another asset at any price', 19, 100, ['A', 'A#2'], false],
    ['no whole three days is the same asset at any price', 6, 1000, ['A'], false],
  ])('knows that a name that was away %s, also where no opens were asked for', async (_, back, px, assets, opens) => {
    await append(back, px)
    expect(await assetsOf(['close', 'volume'])).toEqual(assets)
    expect(asked.flat().includes('open')).toBe(opens)
    expect(await assetsOf(['open', 'close', 'volume'])).toEqual(assets)
  })
})
