import type {SimEndpoint} from '../contracts/workspace.ts'
import {type SimOptions, serveSim} from './serve.ts'

/**
 * Serve until SIGTERM or SIGINT, then save and stop. Prints one JSON line with the addresses once it listens.
 *
 * When the parent that started it goes away (its pipe closes), nothing happens: a venue outlives its parent on purpose.
 */
export async function runSim(options: SimOptions): Promise<SimEndpoint> {
  const sim = await serveSim(options)
  const {artifact, ...endpoint} = sim.endpoint
  const {url} = endpoint
  const addresses = {info: `${url}/info`, exchange: `${url}/exchange`, control: `${url}/_sim`}
  process.stdout.write(`${JSON.stringify({artifact, ok: true, ...endpoint, ...addresses})}\n`)
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve())
    process.once('SIGINT', () => resolve())
  })
  await sim.stop()
  return sim.endpoint
}
