import {existsSync} from 'node:fs'
import {isAbsolute, join, resolve} from 'node:path'
import {newLatchNote, openLatch} from '../io/latch.ts'
import {isStateHome, stateHomeHere} from './find-state-home.ts'

export interface Latched {
  readonly id: string
  readonly latched: true | 'memory'
  readonly joined: boolean
}

/** Words that ask what the command would do. */
const NO_ACT = ['--dry-run', '--help', '-h']
/** The latch that was put down before the command line framework was loaded. */
const early: Latched[] = []

/**
 * For the entry file: when the command is `killswitch engage`, latch before anything else is even imported. What
 * follows finds it done.
 *
 * @param command  the words after `qo`
 * @public bin/run.js imports the build of it
 */
export function latchEarly([topic, verb, ...words]: readonly string[]): void {
  if (topic !== 'killswitch' || verb !== 'engage') return
  const latched = latchFirst(words)
  if (latched !== null) early.push(latched)
  leaveGoneFolder()
}

/** What follows the latch asks for the current folder all the time; in one that was deleted it would end there. */
function leaveGoneFolder(): void {
  try {
    process.cwd()
  } catch {
    // The state folder knows its workspace: it is found upwards from there.
    const state = process.env['QO_STATE']
    process.chdir(state !== undefined && isAbsolute(state) && existsSync(state) ? state : '/')
  }
}

/**
 * Put the latch down, from the bare words of the command line: before flags are checked, before anything is read.
 *
 * A misspelt flag, a broken configuration or a missing one stand behind the latch, not before it.
 *
 * @param words  what was typed after `qo killswitch engage`
 * @returns      null in a dry run, and where there is no workspace to halt: a mistyped folder must not look halted
 */
export function latchFirst(words: readonly string[]): Latched | null {
  const [already] = early.splice(0)
  if (already !== undefined) return already
  const root = typed(words, '--root')
  const home = root === undefined ? stateHomeHere() : isStateHome(root) ? root : null
  const state = process.env['QO_STATE'] || (home === null ? null : join(resolve(home), 'data/state'))
  if (state === null || words.some((word) => NO_ACT.includes(word))) return null
  const policy = words.includes('--flatten') ? 'flatten' : words.includes('--cancel-only') ? 'cancel' : ''
  const reason = (typed(words, '--reason') ?? 'no reason given').slice(0, 500)
  return openLatch(resolve(state)).engage(newLatchNote({cause: 'operator', reason, policy}, Date.now()))
}

/** `--name value` or `--name=value` */
function typed(words: readonly string[], name: string): string | undefined {
  const at = words.indexOf(name)
  if (at >= 0) return words[at + 1]
  return words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1)
}
