import type {Kernel, Operator} from './operator.ts'

/**
 * 1 from `enter` until `exit`, else 0; exit wins when both are true.
 *
 * Where either is unknown there is no value on that bar and the state waits.
 */
const latch: Kernel = ([a, b], _, out, {assetCount, barCount}) => {
  for (let asset = 0; asset < assetCount; asset++) {
    let state = 0
    for (let t = 0, i = asset * barCount; t < barCount; t++, i++) {
      const [enter, exit] = [a!.values[i * a!.step]!, b!.values[i * b!.step]!]
      if (Number.isNaN(enter) || Number.isNaN(exit)) {
        out[i] = Number.NaN
        continue
      }
      state = exit !== 0 ? 0 : enter !== 0 ? 1 : state
      out[i] = state
    }
  }
}

/** The newest value other than 0 of the last n bars, else 0. A hole younger than it hides it. */
const hold: Kernel = ([a], [n], out, {assetCount, barCount}) => {
  const x = a!.values
  for (let asset = 0; asset < assetCount; asset++) {
    let [event, hole] = [Number.NEGATIVE_INFINITY, -1]
    for (let t = 0; t < barCount; t++) {
      const v = x[asset * barCount + t]!
      if (Number.isNaN(v)) hole = t
      else if (v !== 0) event = t
      const seen = event > hole && t - event < n!
      // Bars before the first one are a hole as well: the window is not full.
      const blind = t - hole < n!
      out[asset * barCount + t] = seen ? x[asset * barCount + event]! : blind ? Number.NaN : 0
    }
  }
}

const barsSince: Kernel = ([a], _, out, {assetCount, barCount}) => {
  const x = a!.values
  for (let asset = 0; asset < assetCount; asset++) {
    let age = Number.NaN
    for (let t = 0, i = asset * barCount; t < barCount; t++, i++) {
      const v = x[i]!
      // After a hole nobody knows whether it was true in between, until it is true again.
      age = Number.isNaN(v) ? Number.NaN : v !== 0 ? 0 : age + 1
      out[i] = age
    }
  }
}

export const STATE = {
  latch: {
    family: 'reference',
    summary: '1 from enter until exit, else 0; exit wins',
    args: ['any', 'any'],
    unbounded: true,
    run: latch,
  },
  hold: {
    family: 'reference',
    summary: 'the newest value other than 0 of the last n bars, else 0',
    args: ['series', 'window'],
    memory: ([n]) => n! - 1,
    run: hold,
  },
  bars_since: {
    family: 'time',
    summary: 'bars since x was last true, 0 = now; nothing before the first time',
    args: ['series'],
    unbounded: true,
    run: barsSince,
  },
  since_funding: {
    family: 'calendar',
    summary: 'bars since the last funding payment, 0 = in this bar',
    args: [],
    implicit: ['funding'],
    unbounded: true,
    run: barsSince,
  },
} satisfies Record<string, Operator>
