import {BookConfig} from '../contracts/book.ts'
import {ExecutionConfig} from '../contracts/execution.ts'
import {RiskLimits} from '../contracts/risk.ts'
import type {TradeMode} from '../contracts/trade.ts'
import {isResearchOnly, QoConfig} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'

export interface TradeRules {
  readonly exchange: QoConfig['exchange']
  readonly limits: RiskLimits
  readonly book: BookConfig
  readonly execution: ExecutionConfig
}

/**
 * Everything that must hold before a market is looked at, in this order: latch, venue, mode, limits, configuration.
 *
 * The latch comes before any file is read: while it is down, a broken workspace still answers 7 and nothing else.
 *
 * @throws Fault `trade.halted` (halted), `trade.research_venue` (usage), `trade.mode_not_ready` (contract),
 *         `artifact.*` (contract) for limits, book and execution
 */
export async function passGates(desk: Desk, mode: TradeMode): Promise<TradeRules> {
  refuseWhenHalted(desk)
  const {exchange} = await desk.files.read(QoConfig)
  if (isResearchOnly(exchange)) throw researchVenue(exchange)
  const limits = await desk.files.read(RiskLimits)
  if (mode === 'testnet' || mode === 'live') throw await notReady(desk, mode)
  return {
    exchange,
    limits,
    book: await desk.files.read(BookConfig),
    execution: await desk.files.read(ExecutionConfig),
  }
}

/** @throws Fault `trade.halted` (halted): a latch that cannot be looked for counts as one */
export function refuseWhenHalted(desk: Desk): void {
  const latch = desk.latch.look()
  if (latch === 'absent') return
  const note = latch === 'engaged' ? desk.latch.note() : null
  throw new Fault('trade.halted', {
    family: 'halted',
    what:
      latch === 'engaged' ? 'Trading is halted: the latch is down.' : 'Trading is halted: no latch could be ruled out.',
    why:
      latch === 'engaged'
        ? `Halt ${note?.id ?? 'without an id'}${note?.reason ? `, reason: ${note.reason}` : ''}. No order leaves until it is released.`
        : 'The state folder cannot be listed; what cannot be ruled out counts as a halt.',
    next: ['qo killswitch status', 'qo killswitch release, once the state is HALTED_CLEAN'],
  })
}

function researchVenue(exchange: string): Fault {
  return new Fault('trade.research_venue', {
    family: 'usage',
    what: `This workspace researches ${exchange}; qo does not trade there.`,
    why: `${exchange} is a source of history only: there is no order path to it, not even on paper.`,
    next: ['qo init --exchange hyperliquid in another folder', 'qo gauntlet, to judge hypotheses on this history'],
  })
}

/** Real orders need more than a flag. What is missing is listed; nothing is tried half-way. */
async function notReady(desk: Desk, mode: 'testnet' | 'live'): Promise<Fault> {
  const approved = await desk.files.exists('data/state/approved_limits.json')
  const missing = [
    ...(approved ? [] : ['limits approved by `qo risk limits approve` (data/state/approved_limits.json)']),
    'a permit of the guard for this network, bound to master and agent address',
    'a pre-flight ritual of this session, signed and not expired',
    ...(mode === 'live' ? ['a hypothesis in state pilot: 20 clean paper days come first'] : []),
  ]
  return new Fault('trade.mode_not_ready', {
    family: 'contract',
    what: `Mode ${mode} is not open in this workspace.`,
    why: [
      'Missing:',
      ...missing.map((item) => `- ${item}`),
      'This version sends orders to the practice venue only.',
    ].join('\n'),
    next: ['qo trade --mode paper', 'qo ritual start'],
  })
}
