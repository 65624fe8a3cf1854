import {ago, type Line, type Span, span} from '../line.ts'
import {type GuardView, isHalted} from '../view.ts'

/** May anything be traded, and who says so. A latch that cannot be read is a halt. */
export function guardPanel(guard: GuardView, asOf: number): Line[] {
  const {state, mode, account, trouble} = guard
  const machine = mode === null ? 'guard not running; trade starts it' : `guard ${state ?? 'silent'} · ${mode}`
  const where = account === null ? '' : ` · ${account.slice(0, 8)}…${account.slice(-4)}`
  const lines: Line[] = [[headline(guard), span(` ${why(guard, asOf)}`)], [span(`${machine}${where}${pending(guard)}`)]]
  if (trouble !== null) lines.push([span('!', 'warning'), span(` ${trouble.replaceAll('\n', ' ')}`)])
  return lines
}

function headline(guard: GuardView): Span {
  if (isHalted(guard)) return span(' HALTED ', 'alarm')
  if (guard.state === 'REDUCE_ONLY') return span('REDUCE ONLY', 'warning')
  return guard.mode === null ? span('IDLE', 'strong') : span('ARMED', 'good')
}

function why(guard: GuardView, asOf: number): string {
  const {latch, state, intact, cause, reason, engagedAt} = guard
  if (latch === 'unreadable') return 'the latch cannot be read: its absence is not proven'
  if (!intact) return "the guard's own record is damaged: nothing proves that no halt is running"
  if (!isHalted(guard)) return 'no latch'
  const since =
    engagedAt === null || Number.isNaN(Date.parse(engagedAt)) ? '' : ` ${ago(asOf - Date.parse(engagedAt))} ago`
  const story = [cause, reason].filter((part) => part !== null && part !== '').join(': ')
  const missing = latch === 'absent' ? ' · the latch file is gone, the halt is not released' : ''
  return `${state ?? 'latched'}${since}${story === '' ? '' : ` · ${story}`}${missing}`
}

const pending = ({unresolved}: GuardView): string =>
  unresolved === null || unresolved === 0 ? '' : ` · ${unresolved} order(s) of unknown fate`
