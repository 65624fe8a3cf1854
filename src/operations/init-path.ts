import {ARTIFACTS} from '../contracts/index.ts'
import {SelectedAssets} from '../contracts/selection.ts'
import {QoConfig} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {isoOf} from '../kernel/instant.ts'
import type {InitOptions} from './init.ts'

export interface InitPathResult {
  readonly artifact: 'init-path@1'
  readonly ok: boolean
  readonly path: string
  /** the complete file, as written */
  readonly text: string
  readonly rationale: readonly string[]
  /** the two choices for the next step */
  readonly next: readonly [string, string]
}

/** Files outside the contracts that qo can build: deployment. */
const DEPLOYMENT: Readonly<Record<string, string>> = {
  'deploy/github/gauntlet.yml': 'Pull-request check: every changed hypothesis is judged before it merges.',
}

/**
 * Build exactly one declared path of a workspace.
 *
 * @throws Fault `init.unknown_path` (usage) with the list of declared paths; `init.exists` (usage): nothing is overwritten
 */
export async function initPath(desk: Desk, path: string, options: InitOptions): Promise<InitPathResult> {
  const summary = declared(path)
  if (summary === null) throw unknownPath(path)
  const built = await build(desk, path, options)
  if (await desk.files.exists(path)) {
    const same = (await desk.files.readText(path)) === built
    if (!same) {
      throw new Fault('init.exists', {
        family: 'usage',
        what: `${path} exists and differs from what qo would build.`,
        why: 'init never overwrites: the file may hold your own decisions.',
        next: [`keep it, or move it away and run qo init ${path} again`],
      })
    }
  } else await desk.files.writeText(path, built)
  return {
    artifact: 'init-path@1',
    ok: true,
    path,
    text: built,
    rationale: [summary, ...notes(path)],
    next: choices(path),
  }
}

/** Paths `init` can build, as they are declared. */
export const declaredPaths = (): string[] => [
  ...ARTIFACTS.map(({path}) => path).filter((path) => /^(configs|hypotheses)\//.test(path)),
  ...Object.keys(DEPLOYMENT),
]

function declared(path: string): string | null {
  if (DEPLOYMENT[path] !== undefined) return DEPLOYMENT[path]
  const found = ARTIFACTS.find((artifact) => {
    if (!/^(configs|hypotheses)\//.test(artifact.path)) return false
    const pattern = artifact.path.replaceAll('.', '\\.').replace('*', '[a-z0-9][a-z0-9-]*')
    return new RegExp(`^${pattern}$`).test(path)
  })
  return found?.summary ?? null
}

async function build(desk: Desk, path: string, {exchange, cloud, engine}: InitOptions): Promise<string> {
  if (path === QoConfig.path) {
    const value = {
      artifact: 'qo@1',
      exchange: exchange ?? 'hyperliquid',
      cloud: cloud ?? 'none',
      engine: engine ?? 'qo',
    }
    return Object.entries(value)
      .map(([key, item]) => `${key}: ${item}\n`)
      .join('')
  }
  if (path === SelectedAssets.path) return emptySelection(desk)
  for (const candidate of [path, path.replace('hypotheses/', 'examples/')]) {
    if (await desk.shipped.exists(candidate)) return desk.shipped.readText(candidate)
  }
  const id = /^hypotheses\/([a-z0-9-]+)\.yaml$/.exec(path)?.[1]
  if (id !== undefined) return (await desk.shipped.readText('hypotheses/trend.yaml')).replace(/^id: .*$/m, `id: ${id}`)
  throw unknownPath(path)
}

/** An empty list: until `qo select` has run, nothing may be traded. */
function emptySelection(desk: Desk): string {
  const empty = {
    artifact: 'selected-assets@1',
    venue: 'hyperliquid',
    as_of: isoOf(0),
    decided_at: isoOf(0),
    next_rebalance: isoOf(0),
    config_sha: '',
    universe: 'derived',
    complete_from: null,
    survivor_source: false,
    inactive_screens: [],
    selected: [],
    excluded: [],
    changes: {added: [], removed: [], turnover: 0},
    provenance: {data_as_of: null, seed: null, qo_version: desk.version, data_sha: null, inputs: {}},
  }
  return `${JSON.stringify(empty, null, 2)}\n`
}

function notes(path: string): string[] {
  if (path === 'configs/risk_limits.yaml')
    return ['Without a valid limits file nothing trades; tighten freely, loosen slowly.']
  if (path === SelectedAssets.path) return ['An empty list trades nothing: qo select fills it from the lake.']
  if (path.startsWith('hypotheses/'))
    return ['Registering it counts its whole grid as trials; a typo in the claim does not.']
  if (path.startsWith('deploy/')) return ['The runner recomputes verdicts; it never writes and never unseals.']
  return ['Strict: an unknown key is an error with its line and the nearest known key.']
}

function choices(path: string): [string, string] {
  if (path.startsWith('hypotheses/')) return [`qo hypothesis lint ${path}`, `qo gauntlet ${path}`]
  if (path === 'configs/risk_limits.yaml') return ['qo risk check', 'qo trade --mode paper --dry-run']
  if (path === 'configs/selection.yaml') return ['qo select --dry-run', 'qo select']
  if (path.startsWith('deploy/')) return ['git add deploy && git commit', 'qo gauntlet --json']
  return ['qo doctor', 'qo ingest']
}

function unknownPath(path: string): Fault {
  return new Fault('init.unknown_path', {
    family: 'usage',
    what: `'${path}' is not a path of a workspace that init can build.`,
    why: `It builds one of: ${declaredPaths().join(', ')}.`,
    next: [
      `for a whole workspace: mkdir ${path}, then qo init inside it`,
      'qo init configs/risk_limits.yaml',
      'qo init hypotheses/my-idea.yaml',
    ],
  })
}
