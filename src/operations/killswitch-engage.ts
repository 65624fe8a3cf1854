import type {HaltPolicy, HaltState} from '../contracts/orders.ts'
import {HaltRecord, RiskLimits} from '../contracts/risk.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {isoOf} from '../kernel/instant.ts'

export interface EngageOptions {
  readonly policy: HaltPolicy | null
  readonly reason: string
  /** what the latch said before any of this was loaded; null in a dry run */
  readonly latched: {readonly id: string; readonly latched: true | 'memory'; readonly joined: boolean} | null
}

export interface EngageResult {
  readonly artifact: 'killswitch-engage@1'
  readonly ok: boolean
  readonly latched: boolean | 'memory'
  readonly state: HaltState
  readonly id: string | null
  readonly policy: HaltPolicy
  /** true when a halt was running already: this engage joined it */
  readonly joined: boolean
  /** why the halt is where it is */
  readonly notes: readonly string[]
  readonly path: string | null
}

/** A guard that does not answer within this is asked again by its successor. */
const GUARD_MS = 3_000

/**
 * What follows the latch: tell the running guard, or start one that halts; say where things stand; leave the record.
 *
 * Nothing here can undo or hold up the latch: whatever cannot be read becomes a note.
 */
export async function killswitchEngage(desk: Desk, {policy, reason, latched}: EngageOptions): Promise<EngageResult> {
  const notes: string[] = []
  const chosen = policy ?? (await policyOfFile(desk, notes))
  const common = {artifact: 'killswitch-engage@1' as const, policy: chosen}
  if (latched === null) {
    return {
      ...common,
      ok: true,
      latched: false,
      state: 'DISARMED',
      id: null,
      joined: false,
      notes: ['dry run: no latch'],
      path: null,
    }
  }
  const {id, joined} = latched
  const path = `reports/risk/halt-${id}.yaml`
  const isUsed = await wasUsed(desk)
  if (!joined)
    await leaveRecord(desk, {id, reason, policy: chosen, path}).catch(noted(notes, 'the record could not be written'))
  const told = await tellGuard(desk, {policy, reason, isMemory: latched.latched === 'memory'}).catch(
    noted(notes, 'the guard'),
  )
  if (!told) await desk.processes.startHalt().catch(noted(notes, 'no halting guard could be started'))
  const state = told?.state ?? (await stateWithoutGuard(desk, isUsed, notes))
  return {...common, ok: latched.latched === true, latched: latched.latched, state, id, joined, notes, path}
}

/** @throws Fault `workspace.not_found` (contract): there is nothing here to halt */
export function requireHome(): never {
  throw new Fault('workspace.not_found', {
    family: 'contract',
    what: 'There is no qo workspace at or above this folder.',
    why: 'The latch belongs to a workspace; from here none can be told.',
    next: ['name it: qo killswitch engage --root DIR', 'or: touch DIR/data/state/guard/HALT'],
  })
}

async function policyOfFile(desk: Desk, notes: string[]): Promise<HaltPolicy> {
  const limits = await desk.files
    .read(RiskLimits)
    .catch(noted(notes, 'risk limits unusable, so the shipped policy holds'))
  return limits === undefined || limits.on_halt.operator === 'flatten' ? 'flatten' : 'cancel'
}

/** An account exists from the first signed order on: before it, there is nothing anywhere to cancel or flatten. */
async function wasUsed(desk: Desk): Promise<boolean> {
  const journal = await desk.files.readText('data/journal/guard.jsonl').catch((cause: {code?: string}) => {
    // A journal that cannot be read may tell of anything.
    return cause.code === 'file.missing' ? '' : '"kind":"send"'
  })
  // One that was moved away leaves the nonces that were taken.
  if (journal === '' && (await desk.state.exists('guard/nonces.json'))) return true
  const isReadable = journal === '' || journal.startsWith('{"body":')
  return !isReadable || journal.includes('"kind":"send"')
}

async function tellGuard(
  desk: Desk,
  {policy, reason, isMemory}: {policy: HaltPolicy | null; reason: string; isMemory: boolean},
): Promise<{state: HaltState} | null> {
  const guard = await desk.guard()
  if (guard === null) return null
  try {
    const silence = desk.clock.sleep(GUARD_MS).then((): never => {
      throw new Error(`a guard runs, but was silent for ${GUARD_MS / 1000} s`)
    })
    // A latch on disk is seen by the guard itself; one that could not be written must be told.
    const request = isMemory
      ? guard.request({type: 'halt', cause: 'operator', reason, policy})
      : guard.request({type: 'status'})
    return await Promise.race([request, silence])
  } finally {
    guard.close()
  }
}

async function stateWithoutGuard(desk: Desk, isUsed: boolean, notes: string[]): Promise<HaltState> {
  if (!isUsed) {
    notes.push('no account was ever used here: there is nothing to cancel')
    return 'HALTED_CLEAN'
  }
  const canBeReached = (await desk.state.exists('sim-account.json')) || (await desk.processes.liveSim()) !== null
  notes.push(
    canBeReached
      ? 'a halting guard is at work'
      : 'the venue does not answer: nothing is proven, the guard keeps trying',
  )
  return canBeReached ? 'ENGAGING' : 'HALTED_DIRTY'
}

/** The record, so that it exists even when no guard can be started; the guard takes it over. */
async function leaveRecord(
  desk: Desk,
  {id, reason, policy, path}: {id: string; reason: string; policy: HaltPolicy; path: string},
): Promise<void> {
  if (await desk.files.exists(path)) return
  await desk.files.write(
    HaltRecord,
    {
      artifact: 'halt@1',
      ...{id, state: 'ENGAGING', cause: 'operator', reason, policy, engaged_at: isoOf(desk.clock.now())},
      ...{account: null, venue: null, equity: null, cancelled: [], flattened: [], dust: [], kept: [], verified: []},
      ...{attempts: 0, trouble: null, finished_at: null, released_at: null},
    },
    path,
  )
}

/** Keep going, and say so. */
const noted =
  (notes: string[], what: string) =>
  (cause: unknown): undefined => {
    notes.push(
      `${what}: ${String((cause as Error).message)
        .split('\n')
        .slice(0, 2)
        .join(' ')}`,
    )
  }
