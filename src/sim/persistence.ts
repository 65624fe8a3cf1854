import {mkdir, open, readFile, rename} from 'node:fs/promises'
import {dirname} from 'node:path'
import {Fault} from '../kernel/fault.ts'
import {type Account, newAccount} from './account.ts'
import {HOUSE_ADDRESS, type Print} from './market/market-source.ts'
import {PX_DECIMALS} from './market/price-grid.ts'
import {NonceSet} from './nonces.ts'
import {byPriority, type Order} from './order.ts'
import type {VenueState} from './venue-state.ts'

const ARTIFACT = 'sim-account@1'

/** Which price path a saved account belongs to: positions make no sense on another one. */
export interface Saved {
  readonly market: string
  readonly clock: number
  readonly body: Readonly<Record<string, unknown>>
}

/** Everything that must survive a restart, as JSON text. Big integers are written `123n`. */
export function snapshot(state: VenueState, market: string): string {
  const saved = {
    artifact: ARTIFACT,
    market,
    clock: state.clock.now(),
    settledTo: state.settledTo,
    nextOid: state.nextOid,
    txCount: state.txCount,
    assets: state.listing.map(({name}) => name),
    accounts: [...state.accounts.values(), state.house],
    orders: [...state.orders.values()],
    nonces: [...state.nonces].map(([signer, {used}]) => [signer, used]),
  }
  return `${JSON.stringify(saved, (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value instanceof Map ? {map: [...value]} : value,
  )}\n`
}

/** @throws Fault `sim.state_corrupt`, `sim.other_market` (contract) */
export async function readSaved(path: string, market: string): Promise<Saved | null> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  const saved = parse(path, text)
  if (saved.market === market) return saved
  throw new Fault('sim.other_market', {
    family: 'contract',
    what: `${path} holds the accounts of the market '${saved.market}', not of '${market}'.`,
    why: 'A position belongs to the price path it was opened on; on another one its profit would be an accident.',
    next: ['start the venue with the scenario seed it was last run with', `move ${path} away to start afresh`],
  })
}

function parse(path: string, text: string): Saved {
  try {
    const body = JSON.parse(text, (_, value: unknown) => {
      if (typeof value === 'string' && /^-?\d+n$/.test(value)) return BigInt(value.slice(0, -1))
      const entries = (value as {map?: [unknown, unknown][]} | null)?.map
      return Array.isArray(entries) ? new Map(entries) : value
    }) as Record<string, unknown>
    if (body['artifact'] !== ARTIFACT || typeof body['clock'] !== 'number') throw new Error(`not a ${ARTIFACT}`)
    return {market: String(body['market']), clock: body['clock'], body}
  } catch (cause) {
    throw new Fault('sim.state_corrupt', {
      family: 'contract',
      what: `${path} cannot be read as the practice venue's accounts.`,
      why: (cause as Error).message,
      next: [`move ${path} away to start with empty accounts`],
      cause,
    })
  }
}

/** Put saved accounts, orders and nonces into a fresh venue. */
export function restore(state: VenueState, {body}: Saved): void {
  // Assets are matched by name: a market fed from files may list them in another order the next time.
  const names = body['assets'] as string[]
  const indexOf = (saved: number): number => state.listing.findIndex(({name}) => name === names[saved])
  refuseMissing(body, names, indexOf)
  const moved = <V>(map: Map<number, V>): [number, V][] => [...map].map(([asset, value]) => [indexOf(asset), value])
  for (const saved of body['accounts'] as Account[]) {
    const fields = {positions: moved(saved.positions), leverage: moved(saved.leverage), paid: moved(saved.fundingPaid)}
    const account = {
      ...newAccount(saved.address),
      ...saved,
      positions: new Map(fields.positions),
      leverage: new Map(fields.leverage),
      fundingPaid: new Map(fields.paid),
    }
    if (saved.address === 'house') Object.assign(state.house, account)
    else state.accounts.set(saved.address, account)
  }
  for (const saved of body['orders'] as Order[]) {
    const order = {...saved, asset: indexOf(saved.asset)}
    state.orders.set(order.oid, order)
    const book = state.books[order.asset]
    if (order.status === 'open' && book) (order.isBuy ? book.bids : book.asks).push(order)
  }
  for (const book of state.books) {
    book.bids.sort(byPriority(true))
    book.asks.sort(byPriority(false))
  }
  recallTrades(state)
  for (const [signer, used] of body['nonces'] as [string, number[]][]) state.nonces.set(signer, new NonceSet(used))
  state.nextOid = body['nextOid'] as number
  state.txCount = body['txCount'] as number
  state.settledTo = body['settledTo'] as number
}

/** The public prints of the accounts' trades, from the fills they remember: candles keep them over a restart. */
function recallTrades(state: VenueState): void {
  const prints = new Map<string, {asset: number; print: Print}>()
  for (const account of state.accounts.values()) {
    for (const {coin, px, sz, side, time, hash, tid, crossed} of account.fills) {
      const asset = state.listing.findIndex(({name}) => name === coin)
      if (asset < 0) continue
      const buys = side === 'B'
      const [buyer, seller] = prints.get(hash)?.print.users ?? [HOUSE_ADDRESS, HOUSE_ADDRESS]
      const users: Print['users'] = buys ? [account.address, seller] : [buyer, account.address]
      const lots = Math.round(Number(sz) * 10 ** state.listing[asset]!.szDecimals)
      const units = Math.round(Number(px) * 10 ** PX_DECIMALS)
      prints.set(hash, {asset, print: {time, px: units, lots, takerIsBuy: crossed === buys, tid, hash, users}})
    }
  }
  const inOrder = [...prints.values()].sort((a, b) => a.print.time - b.print.time)
  for (const {asset, print} of inOrder) state.listing[asset]!.market.record(print)
}

/** What is held must be listed: a position without a price can be neither valued nor closed. */
function refuseMissing(
  body: Readonly<Record<string, unknown>>,
  names: readonly string[],
  indexOf: (asset: number) => number,
): void {
  const held = (body['accounts'] as Account[]).flatMap(({positions}) => [...positions.keys()])
  const open = (body['orders'] as Order[]).filter(({status}) => status === 'open').map(({asset}) => asset)
  const missing = [...new Set([...held, ...open])].filter((asset) => indexOf(asset) < 0).map((asset) => names[asset])
  if (missing.length === 0) return
  throw new Fault('sim.asset_missing', {
    family: 'contract',
    what: `The saved accounts hold ${missing.join(', ')}, which this market does not list.`,
    why: 'A position without a price can be neither valued nor closed.',
    next: ['add the missing bars to the lake: qo ingest', 'move data/state/sim-account.json away to start afresh'],
  })
}

/** Temporary file, fsync, rename, fsync of the folder. Private: it names accounts. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const folder = dirname(path)
  await mkdir(folder, {recursive: true, mode: 0o700})
  const temporary = `${path}.${process.pid}.tmp`
  const file = await open(temporary, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
  const directory = await open(folder, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
