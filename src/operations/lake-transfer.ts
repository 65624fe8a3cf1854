import type {Desk, LakeTransfer} from '../desk.ts'

export interface LakePushResult extends LakeTransfer {
  readonly artifact: 'lake-push@1'
  readonly ok: boolean
  readonly to: string
}

export interface LakePullResult extends LakeTransfer {
  readonly artifact: 'lake-pull@1'
  readonly ok: boolean
  readonly from: string
}

/** Carry the lake to a copy. @throws Fault `lake.sealed`, `lake.bad_depot` (usage), `lake.diverged` (data) */
export async function lakePush(desk: Desk, to: string, {sealed}: {sealed: boolean}): Promise<LakePushResult> {
  desk.progress.say(`pushing to ${to}`)
  return {artifact: 'lake-push@1', ok: true, to, ...(await desk.lake.push(to, {sealed}))}
}

/** Bring the lake up to a copy, and damaged files back. @throws Fault `lake.diverged`, `lake.depot_*` (data) */
export async function lakePull(desk: Desk, from: string): Promise<LakePullResult> {
  desk.progress.say(`pulling from ${from}`)
  return {artifact: 'lake-pull@1', ok: true, from, ...(await desk.lake.pull(from))}
}
