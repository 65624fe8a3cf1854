import type {Control} from './control-input.ts'

/** No limits, no order: a file that is missing or has one unknown key is not replaced by defaults. */
export const c01LimitsValid: Control = {
  id: 'C01',
  name: 'limits file valid',
  scope: 'every',
  check: ({limits, limitsTrouble}) =>
    limits === null ? {reason: limitsTrouble ?? 'configs/risk_limits.yaml is not valid', action: 'halt'} : null,
}
