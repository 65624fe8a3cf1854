import type {Kernel, Operator} from './operator.ts'

/** The value k bars later. */
const lead: Kernel = ([a], [k], out, {assetCount, barCount}) => {
  const x = a!.values
  for (let asset = 0; asset < assetCount; asset++) {
    const [start, end] = [asset * barCount, (asset + 1) * barCount]
    for (let i = start; i < end; i++) out[i] = i + k! < end ? x[i + k!]! : Number.NaN
  }
}

/** Mean of a window around the bar; an even window leans to the past, as pandas' centred windows do. */
const centredMean: Kernel = ([a], [n], out, {assetCount, barCount}) => {
  const x = a!.values
  const ahead = Math.floor((n! - 1) / 2)
  for (let asset = 0; asset < assetCount; asset++) {
    const [start, end] = [asset * barCount, (asset + 1) * barCount]
    for (let i = start; i < end; i++) {
      const [first, last] = [i + ahead - n! + 1, i + ahead]
      let sum = first >= start && last < end ? 0 : Number.NaN
      for (let k = Math.max(first, start); k <= last && k < end; k++) sum += x[k]!
      out[i] = Number.isFinite(sum) ? sum / n! : Number.NaN
    }
  }
}

/** One figure of an asset's whole history, on every bar that has a value. */
const whole =
  (figure: (values: readonly number[]) => number): Kernel =>
  ([a], _, out, {assetCount, barCount}) => {
    for (let asset = 0; asset < assetCount; asset++) {
      const row = a!.values.subarray(asset * barCount, (asset + 1) * barCount)
      const value = figure([...row].filter((v) => !Number.isNaN(v)))
      for (let t = 0; t < barCount; t++)
        out[asset * barCount + t] = Number.isFinite(row[t]! + value) ? value : Number.NaN
    }
  }

const mean = (values: readonly number[]): number =>
  values.length === 0 ? Number.NaN : values.reduce((sum, v) => sum + v, 0) / values.length

/** Population deviation (divisor n): the textbook full-sample normalisation. */
function deviation(values: readonly number[]): number {
  const m = mean(values)
  return Math.sqrt(mean(values.map((v) => (v - m) ** 2)))
}

/** Half the step from the bar before to the bar after; at either end the step to the only neighbour. */
const gradient: Kernel = ([a], _, out, {assetCount, barCount}) => {
  const x = a!.values
  for (let asset = 0; asset < assetCount; asset++) {
    const [start, end] = [asset * barCount, (asset + 1) * barCount]
    for (let i = start; i < end; i++) {
      const [from, to] = [Math.max(start, i - 1), Math.min(end - 1, i + 1)]
      const step = to > from ? (x[to]! - x[from]!) / (to - from) : Number.NaN
      out[i] = Number.isFinite(step) ? step : Number.NaN
    }
  }
}

const caught = (args: Operator['args'], summary: string, run: Kernel): Operator => ({
  family: 'look-ahead',
  summary: `${summary}: reads the future`,
  args,
  future: true,
  run,
})

/** Made to be caught: each parses and runs, lint warns, and the audit must answer INVALID. */
export const LOOK_AHEAD = {
  lead: caught(['series', 'window'], 'the value n bars later', lead),
  centred_mean: {
    ...caught(['series', 'window'], 'mean of n bars around this one', centredMean),
    memory: ([n]) => Math.floor(n! / 2),
  },
  whole_mean: caught(['series'], 'mean of the whole history', whole(mean)),
  whole_std: caught(['series'], 'deviation of the whole history', whole(deviation)),
  gradient: caught(['series'], 'half the step from the bar before to the bar after', gradient),
} satisfies Record<string, Operator>
