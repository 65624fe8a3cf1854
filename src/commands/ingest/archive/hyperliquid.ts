import {Flags} from '@oclif/core'
import {QoCommand} from '../../../cli/qo-command.ts'
import type {Ending} from '../../../cli/render.ts'
import {renderArchive} from '../../../cli/render-archive.ts'
import type {Desk} from '../../../desk.ts'
import {EXIT} from '../../../kernel/fault.ts'
import {parseInstant} from '../../../kernel/instant.ts'
import type {IngestArchiveResult} from '../../../operations/archive-files.ts'
import {ingestArchiveHyperliquid} from '../../../operations/ingest-archive-hyperliquid.ts'

/** Layer 0 · sensory input. Reads the official Hyperliquid archive, leaves contexts, funding, universe or books. */
export default class IngestArchiveHyperliquid extends QoCommand<typeof IngestArchiveHyperliquid, IngestArchiveResult> {
  static override summary = 'past data of Hyperliquid from its requester-pays archive; the cost is said first'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --from 2024-01-01 --to 2024-02-01 --dry-run',
    '<%= config.bin %> <%= command.id %> --data l2Book --coins BTC,ETH --from 2024-01-01 --to 2024-01-02 --yes',
  ]
  static override flags = {
    from: Flags.string({summary: 'first day', required: true}),
    to: Flags.string({summary: 'day behind the last', required: true}),
    data: Flags.option({
      options: ['asset_ctxs', 'l2Book'] as const,
      summary: 'contexts by day, or books by hour and coin',
      default: 'asset_ctxs' as const,
    })(),
    coins: Flags.string({summary: 'coins of the books, with commas between'}),
    venue: Flags.string({summary: 'venue in the lake', default: 'hyperliquid'}),
    'base-url': Flags.string({summary: 'where the archive is, or a gateway that signs; default: configs/ingest.yaml'}),
    'max-bad': Flags.string({summary: 'largest share of bad rows of a file', default: '0.05'}),
    yes: Flags.boolean({summary: 'pay more than the configuration allows unasked'}),
  }

  perform(desk: Desk): Promise<IngestArchiveResult> {
    const {from, to, data, coins, venue, yes} = this.flags
    return ingestArchiveHyperliquid(desk, {
      ...{data, venue, yes},
      coins: (coins ?? '').split(',').filter((name) => name !== ''),
      from: parseInstant(from),
      to: parseInstant(to),
      baseUrl: this.flags['base-url'] ?? null,
      maxBad: Number(this.flags['max-bad']),
    })
  }

  render(result: IngestArchiveResult): Ending {
    return renderArchive(result, this.flags['dry-run'])
  }

  protected override statusOf({ok}: IngestArchiveResult): number {
    return ok ? 0 : EXIT.data
  }
}
