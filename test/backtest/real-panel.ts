import {asyncBufferFromFile, parquetReadObjects} from 'hyparquet'
import {compressors} from 'hyparquet-compressors'
import {BAR, type InputName, type Panel} from '../../src/contracts/panel.ts'
import {HOUR_MS} from '../../src/kernel/instant.ts'

/** Hourly candles and funding of some coins as recorded, on one grid from an instant; a bar that is not there is absent. */
export async function realPanel(
  candles: string,
  payments: string,
  coins: Readonly<Record<string, number>>,
  {from, bars}: {from: number; bars: number},
): Promise<Panel> {
  const names = Object.keys(coins)
  const read = async (path: string, columns: string[]): Promise<Record<string, unknown>[]> =>
    (await parquetReadObjects({file: await asyncBufferFromFile(path), compressors, columns})).filter(({symbol}) =>
      names.includes(String(symbol)),
    )
  const rows = await read(candles, ['ts', 'symbol', 'open', 'high', 'low', 'close', 'volume'])
  const first = from
  const ts = Float64Array.from({length: bars}, (_, t) => first + t * HOUR_MS)
  const inputs: readonly InputName[] = ['open', 'high', 'low', 'close', 'volume', 'funding']
  const series = new Map(inputs.map((name) => [name, names.map(() => new Float64Array(bars).fill(Number.NaN))]))
  const state = names.map(() => new Uint8Array(bars).fill(BAR.absent))
  for (const row of rows) {
    const t = (Number(row['ts']) - first) / HOUR_MS
    const a = names.indexOf(String(row['symbol']))
    if (t < 0 || t >= bars) continue
    state[a]![t] = BAR.live
    for (const name of inputs) if (name !== 'funding') series.get(name)![a]![t] = Number(row[name])
  }
  // A payment recorded some milliseconds after the hour falls on the position held before it.
  for (const row of await read(payments, ['ts', 'symbol', 'rate'])) {
    const t = Math.floor((Number(row['ts']) - first) / HOUR_MS)
    const a = names.indexOf(String(row['symbol']))
    if (t >= 0 && t < bars) series.get('funding')![a]![t] = Number(row['rate'])
  }
  return {
    ...{venue: 'hyperliquid', interval: '1h', barMs: HOUR_MS, ts, assets: names, series, state},
    fundingAtOpen: series.get('funding')!,
    availableAt: names.map(() => ts.map((open) => open + HOUR_MS)),
    sizeDecimals: Object.values(coins),
    ...{universe: 'derived', completeFrom: null, survivorSource: false, aggregatedFrom: null, dataSha: '0'.repeat(64)},
  }
}
