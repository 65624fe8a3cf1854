import {existsSync} from 'node:fs'
import {dirname, join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import type {Desk, GitPort, JournalPort, MachinePort} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {parseInstant} from '../kernel/instant.ts'
import {lazily} from './lazily.ts'

/** Root of the installed package, from dist/cli as from src/cli. */
const PACKAGE_HOME = fileURLToPath(new URL('../..', import.meta.url))

export interface DeskOptions {
  readonly root: string | undefined
  readonly asOf: string | undefined
  readonly dryRun: boolean
  readonly allowGaps?: boolean
  readonly quiet: boolean
  readonly needsWorkspace: boolean
  /** use the workspace above the current folder when there is one */
  readonly looksForWorkspace?: boolean
}

/** Build the real desk. Every port is imported on first use, so that the halt path loads nothing it does not need. */
export async function openDesk({
  root,
  asOf,
  dryRun,
  allowGaps = false,
  quiet,
  needsWorkspace,
  looksForWorkspace,
}: DeskOptions): Promise<Desk> {
  const home = resolve(
    root ??
      (needsWorkspace
        ? workspaceAbove(process.cwd())
        : (looksForWorkspace && findWorkspace(process.cwd())) || process.cwd()),
  )
  if (needsWorkspace && !existsSync(join(home, 'configs/qo.yaml'))) throw notFound(home)
  const stateDir = process.env['QO_STATE'] ? resolve(process.env['QO_STATE']) : join(home, 'data/state')
  const [{openFiles}, {systemClock}, {openProgress}, {qoVersion}, {openLatch}] = await Promise.all([
    import('../io/files.ts'),
    import('../io/clock.ts'),
    import('../io/progress.ts'),
    import('../io/version.ts'),
    import('../io/latch.ts'),
  ])
  const files = openFiles(home, {dryRun})
  const state = openFiles(stateDir, {dryRun})
  const git = lazily<GitPort>(async () => (await import('../io/git.ts')).openGit(home, {files, dryRun}))
  const machine = lazily<Omit<MachinePort, 'node' | 'platform' | 'pid'>>(async () =>
    (await import('../io/machine.ts')).openMachine(home),
  )
  return {
    root: home,
    stateDir,
    asOf: asOf === undefined ? systemClock.now() : parseInstant(asOf),
    asOfGiven: asOf !== undefined,
    dryRun,
    allowGaps,
    version: qoVersion(),
    files,
    state,
    shipped: openFiles(PACKAGE_HOME, {dryRun: true}),
    latch: openLatch(stateDir),
    events: lazily<JournalPort>(async () =>
      (await import('../io/journal.ts')).openChain(join(stateDir, 'guard/events.jsonl'), {dryRun}),
    ),
    clock: systemClock,
    progress: openProgress({quiet}),
    machine: {
      node: process.versions.node,
      platform: `${process.platform}-${process.arch}`,
      pid: process.pid,
      freeBytes: () => machine.freeBytes(),
      mode: (path) => machine.mode(path),
      tidy: () => machine.tidy(),
      gitIdentity: () => machine.gitIdentity(),
    },
    lake: lazily(async () => {
      const [{openLake}, {keepSeals}] = await Promise.all([
        import('../io/lake/index.ts'),
        import('../io/lake/known-seals.ts'),
      ])
      return openLake(home, {files, dryRun, keep: keepSeals({root: home, files, state, git})})
    }),
    scratchLake: async () => (await import('../io/lake/scratch-lake.ts')).openScratchLake(),
    wal: lazily(async () => (await import('../io/wal/index.ts')).openWal(home, {dryRun})),
    archive: lazily(async () => (await import('../io/archive.ts')).openArchive(home)),
    git,
    processes: lazily(async () => (await import('../io/processes.ts')).openProcesses(home, stateDir)),
    shell: lazily(async () => (await import('../io/shell.ts')).openShell(home)),
    threads: async () => (await import('../io/threads.ts')).openThreads(),
    charts: {svg: async (chart) => (await import('../io/charts.ts')).drawSvg(chart)},
    venue: async (name) => (await import('../io/venues/open-venue.ts')).openVenue(name, stateDir),
    feed: async (url) => (await import('../io/venues/hyperliquid/stream-socket.ts')).openFeed(url),
    journal: (name) => lazily(async () => (await import('../io/journal.ts')).openJournal(home, name, {dryRun})),
    lease: async (account) => (await import('../io/lease.ts')).takeLease(stateDir, account),
    guard: async () => (await import('../io/guard-client.ts')).connectGuard(stateDir),
  }
}

function workspaceAbove(from: string): string {
  const found = findWorkspace(from)
  if (found === null) throw notFound(from)
  return found
}

function findWorkspace(from: string): string | null {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'configs/qo.yaml'))) return folder
    if (dirname(folder) === folder) return null
  }
}

function notFound(from: string): Fault {
  return new Fault('workspace.not_found', {
    family: 'contract',
    what: `There is no qo workspace at or above ${from}.`,
    why: 'A workspace is a folder that holds configs/qo.yaml; this command works inside one.',
    next: ['qo init', 'name one with --root DIR'],
  })
}
