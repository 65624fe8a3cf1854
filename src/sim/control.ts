import {z} from 'zod'
import {decimal, round} from '../kernel/decimal.ts'
import {Fault} from '../kernel/fault.ts'
import {newAccount} from './account.ts'
import {advance} from './advance.ts'
import {audit} from './audit.ts'
import {FaultRequest, type Faults} from './faults.ts'
import type {Feeds} from './feeds/feeds.ts'
import type {SocketLimits} from './feeds/socket-limits.ts'
import type {WireLog} from './feeds/wire-log.ts'
import {tradeRow} from './info/market-info.ts'
import {armFault} from './market-faults.ts'
import type {WeightWindow} from './rate-limit.ts'
import {openOrdersOf, type VenueState} from './venue-state.ts'
import {CASH_SCALE, usdText} from './wire.ts'

const Address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .transform((text) => text.toLowerCase())
const Usdc = z.string().regex(/^\d{1,12}(\.\d{1,6})?$/)

const AccountRequest = z.strictObject({
  user: Address,
  /** what the account starts with; an account that exists keeps what it has */
  usdc: Usdc.default('0'),
  /** added on top, every time */
  deposit: Usdc.default('0'),
  agents: z
    .array(z.union([Address, z.strictObject({address: Address, name: z.string().max(16).default('')})]))
    .default([]),
  /** agents that may no longer sign */
  revoke: z.array(Address).default([]),
  volumeTraded: Usdc.optional(),
})

const ResetRequest = z.strictObject({
  seed: z.number().int().min(0).optional(),
  scenario: z.string().optional(),
})

const LogRequest = z.strictObject({
  /** number of the first entry; without it the newest */
  from: z.number().int().min(0).optional(),
  limit: z.number().int().min(1).max(20_000).default(1000),
})

/** Public trades with from <= time < to, venue time, whoever was connected. */
const TapeRequest = z.strictObject({coin: z.string(), from: z.number().int().min(0), to: z.number().int().min(0)})

const StepRequest = z.strictObject({
  ms: z
    .number()
    .int()
    .min(0)
    .max(366 * 86_400_000),
})

/** What the control plane reaches. Everything but the log is replaced by a reset. */
export interface Controlled {
  readonly state: VenueState
  readonly faults: Faults
  readonly weight: WeightWindow
  readonly feeds: Feeds
  readonly limits: SocketLimits
  readonly log: WireLog
  /** @throws Fault `sim.unknown_scenario` (usage) */
  reset(wanted: {readonly seed?: number; readonly scenario?: string}): Promise<void>
}

export interface ControlReply {
  readonly status: number
  readonly body: unknown
}

/** The control plane under `/_sim/`: what a test or an operator does to the venue, never a client. */
export function control(controlled: Controlled, path: string, body: unknown): ControlReply | Promise<ControlReply> {
  const {state, faults, feeds} = controlled
  feeds.run()
  const now = advance(state)
  const reply = (value: unknown): ControlReply => ({status: 200, body: value})
  const parsed = <S extends z.ZodType>(schema: S, use: (value: z.infer<S>) => ControlReply | Promise<ControlReply>) => {
    const result = schema.safeParse(body)
    return result.success ? use(result.data) : {status: 422, body: {error: z.prettifyError(result.error)}}
  }
  switch (path) {
    case '/_sim/state':
      return reply(stateView(controlled, now))
    case '/_sim/audit':
      return reply(audit(state))
    case '/_sim/account':
      return parsed(AccountRequest, (request) => reply(openAccount(state, request)))
    case '/_sim/fault':
      return parsed(FaultRequest, (request) => {
        armFault(controlled, request)
        return reply({armed: faults.list()})
      })
    case '/_sim/fault/clear':
      faults.clear()
      return reply({armed: []})
    case '/_sim/step':
      return parsed(StepRequest, ({ms}) => {
        state.clock.step(ms)
        // The feeds go first: they report every instant as it was, not as the step leaves it.
        feeds.run()
        const time = advance(state)
        return reply({time})
      })
    case '/_sim/reset':
      return parsed(ResetRequest, (request) => reset(controlled, request))
    case '/_sim/log':
      return parsed(LogRequest, ({from, limit}) => reply(controlled.log.page(from, limit)))
    case '/_sim/tape':
      return parsed(TapeRequest, (request) => tapeReply(state, request, now))
    default:
      return {status: 404, body: {error: `there is no ${path}`}}
  }
}

/** A venue as after a start: no account, no fault, no connection, time at its beginning. */
async function reset(controlled: Controlled, {seed, scenario}: z.infer<typeof ResetRequest>): Promise<ControlReply> {
  try {
    await controlled.reset({...(seed === undefined ? {} : {seed}), ...(scenario === undefined ? {} : {scenario})})
  } catch (error) {
    if (error instanceof Fault) return {status: 422, body: {error: error.message}}
    throw error
  }
  const {state, feeds} = controlled
  return {status: 200, body: {time: state.clock.now(), scenario: state.scenario.name, seed: feeds.seed}}
}

/** The oracle of a recorder: what happened, up to now. */
function tapeReply(state: VenueState, {coin, from, to}: z.infer<typeof TapeRequest>, now: number): ControlReply {
  const asset = state.listing.findIndex(({name}) => name === coin)
  if (asset < 0) return {status: 422, body: {error: `there is no ${coin}`}}
  const prints = state.listing[asset]!.market.prints(from - 1, Math.min(to - 1, now))
  return {status: 200, body: {coin, from, to, trades: prints.map((print) => tradeRow(state, asset, print))}}
}

function openAccount(state: VenueState, request: z.infer<typeof AccountRequest>) {
  const existing = state.accounts.get(request.user)
  const account = existing ?? newAccount(request.user)
  state.accounts.set(request.user, account)
  for (const usdc of [...(existing ? [] : [request.usdc]), request.deposit]) {
    const cash = round(decimal(usdc), CASH_SCALE, 'down').units
    account.cash += cash
    account.deposited += cash
  }
  for (const agent of request.agents) {
    const {address, name} = typeof agent === 'string' ? {address: agent, name: ''} : agent
    account.agents.set(address, {name, validUntil: null})
  }
  for (const address of request.revoke) account.agents.delete(address)
  if (request.volumeTraded !== undefined) {
    account.volume = round(decimal(request.volumeTraded), CASH_SCALE, 'down').units
  }
  return {user: account.address, created: !existing, cash: usdText(account.cash), agents: [...account.agents.keys()]}
}

const stateView = ({state, faults, weight, feeds, limits}: Controlled, now: number) => ({
  time: now,
  scenario: state.scenario.name,
  stepped: state.clock.stepped,
  /** a recording that has been played to its end stays silent */
  state: state.endsAt !== null && now > state.endsAt ? 'ended' : 'running',
  weight: {perMinute: state.scenario.weightPerMinute, used: weight.used(now)},
  faults: faults.list(),
  sockets: {
    ...limits.view(now),
    connections: [...feeds.connections].map(({id, streams, sent, isFrozen}) => ({
      ...{id, isFrozen},
      subscriptions: [...streams.keys()],
      sent: Object.fromEntries(sent),
    })),
  },
  accounts: [...state.accounts.values()].map((account) => ({
    user: account.address,
    cash: usdText(account.cash),
    positions: [...account.positions].map(([asset, {lots}]) => ({coin: state.listing[asset]!.name, lots})),
    openOrders: openOrdersOf(state, account.address).length,
    requests: account.requests,
  })),
})
