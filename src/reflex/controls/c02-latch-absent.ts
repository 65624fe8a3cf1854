import type {Control} from './control-input.ts'
import {reducesRisk} from './reduces-risk.ts'

/** While the latch is there only cancels pass; in reduce-only mode only what provably reduces. */
export const c02LatchAbsent: Control = {
  id: 'C02',
  name: 'latch absent',
  scope: 'every',
  check(input) {
    if (input.latched !== false)
      return {reason: 'the latch is engaged, or its absence cannot be proven', action: 'halt'}
    if (input.reduceOnly !== null && !reducesRisk(input)) {
      return {reason: `only reductions pass: ${input.reduceOnly}`, action: 'reduce_only'}
    }
    return null
  },
}
