import {addressOf, signL1Action} from '../../src/io/venues/hyperliquid/signing.ts'
import {type RunningSim, type SimOptions, serveSim} from '../../src/sim/serve.ts'

export const MASTER = `0x${'11'.repeat(32)}`
export const AGENT = `0x${'22'.repeat(32)}`
export const OTHER = `0x${'44'.repeat(32)}`

type Json = Record<string, unknown>

/** A stepped venue with one funded account and its agent, and the few calls a test needs. */
export async function startVenue(options: Partial<SimOptions> = {}) {
  const sim: RunningSim = await serveSim({scenario: 'demo', seed: 7, port: 0, stepped: true, ...options})
  const {url} = sim.endpoint
  const raw = async (path: string, init: RequestInit) => {
    const response = await fetch(`${url}${path}`, init)
    return {status: response.status, type: response.headers.get('content-type'), text: await response.text()}
  }
  const post = (path: string, body: unknown) =>
    raw(path, {method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify(body)})
  const json = async <T>(path: string, body: unknown): Promise<T> => JSON.parse((await post(path, body)).text) as T
  const info = <T = Json>(body: Json): Promise<T> => json<T>('/info', body)
  const control = <T = Json>(path: string, body: Json = {}): Promise<T> => json<T>(`/_sim/${path}`, body)
  let nonce = sim.state.clock.now()

  /** Sign and send; `overrides` change the body after signing. */
  async function act(action: Json, {key = AGENT, expiresAfter, ...overrides}: ActOptions = {}) {
    const used = overrides.nonce ?? ++nonce
    const expiry = expiresAfter === undefined ? {} : {expiresAfter}
    const signature = signL1Action({action, nonce: used, privateKey: key, network: 'testnet', ...expiry})
    return json<Reply>('/exchange', {action, nonce: used, signature, ...expiry, ...overrides.body})
  }

  const assetOf = (coin: string): number => sim.state.listing.findIndex(({name}) => name === coin)
  const touch = async (coin: string) => {
    const {levels} = await info<{levels: [{px: string; sz: string}[], {px: string; sz: string}[]]}>({
      type: 'l2Book',
      coin,
    })
    return {bid: levels[0][0]!, ask: levels[1][0]!}
  }
  const order = (coin: string, isBuy: boolean, sz: string, px: string, tif = 'Gtc', more: Json = {}): Json => ({
    type: 'order',
    orders: [{a: assetOf(coin), b: isBuy, p: wire(px), s: wire(sz), r: false, t: {limit: {tif}}, ...more}],
    grouping: 'na',
  })
  await control('account', {user: addressOf(MASTER), usdc: '25000', agents: [{address: addressOf(AGENT), name: 'qo'}]})
  return {sim, url, raw, post, info, control, act, order, touch, assetOf, user: addressOf(MASTER)}
}

interface ActOptions {
  readonly key?: string
  readonly expiresAfter?: number
  readonly nonce?: number
  readonly body?: Json
}

export interface Reply {
  readonly status: string
  readonly response: string | {type: string; data?: {statuses: Status[]}}
}
export type Status =
  | string
  | {resting?: {oid: number}; filled?: {totalSz: string; avgPx: string; oid: number}; error?: string}

/** First status of a reply. */
export const first = (reply: Reply): Exclude<Status, string> => {
  if (typeof reply.response === 'string') throw new Error(reply.response)
  return reply.response.data!.statuses[0] as Exclude<Status, string>
}

/** As clients write numbers: no trailing zeros. */
export const wire = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)
