import {setTimeout as sleep} from 'node:timers/promises'
import type {Clock} from '../desk.ts'

/** The machine's clocks: the one place where "now" enters. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms) => {
    await sleep(ms)
  },
}
