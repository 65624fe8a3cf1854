import {LakeCuts, LakeManifest} from '../contracts/lake.ts'
import {researchEnd, type Vault} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {INTERVAL_MS} from '../kernel/instant.ts'

/** A file that a committed manifest names, and whether research may see any row of it. */
export interface NamedFile {
  readonly path: string
  readonly sha256: string
  readonly isSealed: boolean
}

const MANIFESTS = 'data/manifests'

/** Every file that the manifests of the workspace name, of all venues or of some. */
export async function namedFiles(desk: Desk, venues: ReadonlySet<string> | null): Promise<NamedFile[]> {
  const vaults = await desk.lake.vaults()
  const named: NamedFile[] = []
  for (const name of (await desk.files.list(MANIFESTS)).filter((file) => file.endsWith('.json'))) {
    const manifest = await desk.files.read(LakeManifest, `${MANIFESTS}/${name}`)
    if (venues !== null && !venues.has(manifest.venue)) continue
    const sealed = sealOf(vaults, manifest)
    for (const {path, sha256, from} of manifest.files) named.push({path, sha256, isSealed: Date.parse(from) >= sealed})
  }
  return named
}

/** First open of a row that research does not see: a bar is hidden when it closes inside the window. */
function sealOf(vaults: readonly Vault[], {venue, interval}: LakeManifest): number {
  return researchEnd(vaults, venue) - (interval === null ? 0 : INTERVAL_MS[interval] - 1)
}

/**
 * Refuse to judge on data that are not there: a verdict on half a lake would differ, and say nothing about its author.
 *
 * @param registered  newest lake commit that a verdict of the batch is pinned to
 * @throws Fault `lake.no_manifest`, `lake.files_missing`, `lake.behind_registration` (data)
 */
export async function requireNamedData(desk: Desk, venues: ReadonlySet<string>, registered: number): Promise<void> {
  if (venues.size === 0) return
  const named = await namedFiles(desk, venues)
  if (named.length === 0) throw noManifest([...venues])
  const cuts = await cutPaths(desk)
  const isHere = async ({path}: NamedFile): Promise<boolean> =>
    (await desk.files.exists(path)) || (cuts.has(path) && (await desk.files.exists(cuts.get(path)!)))
  const missing: NamedFile[] = []
  for (const file of named) if (!file.isSealed && !(await isHere(file))) missing.push(file)
  if (missing.length > 0) throw filesMissing(missing, named.filter(({isSealed}) => !isSealed).length)
  const newest = (await desk.lake.commits()).at(-1)?.n ?? 0
  if (newest < registered) throw behind(newest, registered)
}

/** whole path -> path of the copy that ends before a seal; whether it still fits the seal is for the loader to say */
async function cutPaths(desk: Desk): Promise<Map<string, string>> {
  const paths = new Map<string, string>()
  for (const name of (await desk.files.list(`${MANIFESTS}/cuts`)).filter((file) => file.endsWith('.json')))
    for (const {whole, cut} of (await desk.files.read(LakeCuts, `${MANIFESTS}/cuts/${name}`)).files)
      paths.set(whole.path, cut.path)
  return paths
}

const PULL = ['qo lake pull FOLDER-OR-URL --named', 'qo lake files candles']

const noManifest = (venues: readonly string[]): Fault =>
  new Fault('lake.no_manifest', {
    family: 'data',
    what: `No committed manifest names data of ${venues.join(' or ')}.`,
    why: 'A verdict is computed again on exactly the files that git names by hash; without a manifest there are none.',
    next: ['git add data/manifests && git commit', 'qo ingest --commit'],
  })

const filesMissing = (missing: readonly NamedFile[], of: number): Fault =>
  new Fault('lake.files_missing', {
    family: 'data',
    what: `${missing.length} of ${of} files that the committed manifests name are not here.`,
    why: `Missing: ${missing
      .slice(0, 5)
      .map(({path, sha256}) => `${path} (sha256 ${sha256.slice(0, 12)})`)
      .join(', ')}${missing.length > 5 ? `, and ${missing.length - 5} more` : ''}.`,
    next: PULL,
  })

const behind = (newest: number, registered: number): Fault =>
  new Fault('lake.behind_registration', {
    family: 'data',
    what: `The lake ends at commit ${newest}, and a verdict was registered on commit ${registered}.`,
    why: 'A verdict is computed again on the rows it was registered on, and on no others.',
    next: PULL,
  })
