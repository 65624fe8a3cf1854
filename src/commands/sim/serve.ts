import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {Flags} from '@oclif/core'
import {QoCommand} from '../../cli/qo-command.ts'
import type {Ending} from '../../cli/render.ts'
import type {SimEndpoint} from '../../contracts/workspace.ts'
import type {Desk} from '../../desk.ts'
import {parseInstant} from '../../kernel/instant.ts'
import {runSim} from '../../sim/run-sim.ts'

type Result = SimEndpoint & {readonly ok: true}

/** Practice venue. Reads data/state/sim-account.json, leaves it again and data/state/sim.json while it runs. */
export default class SimServe extends QoCommand<typeof SimServe, Result> {
  static override summary =
    'serve the practice venue on loopback until SIGTERM; prints one JSON line with its addresses'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --scenario demo --seed 7 --port 0 &',
    '<%= config.bin %> <%= command.id %> --scenario calm --stepped',
    '<%= config.bin %> <%= command.id %> --replay recordings/2025-09-04',
  ]
  static override flags = {
    scenario: Flags.string({
      summary: 'demo, calm, thin, trend, flash-crash, venue-outage, funding-spike, delisting, agents, chaos or wide',
      default: 'demo',
    }),
    seed: Flags.integer({summary: 'seed of the market', default: 7}),
    port: Flags.integer({summary: 'port on 127.0.0.1; 0 takes a free one', default: 0, min: 0, max: 65_535}),
    'start-at': Flags.string({summary: 'venue time to start at, ISO 8601; default: close of the newest complete bar'}),
    history: Flags.string({summary: 'sim-history@1 file to go on from instead of the generated market'}),
    'wire-log': Flags.string({summary: 'file for every WebSocket frame in and out, JSON lines'}),
    replay: Flags.string({summary: 'folder of recorded books and trades (l2 or bbo, trades) to play back'}),
    stepped: Flags.boolean({summary: 'time stands still until POST /_sim/step', default: false}),
  }

  protected override needsWorkspace = false
  protected override looksForWorkspace = true

  async perform(desk: Desk): Promise<Result> {
    const {scenario, seed, port, stepped, history, replay} = this.flags
    const {'start-at': startAt, 'wire-log': wireLog} = this.flags
    const inWorkspace = existsSync(join(desk.root, 'configs/qo.yaml'))
    const endpoint = await runSim({
      ...{scenario, seed, port, stepped},
      ...(inWorkspace ? {stateDir: desk.stateDir} : {}),
      ...(history === undefined ? {} : {history}),
      ...(replay === undefined ? {} : {replay}),
      ...(wireLog === undefined ? {} : {wireLog}),
      ...(startAt === undefined ? {} : {startAt: parseInstant(startAt)}),
    })
    return {...endpoint, ok: true}
  }

  render({url, pid}: Result): Ending {
    return {
      artifact: ['data/state/sim-account.json, when this is a workspace'],
      rationale: [`the practice venue at ${url} (process ${pid}) has stopped; its accounts are saved`],
      next: ['qo sim serve --scenario demo'],
    }
  }

  /** The endpoint line was printed when the venue started: one JSON object, not two. */
  protected override logJson(json: unknown): void {
    if ((json as {ok?: boolean}).ok !== true) super.logJson(json)
  }
}
