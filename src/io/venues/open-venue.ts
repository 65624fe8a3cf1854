import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {SimEndpoint} from '../../contracts/workspace.ts'
import type {VenuePort} from '../../desk.ts'
import {Fault} from '../../kernel/fault.ts'
import {parseArtifact} from '../files.ts'
import {openInfoClient, WEIGHT_PER_MINUTE} from './hyperliquid/info-client.ts'
import {hostBudget} from './hyperliquid/weight-budget.ts'

const MAINNET = 'https://api.hyperliquid.xyz'
const TESTNET = 'https://api.hyperliquid-testnet.xyz'

/**
 * The market-data side of a venue, by its name in `configs/qo.yaml`.
 *
 * `sim` speaks the same API at the address its process left in the state folder. `QO_HYPERLIQUID_URL` replaces the
 * public address, for a proxy or a recorded venue. All processes of this host share one weight budget per address.
 *
 * @throws Fault `venue.not_running` (venue), `venue.unknown` (usage), `artifact.invalid` (contract)
 */
export async function openVenue(name: string, stateDir: string): Promise<VenuePort> {
  if (name === 'sim') {
    const {url, weightPerMinute} = await readSimEndpoint(stateDir)
    return {name, url, ...openInfoClient({url, budget: hostBudget(url, weightPerMinute)})}
  }
  const known: Readonly<Record<string, string>> = {
    hyperliquid: process.env['QO_HYPERLIQUID_URL'] ?? MAINNET,
    testnet: TESTNET,
  }
  const url = known[name]
  if (url === undefined) {
    throw new Fault('venue.unknown', {
      family: 'usage',
      what: `There is no market-data client for the venue '${name}'.`,
      why: `Over the network qo reads ${[...Object.keys(known), 'sim'].join(', ')}; other venues enter as files.`,
      next: [`qo ingest file PATH --as ohlcv --venue ${name}`],
    })
  }
  return {name, url, ...openInfoClient({url, budget: hostBudget(url, WEIGHT_PER_MINUTE)})}
}

async function readSimEndpoint(stateDir: string): Promise<SimEndpoint> {
  const path = join(stateDir, 'sim.json')
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw new Fault('venue.not_running', {
      family: 'venue',
      what: 'The practice venue of this workspace is not running.',
      why: `${path} names it while it runs, and does not exist.`,
      next: ['qo sim serve --scenario demo &'],
      cause,
    })
  }
  return parseArtifact(SimEndpoint, path, text)
}
