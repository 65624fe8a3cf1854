import {Flags} from '@oclif/core'
import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import {StreamChannel} from '../../contracts/stream.ts'
import type {Desk} from '../../desk.ts'
import {EXIT} from '../../kernel/fault.ts'
import {parseDuration, parseInstant} from '../../kernel/instant.ts'
import {ingestStream} from '../../operations/ingest-stream.ts'
import type {IngestStreamResult} from '../../operations/ingest-stream-result.ts'

const list = (text: string | undefined): string[] =>
  text
    ?.split(',')
    .map((part) => part.trim())
    .filter(Boolean) ?? []

/** Layer 0 · sensory input. Reads the venue's WebSocket, leaves raw frames, rows, gaps, manifests and a report. */
export default class IngestStream extends QoCommand<typeof IngestStream, IngestStreamResult> {
  static override summary = 'record quotes, trades, books, contexts and candles as they happen; every hole is recorded'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --for 5m --coins BTC,ETH --json',
    '<%= config.bin %> <%= command.id %> --from-selected --channels bbo,trades',
    '<%= config.bin %> <%= command.id %> --dry-run',
  ]
  static override flags = {
    for: Flags.string({summary: 'how long; default: until asked to stop', helpValue: '5m', exclusive: ['until']}),
    until: Flags.string({summary: 'until this time, ISO 8601', helpValue: '2026-11-23T00:00:00Z'}),
    coins: Flags.string({summary: 'only these, by exact name', helpValue: 'BTC,ETH', exclusive: ['from-selected']}),
    'from-selected': Flags.boolean({summary: 'the coins of configs/selected_assets.yaml'}),
    channels: Flags.string({summary: `some of ${StreamChannel.options.join(', ')}`, helpValue: 'bbo,trades'}),
    'commit-every': Flags.string({
      summary: 'how often frames become rows; default: configs/ingest.yaml',
      helpValue: '5m',
    }),
    'connect-timeout': Flags.string({summary: 'give up when no frame came by then', default: '60s', helpValue: '60s'}),
  }

  perform(desk: Desk): Promise<IngestStreamResult> {
    const {flags} = this
    let stop = false
    // Asked to end, it ends in order; asked again, it is ended at once like any other command.
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const inOrder = (): void => {
        stop = true
        setImmediate(() => process.off(signal, inOrder))
      }
      process.on(signal, inOrder)
    }
    return ingestStream(desk, {
      forMs: flags.for === undefined ? null : parseDuration(flags.for),
      until: flags.until === undefined ? null : parseInstant(flags.until),
      coins: list(flags.coins),
      fromSelected: flags['from-selected'] === true,
      channels: list(flags.channels) as StreamChannel[],
      commitEveryMs: flags['commit-every'] === undefined ? null : parseDuration(flags['commit-every']),
      connectTimeoutMs: parseDuration(flags['connect-timeout']),
      stopRequested: () => stop,
    })
  }

  render(result: IngestStreamResult): Ending {
    const {venue, coins, plan, frames, rowsByTable, gaps, audit, ended} = result
    const rows = Object.entries(rowsByTable).map(([table, count]) => [table, count] as const)
    return {
      ...(result.dryRun ? {} : {body: renderTable(['table', 'new rows'], rows, [1])}),
      artifact: result.paths,
      rationale: [
        `${venue}: ${coins.length} coins, ${plan.streams} streams on ${plan.sockets} socket, ${plan.messages} messages`,
        ...(result.dryRun
          ? [`subscribing takes ${plan.subscribeSeconds} s; nothing was connected`]
          : [
              `${frames} frames, ended: ${ended}; ${result.reconnects} reconnects, ${result.staleActions.total} stale actions`,
              `${gaps.total} gaps, ${gaps.open} still open; lag p50 ${result.lagMs.p50 ?? '-'} ms`,
            ]),
        ...(audit === null ? [] : [`${audit.lost} of ${audit.venueTrades} trades lost, ${audit.inGaps} inside gaps`]),
        ...result.warnings,
      ],
      next: result.dryRun ? ['qo ingest stream'] : ['qo lake gaps', 'qo lake status'],
    }
  }

  protected override statusOf({ok}: IngestStreamResult): number {
    return ok ? 0 : EXIT.data
  }
}
