import {recoverL1Signer, recoverUserSigner} from '../../io/venues/hyperliquid/signing.ts'
import type {Account} from '../account.ts'
import {cancelByCloid, cancelByOid} from '../cancel-order.ts'
import {NonceSet} from '../nonces.ts'
import {placeOrder} from '../place-order.ts'
import {requestRefusal} from '../rate-limit.ts'
import {updateLeverage} from '../update-leverage.ts'
import {accountOf, type VenueState} from '../venue-state.ts'
import {usdText} from '../wire.ts'
import {ApproveAgent, canonical, Envelope, L1Action} from './actions.ts'

export type ExchangeReply =
  | {readonly status: 'ok'; readonly response: {readonly type: string; readonly data?: unknown}}
  | {readonly status: 'err'; readonly response: string}

const err = (response: string): ExchangeReply => ({status: 'err', response})
const ok = (type: string, statuses?: readonly unknown[]): ExchangeReply => ({
  status: 'ok',
  response: {type, ...(statuses ? {data: {statuses}} : {})},
})

const APPROVE_AGENT_FIELDS = [
  {name: 'hyperliquidChain', type: 'string'},
  {name: 'agentAddress', type: 'address'},
  {name: 'agentName', type: 'string'},
  {name: 'nonce', type: 'uint64'},
] as const

/**
 * One signed action: who signed it, may the nonce be used, is it still wanted; then it happens.
 *
 * @returns null when the body is not an action at all (HTTP 422)
 */
export function exchange(state: VenueState, body: unknown, now: number): ExchangeReply | null {
  const envelope = Envelope.safeParse(body)
  if (!envelope.success) return null
  if (envelope.data.action.type === 'approveAgent') return approveAgent(state, envelope.data, now)
  const action = L1Action.safeParse(envelope.data.action)
  if (!action.success) return null
  const {nonce, signature, vaultAddress, expiresAfter} = envelope.data
  if (vaultAddress) return err(`Vault not registered: ${vaultAddress}`)
  const signer = recoverL1Signer({
    action: canonical(action.data) as Record<string, unknown>,
    nonce,
    network: 'testnet',
    signature,
    ...(expiresAfter == null ? {} : {expiresAfter}),
  })
  const account = signer === null ? null : accountOf(state, signer, now)
  if (signer === null || account === null) return err(`User or API Wallet ${signer ?? '0x'} does not exist.`)
  const refusal = useNonce(state, signer, nonce, now)
  if (refusal) return err(refusal)
  const count = 'orders' in action.data ? action.data.orders.length : 1
  if (expiresAfter != null && expiresAfter < now) {
    account.requests += 5 * count
    return err('Action already expired')
  }
  const overBudget = requestRefusal(account, count, action.data.type.startsWith('cancel'), now)
  if (overBudget) return err(overBudget)
  return perform(state, account, action.data, now)
}

function perform(state: VenueState, account: Account, action: L1Action, now: number): ExchangeReply {
  const user = account.address
  switch (action.type) {
    case 'order': {
      if (action.orders.length === 0) return err('Batch of orders is empty.')
      const statuses = action.orders.map(({a, b, p, s, r, t, c}) =>
        placeOrder(
          state,
          account,
          {asset: a, isBuy: b, px: p, sz: s, reduceOnly: r, tif: t.limit.tif, cloid: c ?? null},
          now,
        ),
      )
      return ok('order', statuses)
    }
    case 'cancel':
      return ok(
        'cancel',
        action.cancels.map(({a, o}) => cancelByOid(state, user, a, o, now)),
      )
    case 'cancelByCloid':
      return ok(
        'cancel',
        action.cancels.map(({asset, cloid}) => cancelByCloid(state, user, asset, cloid, now)),
      )
    case 'noop':
      return ok('default')
    case 'updateLeverage': {
      const refusal = updateLeverage(state, account, action)
      return refusal === null ? ok('default') : err(refusal)
    }
    case 'scheduleCancel':
      return err(
        `Cannot set scheduled cancel time until enough volume traded. Required: $1000000. Traded: $${usdText(account.volume)}.`,
      )
    default:
      return action satisfies never
  }
}

function useNonce(state: VenueState, signer: string, nonce: number, now: number): string | null {
  const nonces = state.nonces.get(signer) ?? new NonceSet()
  state.nonces.set(signer, nonces)
  // The venue's day may differ from the machine's: a client that stamps with its own clock is still understood.
  const times = state.clock.stepped ? [now] : [now, Date.now()]
  const refusal = nonces.refusal(nonce, times)
  if (refusal === null) nonces.use(nonce)
  return refusal
}

/** User-signed: only the master key may name an agent. */
function approveAgent(state: VenueState, {action, nonce, signature}: Envelope, now: number): ExchangeReply | null {
  const parsed = ApproveAgent.safeParse(action)
  if (!parsed.success) return null
  const {agentAddress, agentName, ...rest} = parsed.data
  const message = {...rest, agentAddress, agentName: agentName ?? ''}
  const signer = recoverUserSigner('HyperliquidTransaction:ApproveAgent', APPROVE_AGENT_FIELDS, message, signature)
  const master = signer === null ? undefined : state.accounts.get(signer)
  if (signer === null || !master) return err(`Must deposit before performing actions. User: ${signer ?? '0x'}`)
  if (nonce !== parsed.data.nonce) return err('Nonce in action does not match nonce of request')
  const refusal = useNonce(state, signer, nonce, now)
  if (refusal) return err(refusal)
  if (state.accounts.has(agentAddress)) return err('Extra agent already used.')
  const validUntil = / valid_until (\d+)$/.exec(agentName ?? '')
  const name = (agentName ?? '').replace(/ valid_until \d+$/, '')
  for (const [address, agent] of master.agents) if (agent.name === name) master.agents.delete(address)
  if (!/^0x0{40}$/.test(agentAddress)) {
    master.agents.set(agentAddress, {name, validUntil: validUntil ? Number(validUntil[1]) : null})
  }
  return ok('default')
}
