import type {Kernel, Operator} from './operator.ts'
import {WINDOW_SUMS} from './window-sums.ts'

/** (high + low + close)/3: what the bare name `vwap` means where the lake has no trades. */
export const typicalPrice: Kernel = ([h, l, c], _, out) => {
  const [high, low, close] = [h!.values, l!.values, c!.values]
  for (let i = 0; i < out.length; i++) out[i] = (high[i]! + low[i]! + close[i]!) / 3
}

/** Volume-weighted typical price: nothing where nothing traded in the whole window. */
const vwap: Kernel = ([h, l, c, v], constants, out, frame, text) => {
  const [high, low, close, volume] = [h!.values, l!.values, c!.values, v!.values]
  const [traded, turnover] = [new Float64Array(out.length), new Float64Array(out.length)]
  for (let i = 0; i < out.length; i++) {
    const size = volume[i]!
    const paid = ((high[i]! + low[i]! + close[i]!) / 3) * size
    turnover[i] = paid
    // A hole in the price is a hole in both sums.
    traded[i] = paid - paid === 0 ? size : Number.NaN
  }
  const total = new Float64Array(out.length)
  WINDOW_SUMS.ts_sum.run([{values: traded, step: 1}], constants, total, frame, text)
  WINDOW_SUMS.ts_sum.run([{values: turnover, step: 1}], constants, out, frame, text)
  for (let i = 0; i < out.length; i++) out[i] = total[i]! > 0 ? out[i]! / total[i]! : Number.NaN
}

const adv: Kernel = ([c, v], constants, out, frame, text) => {
  const [close, volume] = [c!.values, v!.values]
  const notional = new Float64Array(out.length)
  for (let i = 0; i < out.length; i++) notional[i] = close[i]! * volume[i]!
  WINDOW_SUMS.ts_mean.run([{values: notional, step: 1}], constants, out, frame, text)
}

export const VOLUME = {
  vwap: {
    family: 'time',
    summary: 'volume-weighted (high + low + close)/3 of the last n bars',
    args: ['window'],
    implicit: ['high', 'low', 'close', 'volume'],
    memory: ([n]) => n! - 1,
    run: vwap,
  },
  adv: {
    family: 'time',
    summary: 'mean of close × volume over the last n bars',
    args: ['window'],
    implicit: ['close', 'volume'],
    memory: ([n]) => n! - 1,
    run: adv,
  },
} satisfies Record<string, Operator>
