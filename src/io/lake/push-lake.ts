import {join} from 'node:path'
import type {LakeCommitEntry, LakeCut} from '../../contracts/lake.ts'
import {researchEnd, type Vault} from '../../contracts/workspace.ts'
import type {LakeFile, LakeTransfer} from '../../desk.ts'
import {Fault} from '../../kernel/fault.ts'
import {INTERVAL_MS, type Interval} from '../../kernel/instant.ts'
import {type Depot, HEAD, headOf} from './depot.ts'
import {commitPath} from './layout.ts'
import {cutFile} from './research-cuts.ts'
import type {Trust} from './trust-files.ts'

/**
 * Carry the lake to a copy: files first, then the commits in order, then the word that they are there.
 *
 * A file is checked against its commit before it leaves. One that the copy has is not sent again, so a push that broke
 * off goes on. Rows behind a vault seal stay here: files wholly behind it are left out, one across it stops the push,
 * because a file cannot be split and keep its hash. For research a copy of it goes that ends before the seal.
 *
 * @throws Fault `lake.sealed` (usage), `lake.diverged`, `lake.depot_unreachable` (data)
 */
export async function pushLake(
  root: string,
  depot: Depot,
  {commits, vaults, sealed, research = false, dryRun, trust}: PushPlan,
): Promise<LakeTransfer> {
  const head = await headOf(depot)
  if (head && commits[head.n - 1]?.hash !== head.hash) throw diverged(depot, head.n, commits.length)
  const places = commits.flatMap((commit) =>
    commit.files.map((file) => ({file, commit, place: placeOf(file, commit, vaults)})),
  )
  const across = places.filter(({place}) => place === 'across')
  if (across.length > 0 && !sealed && !research) throw refused(across.map(({file}) => file))
  const wanted = places.filter(({place}) => sealed || place === 'before').map(({file}) => file)
  const tally = {files: 0, bytes: 0, present: 0, leftOut: places.length - wanted.length}
  const cuts = new Map<string, LakeCut[]>()
  for (const file of wanted) {
    if ((await depot.size(file.path)) === file.bytes) {
      tally.present++
      continue
    }
    tally.files++
    tally.bytes += file.bytes
    if (dryRun) continue
    await trust(file)
    await depot.write(file.path, join(root, file.path))
  }
  for (const {file, commit} of sealed || dryRun ? [] : across) {
    await trust(file)
    const cut = await cutFile(root, file, commit, vaults, async (staged, made) => {
      if ((await depot.size(made.cut.path)) === made.cut.bytes) return
      tally.bytes += made.cut.bytes
      await depot.write(made.cut.path, staged)
    })
    if (cut !== null) cuts.set(commit.venue, [...(cuts.get(commit.venue) ?? []), cut])
  }
  const newer = commits.slice(head?.n ?? 0)
  if (!dryRun) {
    for (const {n} of newer) await depot.write(commitPath(n), join(root, commitPath(n)))
    const last = commits.at(-1)
    if (last) await depot.writeText(HEAD, `${JSON.stringify({n: last.n, hash: last.hash})}\n`)
  }
  return {...tally, commits: newer.length, healed: [], cuts}
}

export interface PushPlan {
  readonly commits: readonly LakeCommitEntry[]
  readonly vaults: readonly Vault[]
  /** carry sealed rows too: a backup */
  readonly sealed: boolean
  /** of a file across a seal, a copy without its sealed rows */
  readonly research?: boolean
  readonly dryRun: boolean
  readonly trust: Trust
}

export type Place = 'before' | 'across' | 'behind'

/** Where a file lies to the seal of its venue. */
export function placeOf(
  {min_ts: first, max_ts: last}: LakeFile,
  {venue, interval}: Pick<LakeCommitEntry, 'venue' | 'interval'>,
  vaults: readonly Vault[],
): Place {
  const end = researchEnd(vaults, venue)
  const bar = interval === null ? 1 : INTERVAL_MS[interval as Interval]
  if (last + bar <= end) return 'before'
  return first + bar <= end ? 'across' : 'behind'
}

const refused = (files: readonly LakeFile[]): Fault =>
  new Fault('lake.sealed', {
    family: 'usage',
    what: `${files.length} files hold rows on both sides of a vault seal; nothing was pushed.`,
    why: `Sealed rows do not leave this machine unless that is asked for, and a file cannot be split and keep its hash: ${files
      .slice(0, 3)
      .map(({path}) => path)
      .join(', ')}.`,
    next: [
      '--research for a runner: of these files copies go that end before the seal',
      '--sealed for a backup that nobody researches on: it is written into the vault journal',
    ],
  })

const diverged = (depot: Depot, theirs: number, ours: number): Fault =>
  new Fault('lake.diverged', {
    family: 'data',
    what: `The copy at ${depot.name} is not an earlier state of this lake.`,
    why: `It has ${theirs} commits, this lake ${ours}, and the hash of the copy's newest is not in this chain.`,
    next: ['qo lake pull, when the copy is only ahead', 'push to another place'],
  })
