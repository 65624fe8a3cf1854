import {afterEach, beforeEach, expect, it} from 'vitest'
import {Book, Trades} from '../../src/contracts/market.ts'
import {lakeStatus} from '../../src/operations/lake-status.ts'
import {deskAt, newWorkspace, removeWorkspace} from './workspace.ts'

const START = Date.UTC(2025, 5, 10)

let root: string
beforeEach(() => {
  root = newWorkspace()
})
afterEach(() => removeWorkspace(root))

it('lake status marks the trades and books of each coin', async () => {
  const desk = await deskAt(root)
  const at = (...ms: number[]): Float64Array => Float64Array.from(ms, (one) => START + one)
  await desk.lake.append({
    ...{table: Trades, venue: 'binance', source: 'test'},
    rows: {
      count: 2,
      columns: {
        ...{coin: ['BTC', 'BTC'], ts: at(0, 10), tid: ['1', '2'], aggressor: ['buy', 'sell']},
        ...{px: Float64Array.of(100, 101), sz: Float64Array.of(1, 1), available_at: at(30, 20)},
      },
    },
  })
  const levels = (...px: number[]): Float64Array[] => px.map((one) => Float64Array.of(one))
  await desk.lake.append({
    ...{table: Book, venue: 'binance', source: 'test'},
    rows: {
      count: 2,
      columns: {
        coin: ['BTC', 'BTC'],
        ts: at(0, 10),
        feed: ['fast', 'fast'],
        digest: ['a', 'b'],
        available_at: at(0, 10),
      },
      lists: {
        ...{bid_px: levels(100, 102), bid_sz: levels(1, 1), bid_n: levels(1, 1)},
        ...{ask_px: levels(101, 101), ask_sz: levels(1, 1), ask_n: levels(1, 1)},
      },
    },
  })
  const {streams} = await lakeStatus(desk, {coins: true})
  expect(streams).toMatchObject([
    {table: 'trades', coins: [{coin: 'BTC', rows: 2, marks: {out_of_order_share: 'bad', repeated_id_share: 'ok'}}]},
    {table: 'book', coins: [{coin: 'BTC', figures: {crossed_share: 0.5, empty_share: 0}, mark: 'bad'}]},
  ])
})
