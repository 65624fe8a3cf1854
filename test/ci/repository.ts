import {execFileSync} from 'node:child_process'
import {cpSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {init} from '../../src/operations/init.ts'
import {deskAt} from '../gauntlet/workspace.ts'

/** Git in a folder, under an identity of its own; the answer without its last line break. */
export const git = (root: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@localhost', ...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim()

/** Everything that is not ignored, in one commit. */
export function commitAll(root: string, message: string): string {
  git(root, 'add', '--all')
  git(root, 'commit', '--quiet', '--message', message)
  return git(root, 'rev-parse', 'HEAD')
}

/** A clone as a runner has it: what git holds and nothing else. */
export function cloneOf(root: string, branch = 'main'): {root: string; remove: () => void} {
  const clone = mkdtempSync(join(tmpdir(), 'qo-runner-'))
  git(root, 'clone', '--quiet', '--branch', branch, root, clone)
  return {root: clone, remove: () => rmSync(clone, {recursive: true, force: true})}
}

/** Bring the lake of one workspace into another, as it is on disk. */
export const copyLake = (from: string, to: string): void =>
  cpSync(join(from, 'data/lake'), join(to, 'data/lake'), {recursive: true})

export {deskAt, init}
