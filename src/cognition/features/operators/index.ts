import type {OperatorName} from '../../../contracts/features.ts'
import type {CallName} from '../expression.ts'
import {ARITHMETIC} from './arithmetic.ts'
import {CALENDAR} from './calendar.ts'
import {CHANGE} from './change.ts'
import {CROSS_SECTION} from './cross-section.ts'
import {ELEMENT} from './element.ts'
import {LOOK_AHEAD} from './look-ahead.ts'
import type {Operator} from './operator.ts'
import {REFERENCE} from './reference.ts'
import {SMOOTHING} from './smoothing.ts'
import {STATE} from './state.ts'
import {VOLUME} from './volume.ts'
import {WINDOW_EXTREMES} from './window-extremes.ts'
import {WINDOW_MOMENTS} from './window-moments.ts'
import {WINDOW_ORDER} from './window-order.ts'
import {WINDOW_PAIRS} from './window-pairs.ts'
import {WINDOW_SUMS} from './window-sums.ts'
import {WINDOW_WEIGHTS} from './window-weights.ts'

/** Operators by name. A name of the contract without code does not compile. */
export const OPERATORS = {
  ...ELEMENT,
  ...CHANGE,
  ...WINDOW_SUMS,
  ...WINDOW_MOMENTS,
  ...WINDOW_EXTREMES,
  ...WINDOW_ORDER,
  ...WINDOW_PAIRS,
  ...WINDOW_WEIGHTS,
  ...SMOOTHING,
  ...VOLUME,
  ...STATE,
  ...CROSS_SECTION,
  ...CALENDAR,
  ...REFERENCE,
  ...LOOK_AHEAD,
} satisfies Record<OperatorName, Operator>

const ALL: Readonly<Record<CallName, Operator>> = {...ARITHMETIC, ...OPERATORS}

/** The operator behind a call, written with a name or a symbol. */
export const operatorOf = (name: CallName): Operator => ALL[name]
