import {Fault} from '../kernel/fault.ts'
import {INTERVAL_MS, type Interval} from '../kernel/instant.ts'
import {median} from '../kernel/median.ts'

/** Rows of one coin, one behind the other: the form everything per coin works on. */
export interface CoinSpan {
  readonly coin: string
  readonly from: number
  readonly to: number
}

/** Runs of equal names in ordered rows. */
export function coinSpans(coin: readonly string[]): CoinSpan[] {
  const spans: CoinSpan[] = []
  for (let from = 0; from < coin.length; ) {
    let to = from + 1
    while (to < coin.length && coin[to] === coin[from]) to++
    spans.push({coin: coin[from]!, from, to})
    from = to
  }
  return spans
}

/**
 * The median step between bars must be the declared interval: hourly bars imported as daily ones would be silently wrong.
 *
 * @param ts      shape [rows], ordered by coin and time
 * @throws Fault  `ingest.wrong_interval` (data)
 */
export function checkInterval(ts: Float64Array, spans: readonly CoinSpan[], interval: Interval): void {
  const expected = INTERVAL_MS[interval]
  let [all, right] = [0, 0]
  for (const {from, to} of spans) {
    all += to - from - 1
    for (let i = from + 1; i < to; i++) if (ts[i]! - ts[i - 1]! === expected) right++
  }
  // More than half of them are the median: the rest need not be put in order.
  if (2 * right > all) return
  const steps = new Float64Array(Math.max(0, ts.length - spans.length))
  let k = 0
  for (const {from, to} of spans) for (let i = from + 1; i < to; i++) steps[k++] = ts[i]! - ts[i - 1]!
  if (steps.length === 0) return
  const step = median(steps)
  if (step === expected) return
  const name = Object.entries(INTERVAL_MS).find(([, ms]) => ms === step)?.[0]
  throw new Fault('ingest.wrong_interval', {
    family: 'data',
    what: `The bars are ${name ?? `${step / 1000} s`} apart, not ${interval}.`,
    why: 'The median step between rows of one coin must be the declared interval.',
    next: [name === undefined ? 'check --unit and --interval' : `--interval ${name}`],
  })
}
