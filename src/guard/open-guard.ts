import {rename} from 'node:fs/promises'
import {dirname} from 'node:path'
import type {JournalEntry} from '../desk.ts'
import {systemClock} from '../io/clock.ts'
import {openFiles} from '../io/files.ts'
import {type Chain, openChain} from '../io/journal.ts'
import {newLatchNote, openLatch} from '../io/latch.ts'
import {addressOf, newPrivateKey} from '../io/venues/hyperliquid/signing.ts'
import {Fault} from '../kernel/fault.ts'
import {lastHalt} from '../reflex/halt-log.ts'
import {type Guard, isHalted, oneAtATime} from './guard.ts'
import {guardFiles, ownFolder} from './guard-files.ts'
import {openHaltDesk} from './halt-runner.ts'
import {LimitsWatch} from './limits-watch.ts'
import {Nonces} from './nonces.ts'
import {OrderLog} from './order-log.ts'
import {FillLog, restore} from './reconcile.ts'
import {secretIn} from './secret.ts'
import {openVenueLink} from './venue-link.ts'
import {VenueView} from './venue-view.ts'

export interface OpenedGuard {
  readonly guard: Guard
  readonly known: FillLog
  /** the file that clients prove they can read */
  readonly token: string
  /** why the guard starts halted although no latch was there; null when it does not */
  readonly doubt: string | null
}

/**
 * Build the guard of a workspace from its files: key, journal, latch, event log.
 *
 * @throws Fault `guard.unsafe_folder`, `guard.unsafe_secret` (contract)
 */
export async function openGuard(root: string, stateDir: string, {haltOnly}: {haltOnly: boolean}): Promise<OpenedGuard> {
  const paths = guardFiles(root, stateDir)
  ownFolder(paths.folder, 0o750)
  ownFolder(dirname(paths.socket), 0o750)
  // A key that others have seen is one more reason to flatten with it, none to leave the position alone.
  const privateKey = secretIn(paths.key, newPrivateKey, {tighten: haltOnly})
  const token = secretIn(paths.token, () => newPrivateKey().slice(2), {tighten: haltOnly})
  const account = addressOf(privateKey)
  const clock = systemClock
  const files = openFiles(root)
  const latch = openLatch(stateDir)
  const log = new OrderLog()
  const link = openVenueLink(stateDir, clock)
  const view = new VenueView(link, account, clock, log)
  const nonces = new Nonces(paths.nonces)
  const journal = withoutLoss(await openWhole(paths.journal), nonces, paths.journal)
  const events = await openWhole(paths.events)
  const guard: Guard = {
    ...{paths, mode: 'paper', account, agent: account, privateKey, clock, files, latch, link, view, log},
    journal: whileHalted(journal.chain, () => isHalted(guard)),
    events: events.chain,
    nonces,
    rules: new LimitsWatch(root, files),
    turn: oneAtATime(),
    now: {
      memoryLatch: false,
      halting: false,
      reduceOnly: null,
      recordLost: journal.isLost,
      blindUntil: null,
      undelivered: [],
    },
    halt: openHaltDesk(() => guard),
  }
  const known = new FillLog()
  log.replay(journal.entries)
  nonces.goOnBehind(journal.entries.map(({body}) => Number(body['nonce'] ?? 0)))
  restore(guard, known, journal.entries)
  return {guard, known, token, doubt: await doubtOf(guard, [journal.isLost ? journal.trouble : null, events.trouble])}
}

interface Whole {
  readonly chain: Chain
  readonly entries: readonly JournalEntry[]
  readonly trouble: string | null
  /** the old record could not be used; a torn last line alone loses nothing: what it announced was never sent */
  readonly isLost: boolean
}

/** Open a chain; one that is damaged is moved aside as evidence and a new one begins. */
async function openWhole(path: string): Promise<Whole> {
  const chain = openChain(path)
  try {
    await chain.appendAll([])
    const entries = await chain.read()
    return {chain, entries, isLost: false, trouble: chain.torn === null ? null : `the last line of ${path} was torn`}
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.code !== 'journal.broken_chain') throw cause
    await rename(path, `${path}.broken-${Date.now()}`)
    return {chain: openChain(path), entries: [], isLost: true, trouble: cause.what}
  }
}

/**
 * No order that could increase risk leaves without its line in the journal. A cancel or a flattening order of a halt does
 * when the disk takes no line: a full disk must not keep a position open.
 */
function whileHalted(chain: Chain, halted: () => boolean): Chain {
  const appendAll: Chain['appendAll'] = (entries) =>
    chain.appendAll(entries).catch((cause: unknown) => {
      if (!halted()) throw cause
      return entries.map((entry) => ({...entry, seq: 0, prev: '', hash: ''}))
    })
  return {
    get torn() {
      return chain.torn
    },
    appendAll,
    append: async (ts, kind, body) => (await appendAll([{ts, kind, body}]))[0]!,
    read: () => chain.read(),
  }
}

/** A nonce was taken, so something was signed: a journal that tells of nothing at all is not the whole one. */
function withoutLoss(journal: Whole, {wereTaken}: Nonces, path: string): Whole {
  if (!wereTaken || journal.entries.length > 0) return journal
  return {...journal, isLost: true, trouble: journal.trouble ?? `${path} is empty although orders were signed`}
}

/** What must start as a halt: a damaged record, or a halt in the log whose latch somebody removed. */
async function doubtOf(guard: Guard, troubles: readonly (string | null)[]): Promise<string | null> {
  const trouble = troubles.find((text) => text !== null)
  if (trouble !== undefined && trouble !== null) {
    guard.latch.engage(newLatchNote({cause: 'unknown', reason: trouble, policy: ''}, guard.clock.now()))
    return trouble
  }
  const logged = lastHalt(await guard.events.read())
  if (logged === null || logged.released || guard.latch.look() !== 'absent') return null
  const {id, cause, reason, policy, uptime, boot} = logged
  guard.latch.engage({id, cause, reason, policy, uptime, boot, at: new Date(logged.engagedAt).toISOString()})
  return `halt ${id} was never released, but its latch was gone`
}
