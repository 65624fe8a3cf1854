import type {ComponentName} from '../../contracts/selection.ts'
import {carry} from './carry.ts'
import {cost} from './cost.ts'
import {history} from './history.ts'
import {liquidity} from './liquidity.ts'
import type {Measure} from './measure.ts'
import {momentum} from './momentum.ts'
import {openInterestGrowth} from './open-interest-growth.ts'
import {quality} from './quality.ts'
import {volatility} from './volatility.ts'

export type {EntryCosts} from './measure.ts'

/** `correlation` is missing here: it depends on what is already chosen, see `correlation.ts`. */
export const COMPONENTS = {
  liquidity,
  cost,
  quality,
  history,
  volatility,
  momentum,
  carry,
  open_interest_growth: openInterestGrowth,
} satisfies Record<Exclude<ComponentName, 'correlation'>, Measure>
