import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {z} from 'zod'
import {SimEndpoint} from '../contracts/workspace.ts'
import type {Clock} from '../desk.ts'
import {parseArtifact} from '../io/files.ts'
import {type ExchangeOutcome, postExchange, type SignedAction} from '../io/venues/hyperliquid/exchange-client.ts'
import {openInfoClient} from '../io/venues/hyperliquid/info-client.ts'
import {hostBudget, type WeightBudget} from '../io/venues/hyperliquid/weight-budget.ts'
import {Fault} from '../kernel/fault.ts'

/** An order that had no answer for this long is unknown. */
export const SEND_TIMEOUT_MS = 5_000
const READ_TIMEOUT_MS = 3_000
/** Retries included: a guard that waits longer for one answer would miss a latch. */
const PATIENCE_MS = 8_000

/** The guard's line to its venue. The practice venue may come back under another address: it is looked up each time. */
export interface VenueLink {
  /** the venue's reply, checked; @throws Fault of family venue */
  ask<S extends z.ZodType>(schema: S, request: Readonly<Record<string, unknown>>): Promise<z.infer<S>>
  /** everything that takes time before a send, so that nothing stands between the last look at the latch and the bytes */
  line(): Promise<(body: SignedAction) => Promise<ExchangeOutcome>>
  /** POST to the practice venue's control plane */
  control(path: string, body: Readonly<Record<string, unknown>>): Promise<void>
  /** `sim`, with the address it had last */
  name(): string
}

interface Line {
  readonly url: string
  readonly budget: WeightBudget
  readonly info: ReturnType<typeof openInfoClient>['info']
}

export function openVenueLink(stateDir: string, clock: Clock): VenueLink {
  const path = join(stateDir, 'sim.json')
  let client: Line | null = null

  async function current(): Promise<Line> {
    const text = await readFile(path, 'utf8').catch((cause: unknown) => {
      throw unreachable('data/state/sim.json names no venue', cause)
    })
    const {url, weightPerMinute} = parseArtifact(SimEndpoint, 'data/state/sim.json', text)
    if (client?.url !== url) {
      const budget = hostBudget(url, weightPerMinute)
      const {info} = openInfoClient({url, budget, lane: 'guard', timeoutMs: READ_TIMEOUT_MS, clock})
      client = {url, budget, info}
    }
    return client
  }

  return {
    async ask(schema, request) {
      const {info} = await current()
      const reply = await withPatience(info(request))
      const parsed = schema.safeParse(reply)
      if (parsed.success) return parsed.data
      throw unreachable(`its answer to '${String(request['type'])}' has an unknown shape`, parsed.error)
    },
    async line() {
      const {url, budget} = await current()
      return (body) => {
        const answer = postExchange(url, body, {timeoutMs: SEND_TIMEOUT_MS})
        // Counted so that the others make room, after it was sent: nothing that leaves the guard waits for a budget.
        void budget.take('cancel', 1)
        return answer
      }
    },
    async control(route, body) {
      const {url} = await current()
      const response = await fetch(`${url}${route}`, {
        method: 'POST',
        headers: {'content-type': 'application/json'},
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(READ_TIMEOUT_MS),
      })
      if (!response.ok) throw unreachable(`${route} answered ${response.status}`, await response.text())
    },
    name: () => (client === null ? 'sim' : `sim ${client.url}`),
  }
}

async function withPatience<T>(reply: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unreachable(`no answer within ${PATIENCE_MS} ms`, null)), PATIENCE_MS)
  })
  try {
    return await Promise.race([reply, late])
  } finally {
    clearTimeout(timer)
  }
}

function unreachable(why: string, cause: unknown): Fault {
  return new Fault('venue.unreachable', {
    family: 'venue',
    what: 'The practice venue does not answer the guard.',
    why: `Reason: ${why}.`,
    next: ['qo sim serve', 'qo doctor'],
    cause,
  })
}
