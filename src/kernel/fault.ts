/** Exit status by family, so a script can branch without reading text. */
export const EXIT = {bug: 1, usage: 2, contract: 3, data: 4, verdict: 5, venue: 6, halted: 7} as const

export type FaultFamily = keyof typeof EXIT

export interface FaultSpec {
  readonly family: FaultFamily
  /** The object by name and what happened to it. */
  readonly what: string
  /** The rule and the evidence. */
  readonly why: string
  /** Commands or edits to try, most useful first. */
  readonly next: readonly string[]
  readonly cause?: unknown
}

/** The one error qo throws on purpose. `code` is stable and dotted; the wording is not. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly code: string
  readonly exitCode: number
  readonly what: string
  readonly why: string
  /** oclif prints `code` and `suggestions` by these names. */
  readonly suggestions: string[]

  constructor(code: `${string}.${string}`, {family, what, why, next, cause}: FaultSpec) {
    super(`${what}\n${why}`, {cause})
    this.code = code
    this.exitCode = EXIT[family]
    this.what = what
    this.why = why
    this.suggestions = [...next]
  }
}
