import type {TradeMode} from '../contracts/trade.ts'
import type {Desk, GuardPort, Lease, VenuePort} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'

/** The practice venue, the guard and the right to trade, for the length of one cycle. */
export interface Session {
  readonly venue: VenuePort
  readonly guard: GuardPort
  readonly account: string
  readonly lease: Lease
  /** venue clock when the session opened, epoch ms */
  readonly venueTime: number
  close(): Promise<void>
}

/**
 * Open what a paper cycle needs and start by itself what is not live: first the lease, then the venue, then the guard.
 *
 * What was started is stopped by the command's end (`desk.processes.stopStarted`); what was live stays live.
 *
 * @param startVenue  starts the practice venue when none is live
 * @throws Fault `trade.lease_held` `trade.guard_missing` `trade.guard_mode` `trade.venue_silent` (venue)
 */
export async function openSession(desk: Desk, mode: TradeMode, startVenue: () => Promise<unknown>): Promise<Session> {
  const lease = await desk.lease(`trade-${mode}`)
  try {
    if ((await desk.processes.liveSim()) === null) {
      desk.progress.say('starting the practice venue')
      await startVenue()
    }
    if ((await desk.processes.liveGuard()) === null) {
      desk.progress.say('starting the guard')
      await desk.processes.startGuard({mode: 'paper'})
    }
    const guard = await desk.guard()
    if (guard === null) throw guardMissing()
    const status = await guard.request({type: 'status'})
    if (status.mode !== mode) throw wrongMode(status.mode, mode)
    if (status.venueTime === null) throw venueSilent()
    return {
      venue: await desk.venue('sim'),
      guard,
      account: status.account,
      lease,
      venueTime: status.venueTime,
      async close() {
        guard.close()
        await lease.release()
      },
    }
  } catch (cause) {
    await lease.release()
    throw cause
  }
}

function guardMissing(): Fault {
  return new Fault('trade.guard_missing', {
    family: 'venue',
    what: 'The guard does not answer.',
    why: 'It is the only process that signs; without it no order can leave.',
    next: ['qo guard status', 'run the command again'],
  })
}

function wrongMode(runs: string, wanted: string): Fault {
  return new Fault('trade.guard_mode', {
    family: 'venue',
    what: `The live guard signs for ${runs}, not for ${wanted}.`,
    why: 'One guard, one network: an order must never reach another one than was typed.',
    next: [`stop that guard, then qo trade --mode ${wanted}`],
  })
}

function venueSilent(): Fault {
  return new Fault('trade.venue_silent', {
    family: 'venue',
    what: 'The venue does not answer the guard.',
    why: 'Without its clock no price is fresh and no order can be timed.',
    next: ['qo guard status', 'run the command again'],
  })
}
