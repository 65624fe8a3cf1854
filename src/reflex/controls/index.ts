import {ControlId, type ControlVerdict} from '../../contracts/orders.ts'
import {c01LimitsValid} from './c01-limits-valid.ts'
import {c02LatchAbsent} from './c02-latch-absent.ts'
import {c05InstrumentAllowed} from './c05-instrument-allowed.ts'
import {c06OrderNotional} from './c06-order-notional.ts'
import {c07OrderSize} from './c07-order-size.ts'
import {c08PriceCollar} from './c08-price-collar.ts'
import {c09ReferencePrice} from './c09-reference-price.ts'
import {c10Position} from './c10-position.ts'
import {c11Leverage} from './c11-leverage.ts'
import {c15MessageRate} from './c15-message-rate.ts'
import {c17Duplicate} from './c17-duplicate.ts'
import {c20OpenOrders} from './c20-open-orders.ts'
import {c21DailyLoss} from './c21-daily-loss.ts'
import type {Control, ControlInput} from './control-input.ts'
import {reducesRisk} from './reduces-risk.ts'

/** Every control of this version: an id without code, or code without id, does not compile. */
export const CONTROLS = {
  C01: c01LimitsValid,
  C02: c02LatchAbsent,
  C05: c05InstrumentAllowed,
  C06: c06OrderNotional,
  C07: c07OrderSize,
  C08: c08PriceCollar,
  C09: c09ReferencePrice,
  C10: c10Position,
  C11: c11Leverage,
  C15: c15MessageRate,
  C17: c17Duplicate,
  C20: c20OpenOrders,
  C21: c21DailyLoss,
} as const satisfies Record<ControlId, Control>

/**
 * The verdict on one intent: the controls in their fixed order, the first failure wins.
 *
 * A control that throws has not passed: the order is refused under its id.
 */
export function judgeIntent(input: ControlInput, limitsSha: string | null): ControlVerdict {
  const reduces = reducesRisk(input)
  for (const id of ControlId.options) {
    const control: Control = CONTROLS[id]
    if (reduces && control.scope === 'increasing') continue
    const refusal = refusalOf(control, input)
    if (refusal === null) continue
    return {
      pass: false,
      control: id,
      action: refusal.action ?? 'reject',
      reason: refusal.reason,
      value: refusal.value ?? null,
      limit: refusal.limit ?? null,
      reduces,
      limitsSha,
    }
  }
  return {
    pass: true,
    control: null,
    action: 'none',
    reason: 'all controls passed',
    value: null,
    limit: null,
    reduces,
    limitsSha,
  }
}

function refusalOf(control: Control, input: ControlInput): ReturnType<Control['check']> {
  try {
    return control.check(input)
  } catch (cause) {
    return {reason: `the control could not be evaluated: ${cause instanceof Error ? cause.message : String(cause)}`}
  }
}
