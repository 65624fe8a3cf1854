import {type Kernel, type Operator, windowOperator} from './operator.ts'

/**
 * Rolling extreme in O(T) by a monotone deque: indices whose values could still become the extreme, oldest first.
 *
 * Equal values keep the older index, so `argmax` and `argmin` report the oldest of a tie. A hole empties the window.
 *
 * @see Lemire (2006), Streaming maximum-minimum filter
 */
const extreme =
  (direction: 1 | -1, report: 'value' | 'age'): Kernel =>
  ([a], [n], out, {assetCount, barCount}) => {
    const x = a!.values
    const deque = new Int32Array(barCount)
    for (let asset = 0; asset < assetCount; asset++) {
      let [run, head, tail] = [0, 0, 0]
      for (let t = 0, i = asset * barCount; t < barCount; t++, i++) {
        const v = x[i]!
        if (Number.isNaN(v)) {
          run = head = tail = 0
          out[i] = Number.NaN
          continue
        }
        while (tail > head && direction * (v - x[deque[tail - 1]!]!) > 0) tail--
        deque[tail++] = i
        if (deque[head]! <= i - n!) head++
        if (++run < n!) out[i] = Number.NaN
        else out[i] = report === 'value' ? x[deque[head]!]! : i - deque[head]!
      }
    }
  }

export const WINDOW_EXTREMES = {
  ts_min: windowOperator('smallest of the last n bars', extreme(-1, 'value')),
  ts_max: windowOperator('largest of the last n bars', extreme(1, 'value')),
  ts_argmin: windowOperator('bars since the smallest of the last n, 0 = now', extreme(-1, 'age')),
  ts_argmax: windowOperator('bars since the largest of the last n, 0 = now', extreme(1, 'age')),
} satisfies Record<string, Operator>
