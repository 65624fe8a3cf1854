import type {Exhibit} from '../../contracts/exhibit.ts'
import type {Check, Stage, StageVerdict} from '../../contracts/gauntlet.ts'

/** A check and what its stage answers when it does not pass. */
export interface Gate {
  readonly check: Check
  readonly because?: string
  readonly otherwise: Exclude<StageVerdict, 'PASS'>
  /** INSUFFICIENT only: the ISO date or the table that would decide */
  readonly decidesOn?: string
  /** what it looks like */
  readonly exhibit?: Exhibit
}

/** A gate with its picture; null: there is nothing to draw. */
export const drawn = (gate: Gate, exhibit: Exhibit | null): Gate => (exhibit === null ? gate : {...gate, exhibit})

/** What a stage hands back: its record, and what would decide it when it could not. */
export interface Judgement {
  readonly stage: Stage
  readonly decidesOn: string | null
}

interface Options {
  readonly note?: string
  /** the sentence when it does not pass; default: value, rule and note */
  readonly because?: string
  readonly otherwise?: Gate['otherwise']
  readonly decidesOn?: string
}

/** Values are compared with this much room, so that a count of exactly 100 reaches 100 after floating-point sums. */
const TIE = 1e-12

/** value >= threshold; NaN never. */
export const atLeast = (name: string, value: number, threshold: number, options: Options = {}): Gate =>
  gate(name, value, '>=', threshold, value >= threshold - TIE, options)

/** value <= threshold; NaN never. */
export const atMost = (name: string, value: number, threshold: number, options: Options = {}): Gate =>
  gate(name, value, '<=', threshold, value <= threshold + TIE, options)

/** value > threshold, strictly; NaN never. */
export const above = (name: string, value: number, threshold: number, options: Options = {}): Gate =>
  gate(name, value, '>', threshold, value > threshold, options)

/** A fact that must hold. */
export const holds = (name: string, pass: boolean, value: string, options: Options = {}): Gate =>
  gateOf({name, value, threshold: null, pass, gate: true, rule: '', note: options.note ?? ''}, options)

/** A number shown beside the verdict; it decides nothing. */
export const reported = (
  name: string,
  value: number | string,
  note = '',
  threshold: number | null = null,
  pass = true,
): Gate => ({
  check: {name, value: finiteOr(value), threshold: finiteOr(threshold), pass, gate: false, rule: '', note},
  otherwise: 'FAIL',
})

/**
 * Join the checks of a stage by AND. The first one that does not pass names the verdict and is the stage's sentence.
 *
 * @param said  sentence of a stage that passes
 */
export function stageOf(
  id: number,
  name: string,
  gates: readonly Gate[],
  said: string,
  {seed = null, notRun = []}: {seed?: string | null; notRun?: readonly string[]} = {},
): Judgement {
  const exhibits = gates.flatMap(({exhibit}) => exhibit ?? [])
  const failed = gates.find(({check}) => check.gate && !check.pass)
  const stage: Stage = {
    id,
    name,
    verdict: failed?.otherwise ?? 'PASS',
    sentence: failed ? (failed.because ?? sentenceOf(failed.check)) : said,
    checks: gates.map(({check}) => check),
    seed,
    notRun: [...notRun],
    ...(exhibits.length === 0 ? {} : {exhibits}),
  }
  // Two dates may be missing at once: the later one decides.
  const dates = gates.filter(({check, otherwise}) => check.gate && !check.pass && otherwise === 'INSUFFICIENT')
  const decidesOn =
    dates
      .map((missing) => missing.decidesOn ?? '')
      .sort()
      .at(-1) ?? null
  return {stage, decidesOn: failed?.otherwise === 'INSUFFICIENT' ? (decidesOn === '' ? null : decidesOn) : null}
}

function gate(
  name: string,
  value: number,
  rule: '>=' | '<=' | '>',
  threshold: number,
  pass: boolean,
  o: Options,
): Gate {
  return gateOf({name, value: finiteOr(value), threshold, pass, gate: true, rule, note: o.note ?? ''}, o)
}

const gateOf = (check: Check, {otherwise, decidesOn, because}: Options): Gate => ({
  check: {...check, threshold: finiteOr(check.threshold)},
  otherwise: otherwise ?? 'FAIL',
  ...(decidesOn === undefined ? {} : {decidesOn}),
  ...(because === undefined ? {} : {because}),
})

const IN_WORDS = {'>=': 'at least', '<=': 'at most', '>': 'more than', '=': '', '': ''} as const

function sentenceOf({name, value, threshold, rule, note}: Check): string {
  const text = (of: number | string): string => (typeof of === 'number' ? figure(of) : of)
  const shown = value === null ? 'not a number' : text(value)
  const against = threshold === null ? '' : `, and must be ${IN_WORDS[rule]} ${text(threshold)}`
  return `${capital(name)} is ${shown}${against}${note === '' ? '' : `: ${note}`}.`
}

/** A number as people read it: four significant digits, no exponent for the sizes that occur. */
export const figure = (value: number): string =>
  Number.isInteger(value)
    ? String(value)
    : Math.abs(value) < 1e-4
      ? value.toExponential(2)
      : String(Number(value.toPrecision(4)))

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/**
 * JSON has no NaN and no infinity: a number that is not one is null. A threshold that could not be computed passes nothing,
 * and is none in the record.
 */
const finiteOr = <T extends number | string | null>(value: T): T | null =>
  typeof value === 'number' && !Number.isFinite(value) ? null : value
