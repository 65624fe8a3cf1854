import {Args, Flags} from '@oclif/core'
import {QoCommand} from '../cli/qo-command.ts'
import type {Ending} from '../cli/render.ts'
import type {Desk} from '../desk.ts'
import {type InitResult, init} from '../operations/init.ts'
import {type InitPathResult, initPath} from '../operations/init-path.ts'

type Result = InitResult | InitPathResult

/** Layer 0 · makes a workspace, or exactly one declared path of it. Reads nothing, needs no account, key or network. */
export default class Init extends QoCommand<typeof Init, Result> {
  static override summary = 'make a workspace, or build exactly one declared path of it'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --exchange sim',
    '<%= config.bin %> <%= command.id %> configs/risk_limits.yaml',
    '<%= config.bin %> <%= command.id %> hypotheses/planted-edge.yaml',
  ]
  static override args = {path: Args.string({description: 'one declared path, e.g. hypotheses/my-idea.yaml'})}
  static override flags = {
    exchange: Flags.string({
      summary: 'venue of the workspace',
      options: ['hyperliquid', 'sim', 'binance', 'binance_spot'] as const,
    }),
    cloud: Flags.string({summary: 'where it is deployed', options: ['none', 'aws'] as const}),
    engine: Flags.string({summary: 'backtest engine', options: ['qo', 'vectorbt'] as const}),
  }

  protected override needsWorkspace = false

  perform(desk: Desk): Promise<Result> {
    const {exchange, cloud, engine} = this.flags as unknown as Record<string, string | undefined>
    const options = {...(exchange && {exchange}), ...(cloud && {cloud}), ...(engine && {engine})} as Parameters<
      typeof init
    >[1]
    return this.args.path === undefined ? init(desk, options) : initPath(desk, this.args.path, options)
  }

  render(result: Result): Ending {
    if (result.artifact === 'init-path@1') {
      const {path, text, rationale, next} = result
      return {body: text.trimEnd(), artifact: [path], rationale, next: next.map((choice, i) => `${i + 1}) ${choice}`)}
    }
    const {written, kept, root, exchange, repository} = result
    return {
      artifact: [
        `${root} · ${written.length} files written${kept.length > 0 ? `, ${kept.length} kept as they were` : ''}`,
      ],
      rationale: [
        `a workspace for ${exchange}${exchange.startsWith('binance') ? ' (research only: trade is refused)' : ''}`,
        repository === 'made'
          ? 'a git repository was made: hypotheses and verdicts are meant to be kept'
          : 'git: the repository that was there',
      ],
      next: exchange === 'sim' ? ['qo sim serve --scenario demo --seed 7 &', 'qo ingest'] : ['qo doctor', 'qo ingest'],
    }
  }
}
