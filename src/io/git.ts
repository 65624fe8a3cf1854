import {existsSync, mkdirSync} from 'node:fs'
import {relative, resolve} from 'node:path'
import {CheckRepoActions, simpleGit} from 'simple-git'
import type {FilesPort, GitPort} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'

/** Git through simple-git. A workspace without a repository works; what needs history says so. */
export function openGit(root: string, {files, dryRun}: {files: FilesPort; dryRun: boolean}): GitPort {
  // A folder that does not exist yet is in no repository, whatever its parents are: init makes it first.
  if (!dryRun) mkdirSync(root, {recursive: true})
  const git = simpleGit({baseDir: existsSync(root) ? root : process.cwd()})
  const inRepository = (atTop = false): Promise<boolean> =>
    git.checkIsRepo(atTop ? CheckRepoActions.IS_REPO_ROOT : CheckRepoActions.IN_TREE).catch(() => false)

  return {
    async init({nested = false} = {}) {
      if (dryRun || (await inRepository(nested))) return false
      await git.raw(['init', '--quiet', '--initial-branch=main'])
      return true
    },
    async head() {
      if (!(await inRepository())) return null
      return git.revparse(['HEAD']).catch(() => null)
    },
    async dirty(folders) {
      if (!(await inRepository())) return []
      const top = (await git.revparse(['--show-toplevel'])).trim()
      const {files: changed} = await git.status(['--untracked-files=all', '--', ...folders])
      return changed.map(({path}) => relative(root, resolve(top, path))).filter((path) => !files.written.includes(path))
    },
    async commit(paths, message) {
      if (dryRun) return ''
      if (!(await inRepository())) {
        throw noRepository('--commit records the artifacts of a command in git.')
      }
      await git.raw(['add', '--force', '--', ...paths])
      const staged = (await git.raw(['diff', '--cached', '--name-only', '--', ...paths])).trim()
      if (staged === '') return (await git.revparse(['HEAD']).catch(() => '')).trim()
      await git.raw([...(await identity()), 'commit', '--quiet', '-m', message, '--only', '--', ...paths])
      return (await git.revparse(['HEAD'])).trim()
    },
    async added(folder, {everywhere = false} = {}) {
      if (!(await hasCommits())) return []
      // --no-renames: a file that was moved away was added and then deleted, and its deletion has to show.
      const flags = ['--format=', '--name-only', '--diff-filter=A', '--no-renames', '--relative']
      const log = await git.raw(['log', ...(everywhere ? ['--all'] : []), ...flags, '--', folder])
      return [...new Set(log.split('\n').filter((line) => line !== ''))].sort()
    },
    async everyVersion(folder) {
      if (!(await hasCommits())) return []
      // -m: what a merge made of two sides is a version as well.
      const flags = ['--all', '-m', '--format=', '--raw', '--no-abbrev', '--no-renames', '--relative']
      const log = await git.raw(['log', ...flags, '--', folder])
      const entries = [...log.matchAll(/^:\d+ \d+ [0-9a-f]+ ([0-9a-f]+) [AMT]\t(.+)$/gm)]
      const distinct = new Map(entries.map(([, blob, path]) => [`${blob} ${path}`, {blob: blob!, path: path!}]))
      const blobs = new Map<string, string>()
      for (const {blob} of distinct.values()) {
        if (!blobs.has(blob)) blobs.set(blob, await git.raw(['cat-file', 'blob', blob]))
      }
      return [...distinct.values()].map(({blob, path}) => ({path, text: blobs.get(blob)!}))
    },
    async versions(path) {
      if (!(await inRepository())) return []
      const log = await git.raw(['log', '--all', '--format=%H', '--', path]).catch(() => '')
      const commits = log.split('\n').filter((line) => line !== '')
      const blobs = await Promise.all(
        commits.map((commit) => git.raw(['show', `${commit}:./${path}`]).catch(() => null)),
      )
      return blobs.filter((blob) => blob !== null)
    },
    async changedSince(ref) {
      if (!(await inRepository())) throw noRepository('--changed-since compares with a commit.')
      const from = await commitOf(ref)
      const base = (await git.raw(['merge-base', from, 'HEAD']).catch(() => '')).trim()
      if (base === '') throw unrelated(ref)
      const differs = await git.raw(['diff', '--name-only', '--no-renames', '--relative', '-z', base, '--', '.'])
      const fresh = await git.raw(['ls-files', '--others', '--exclude-standard', '-z', '--', '.'])
      return {base, paths: [...new Set(`${differs}${fresh}`.split('\0').filter((path) => path !== ''))].sort()}
    },
    async textAt(commit, path) {
      return git.raw(['show', `${commit}:./${path}`]).catch(() => null)
    },
  }

  /** @throws Fault `git.unknown_ref` (usage) */
  async function commitOf(ref: string): Promise<string> {
    // A ref that begins with a dash would be read as an option.
    const id = ref.startsWith('-')
      ? ''
      : await git.raw(['rev-parse', '--verify', '--quiet', `${ref}^{commit}`]).catch(() => '')
    if (id.trim() !== '') return id.trim()
    throw new Fault('git.unknown_ref', {
      family: 'usage',
      what: `There is no commit ${ref} in this repository.`,
      why: 'A branch of a server is named with it, like origin/main, and has to be fetched first.',
      next: ['git fetch origin', 'git branch --all'],
    })
  }

  function noRepository(why: string): Fault {
    return new Fault('git.no_repository', {
      family: 'contract',
      what: `${root} is in no git repository.`,
      why,
      next: ['git init', 'run the command without the flag'],
    })
  }

  /** False outside a repository and in one whose history has not begun. */
  async function hasCommits(): Promise<boolean> {
    return git.revparse(['--verify', '--quiet', 'HEAD']).then(
      (id) => id !== '',
      () => false,
    )
  }

  /** Without a git identity qo commits under its own name, and `doctor` says so. */
  async function identity(): Promise<string[]> {
    const name = (await git.raw(['config', 'user.name']).catch(() => '')).trim()
    return name === '' ? ['-c', 'user.name=qo', '-c', 'user.email=qo@localhost'] : []
  }
}

const unrelated = (ref: string): Fault =>
  new Fault('git.unrelated', {
    family: 'contract',
    what: `${ref} and HEAD have no commit in common.`,
    why: 'What a branch changed is measured from where it parted; a shallow clone does not reach back that far.',
    next: ['git fetch --unshallow', 'in a workflow: actions/checkout with fetch-depth: 0'],
  })
