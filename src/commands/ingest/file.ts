import {Args, Flags} from '@oclif/core'
import {QoCommand} from '../../cli/qo-command.ts'
import {readMap} from '../../cli/read-map.ts'
import type {Ending} from '../../cli/render.ts'
import {SHAPES, TIME_UNITS} from '../../contracts/ingest.ts'
import {IntervalName} from '../../contracts/units.ts'
import type {Desk} from '../../desk.ts'
import {parseInstant} from '../../kernel/instant.ts'
import {ingestFile} from '../../operations/ingest-file.ts'
import {askedFor, replyAsked} from '../../operations/ingest-request.ts'
import type {IngestFileResult} from '../../operations/ingest-rows.ts'
import {readAs} from '../../operations/read-as.ts'

/** Layer 0 · sensory input. Reads a market-data file, leaves rows in the lake, a report, a manifest, a quarantine. */
export default class IngestFile extends QoCommand<typeof IngestFile, IngestFileResult> {
  static override summary = 'import a CSV, Parquet or JSON file, a recorded socket, or a file of the Binance archive'
  static override examples = [
    '<%= config.bin %> <%= command.id %> hl_perp_1h.parquet --as ohlcv --venue hyperliquid --interval 1h',
    '<%= config.bin %> <%= command.id %> btc.csv.gz --as ohlcv --venue gemini --interval 1m --coin BTC --unit s --map "volume=Volume BTC"',
    '<%= config.bin %> <%= command.id %> btc.gz --as hl-capture --venue hyperliquid',
    '<%= config.bin %> <%= command.id %> BTCUSDT-1h-2024-01.zip --as binance-vision --venue binance',
  ]
  static override args = {path: Args.string({description: 'the file', required: true})}
  static override flags = {
    as: Flags.option({options: SHAPES, summary: 'what the file holds', required: true})(),
    venue: Flags.string({summary: 'where the market is, e.g. binance'}),
    interval: Flags.option({options: IntervalName.options, summary: 'length of a bar (ohlcv)'})(),
    coin: Flags.string({summary: 'the coin, when the file does not name it'}),
    map: Flags.string({summary: 'ours=theirs,… for columns with other names', helpValue: 'a=b,…'}),
    tz: Flags.string({summary: 'zone of local times, e.g. Europe/London'}),
    unit: Flags.option({options: TIME_UNITS, summary: 'of numeric times', default: 'ms'})(),
    'max-bad': Flags.string({summary: 'largest share of bad rows', default: '0.05'}),
    'complete-from': Flags.string({summary: 'date from which the list of coins is complete'}),
    request: Flags.string({summary: 'of one saved reply (hl-capture): the JSON that was asked', dependsOn: ['at']}),
    at: Flags.string({summary: 'when that reply was received, e.g. 2023-07-17T00:00:00Z'}),
    universe: Flags.option({options: ['survivor'] as const, summary: 'the list holds only coins that survived'})(),
  }

  perform(desk: Desk): Promise<IngestFileResult> {
    const {as, venue, interval, coin, map, tz, unit, universe, request, at} = this.flags
    const completeFrom = this.flags['complete-from']
    return ingestFile(
      desk,
      askedFor({
        path: this.args.path,
        shape: as,
        venue: venue ?? null,
        interval: interval ?? null,
        coin: coin ?? null,
        map: readMap(map ?? ''),
        zone: tz ?? null,
        unit,
        maxBad: Number(this.flags['max-bad']),
        completeFrom: completeFrom === undefined ? null : parseInstant(completeFrom),
        survivor: universe === 'survivor',
        reply: replyAsked(request, at === undefined ? null : parseInstant(at)),
      }),
    )
  }

  render({file, accepted, duplicates, quarantined, added, revised, ...rest}: IngestFileResult): Ending {
    const isTicks = rest.tables.some(({table}) => ['trades', 'bbo', 'book'].includes(table))
    const kinds = Object.entries(rest.capture?.kinds ?? {}).map(([kind, frames]) => `${frames} ${kind}`)
    const news = added + revised === 0 ? 'nothing new: every row was there already' : `${added} new, ${revised} revised`
    return {
      artifact: rest.paths,
      rationale: [
        `${readAs({rows: file.rows, accepted, table: rest.tables[0]?.table, isCapture: rest.capture !== undefined})} · ${duplicates} exact duplicates dropped · ${quarantined} quarantined`,
        news,
        isTicks
          ? `${rest.coins} coins, ${rest.gaps} gaps, ${rest.outOfOrder} out of order, ${rest.crossed} crossed, ${rest.locked} locked`
          : `${rest.coins} coins, ${rest.incarnations} incarnations, ${rest.gaps} gaps, ${rest.deadBars} dead bars`,
        ...(rest.capture ? [`raw frames kept as ${rest.capture.source}: ${kinds.join(', ')}`] : []),
        ...rest.rejected.slice(0, 2).map(({reason, rows}) => `${rows} × ${reason}`),
      ],
      next: ['qo lake status', 'qo select'],
    }
  }
}
