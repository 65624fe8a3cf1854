import {appendFileSync} from 'node:fs'

/** One scenario of the proof suite, judged. Counts are rows (or frames where a scenario has no rows). */
export interface Score {
  readonly scenario: string
  /** frames or rows the source sent */
  readonly sent: number
  /** rows in the lake at the end */
  readonly committed: number
  /** acknowledged, or on the venue's tape and outside every recorded gap, and not in the lake */
  readonly lost: number
  readonly duplicated: number
  /** from the fault to the next good state, the longest of the scenario; null where nothing is waited for */
  readonly recoverMs: number | null
  /** what was seen, in a few words */
  readonly seen: string
  readonly verdict: 'pass' | 'fail' | 'skip'
}

/** File that gathers the rows of all test files of a run; the table is printed when the last one is done. */
export const SCORES = 'QO_CHAOS_SCORES'

/** Leave a row for the table at the end of the run. */
export function keepScore(score: Omit<Score, 'verdict'> & {verdict?: Score['verdict']}): void {
  const whole = {...score, verdict: score.verdict ?? (score.lost + score.duplicated === 0 ? 'pass' : 'fail')}
  const path = process.env[SCORES]
  if (path !== undefined) appendFileSync(path, `${JSON.stringify(whole)}\n`)
}

/** A scenario this machine cannot run: one visible line, and a row that says so. */
export function skipVisibly(scenario: string, why: string): void {
  console.error(`SKIPPED ${scenario}: ${why}`)
  keepScore({scenario, sent: 0, committed: 0, lost: 0, duplicated: 0, recoverMs: null, seen: why, verdict: 'skip'})
}
