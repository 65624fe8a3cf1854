import {RepairPlan} from '../contracts/lake.ts'
import type {Desk, LakeCheck, VerifyDepth} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {type Problem, repairPage, repairPlan} from '../sensory/repair-plan.ts'

export interface LakeVerifyResult extends LakeCheck {
  readonly artifact: 'lake-verify@1'
  readonly ok: boolean
  readonly depth: VerifyDepth
  /** the repair plan, when one was asked for */
  readonly paths: readonly string[]
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
 * @param plan    leave reports/ingest/repair-plan.json and .md: what restores each file. Nothing else is touched.
 * @throws Fault  `lake.broken_chain`, `lake.unreadable` (data) when the log itself is damaged; the plan is left first
 */
export async function lakeVerify(
  desk: Desk,
  depth: VerifyDepth,
  {plan = false}: {plan?: boolean} = {},
): Promise<LakeVerifyResult> {
  desk.progress.say(`verifying the lake (${depth})`)
  const check = await desk.lake.verify(depth).catch(async (error: unknown) => {
    if (plan && error instanceof Fault && ['lake.broken_chain', 'lake.unreadable'].includes(error.code)) {
      await leavePlan(desk, [{file: 'data/lake/commits', kind: 'chain', problem: error.what}], null)
    }
    throw error
  })
  const paths = plan ? await leavePlan(desk, check.problems, check) : []
  const result = {artifact: 'lake-verify@1', depth, paths, ...check} as const
  if (check.problems.length === 0) return {...result, ok: true}
  const {code, what, why, suggestions} = damaged(check)
  return {...result, ok: false, error: {code, what, why, next: suggestions}}
}

async function leavePlan(desk: Desk, problems: readonly Problem[], check: LakeCheck | null): Promise<string[]> {
  const commits = check === null ? [] : await desk.lake.commits()
  const plan = repairPlan(problems, commits, check?.orphans ?? [])
  const page = RepairPlan.path.replace('.json', '.md')
  const path = await desk.files.write(RepairPlan, plan)
  await desk.files.writeText(page, repairPage(plan))
  return [path, page]
}

function damaged({problems}: LakeCheck): Fault {
  return new Fault('lake.corrupt_file', {
    family: 'data',
    what: problems.map(({file, problem}) => `${file}: ${problem}`).join('\n'),
    why: 'A commit names each file with its SHA-256; what does not match it is never read.',
    next: ['qo lake verify --repair-plan', 'qo lake pull FROM, where FROM holds a copy'],
  })
}
