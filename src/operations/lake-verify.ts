import type {Desk, LakeCheck, VerifyDepth} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'

export interface LakeVerifyResult extends LakeCheck {
  readonly artifact: 'lake-verify@1'
  readonly ok: boolean
  readonly depth: VerifyDepth
  /** present when the lake is damaged; names the first file */
  readonly error?: {
    readonly code: string
    readonly what: string
    readonly why: string
    readonly next: readonly string[]
  }
}

/**
 * Compare the lake with its commit log. Damage is a result that names every file, with exit status 4.
 *
 * @throws Fault `lake.broken_chain` (data) when the log itself is damaged
 */
export async function lakeVerify(desk: Desk, depth: VerifyDepth): Promise<LakeVerifyResult> {
  desk.progress.say(`verifying the lake (${depth})`)
  const check = await desk.lake.verify(depth)
  if (check.problems.length === 0) return {artifact: 'lake-verify@1', ok: true, depth, ...check}
  const {code, what, why, suggestions} = damaged(check)
  return {artifact: 'lake-verify@1', ok: false, depth, ...check, error: {code, what, why, next: suggestions}}
}

function damaged({problems}: LakeCheck): Fault {
  const [first] = problems
  return new Fault('lake.corrupt_file', {
    family: 'data',
    what: problems.map(({file, problem}) => `${file}: ${problem}`).join('\n'),
    why: 'A commit names each file with its SHA-256; what does not match it is never read.',
    next: [`restore ${first?.file} from a copy, or import its source again`],
  })
}
