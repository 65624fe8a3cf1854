import {z} from 'zod'

const Tape = z.looseObject({trades: z.array(z.looseObject({tid: z.number().int(), time: z.number().int()}))})

/** One public trade on the practice venue's tape. */
export interface TapeTrade {
  readonly tid: number
  /** venue time, epoch ms */
  readonly time: number
}

/** The reply of a venue that keeps a tape; null for any other. */
export function tapeTrades(reply: unknown): readonly TapeTrade[] | null {
  const parsed = Tape.safeParse(reply)
  return parsed.success ? parsed.data.trades : null
}
