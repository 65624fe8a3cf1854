import type {PlannedRequest} from './plan-ingest.ts'

/** What a plan costs, and for what. */
export interface PlanFigures {
  readonly requests: number
  readonly weight: number
  /** at the rate that history may use of the venue's limit */
  readonly minutes: number
  readonly parts: readonly {
    readonly table: string
    readonly interval: string | null
    readonly why: string
    readonly coins: number
    readonly requests: number
    readonly weight: number
  }[]
}

/** History may use three quarters of the limit; the rest is for the guard and for small reads. */
const HISTORY_SHARE = 0.75

/** Sums of a plan by table, interval and reason. `perMinute` is the weight the venue allows. */
export function planFigures(requests: readonly PlannedRequest[], perMinute: number): PlanFigures {
  const parts = new Map<string, PlannedRequest[]>()
  for (const request of requests) {
    const key = `${request.table} ${request.interval} ${request.why}`
    parts.set(key, [...(parts.get(key) ?? []), request])
  }
  const count = (list: readonly PlannedRequest[]): number => list.reduce((sum, {pages}) => sum + pages, 0)
  const weigh = (list: readonly PlannedRequest[]): number => list.reduce((sum, {weight}) => sum + weight, 0)
  return {
    requests: count(requests),
    weight: weigh(requests),
    minutes: Math.ceil(weigh(requests) / (perMinute * HISTORY_SHARE)),
    parts: [...parts.values()].map((list) => {
      const {table, interval, why} = list[0]!
      const coins = new Set(list.map(({coin}) => coin)).size
      return {table, interval, why, coins, requests: count(list), weight: weigh(list)}
    }),
  }
}
