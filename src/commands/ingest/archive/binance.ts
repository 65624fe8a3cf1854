import {Flags} from '@oclif/core'
import {QoCommand} from '../../../cli/qo-command.ts'
import type {Ending} from '../../../cli/render.ts'
import {renderArchive} from '../../../cli/render-archive.ts'
import {IntervalName} from '../../../contracts/units.ts'
import type {Desk} from '../../../desk.ts'
import {EXIT} from '../../../kernel/fault.ts'
import {parseInstant} from '../../../kernel/instant.ts'
import type {IngestArchiveResult} from '../../../operations/archive-files.ts'
import {ingestArchiveBinance} from '../../../operations/ingest-archive-binance.ts'

/** Layer 0 · sensory input. Reads the public Binance archive, leaves rows in the lake and the files in data/cache. */
export default class IngestArchiveBinance extends QoCommand<typeof IngestArchiveBinance, IngestArchiveResult> {
  static override summary = 'past data of Binance from its public archive, checked against its checksums'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --symbols BTCUSDT,ETHUSDT --market um --data klines --interval 1h --from 2024-01-01 --to 2024-07-01 --dry-run',
    '<%= config.bin %> <%= command.id %> --symbols BTCUSDT --market um --data fundingRate --from 2023-01-01 --to 2024-01-01',
  ]
  static override flags = {
    symbols: Flags.string({summary: 'the exchange’s own names, with commas between', required: true}),
    market: Flags.option({
      options: ['um', 'cm', 'spot'] as const,
      summary: 'USD-M futures, COIN-M futures, spot',
      default: 'um' as const,
    })(),
    data: Flags.option({
      options: ['klines', 'trades', 'aggTrades', 'fundingRate', 'bookTicker'] as const,
      summary: 'what to fetch',
      required: true,
    })(),
    interval: Flags.option({options: IntervalName.options, summary: 'length of a bar (klines)'})(),
    from: Flags.string({summary: 'first day', required: true}),
    to: Flags.string({summary: 'day behind the last', required: true}),
    venue: Flags.string({summary: 'venue in the lake; default: binance, binance_cm, binance_spot'}),
    'base-url': Flags.string({summary: 'where the archive is; default: configs/ingest.yaml'}),
    'max-bad': Flags.string({summary: 'largest share of bad rows of a file', default: '0.05'}),
  }

  perform(desk: Desk): Promise<IngestArchiveResult> {
    const {symbols, market, data, interval, from, to, venue} = this.flags
    return ingestArchiveBinance(desk, {
      ...{market, data, interval: interval ?? null, venue: venue ?? null},
      symbols: symbols.split(',').filter((name) => name !== ''),
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
