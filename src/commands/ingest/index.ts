import {Flags} from '@oclif/core'
import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import {IntervalName} from '../../contracts/units.ts'
import type {Desk} from '../../desk.ts'
import {type IngestResult, ingest} from '../../operations/ingest.ts'
import {REST_TABLES} from '../../operations/ingest-scope.ts'

/** Layer 0 · sensory input. Reads the venue of configs/qo.yaml, leaves rows in the lake, manifests and reports. */
export default class Ingest extends QoCommand<typeof Ingest, IngestResult> {
  static override summary = 'bring the lake up to date from the venue: only what is missing is asked for'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --dry-run',
    '<%= config.bin %> <%= command.id %> --tables candles --coins BTC,ETH --interval 1m --json',
  ]
  static override flags = {
    tables: Flags.option({options: REST_TABLES, multiple: true, delimiter: ',', summary: 'only these; default: all'})(),
    coins: Flags.string({multiple: true, delimiter: ',', summary: 'only these; default: those of configs/ingest.yaml'}),
    interval: Flags.option({
      options: IntervalName.options,
      multiple: true,
      delimiter: ',',
      summary: 'candle intervals; default: those of configs/ingest.yaml',
    })(),
  }

  perform(desk: Desk): Promise<IngestResult> {
    const {tables, coins, interval} = this.flags
    return ingest(desk, {
      ...(tables ? {tables} : {}),
      ...(coins ? {coins} : {}),
      ...(interval ? {intervals: interval} : {}),
    })
  }

  render(result: IngestResult): Ending {
    const {venue, upTo, coins, requests, added, revised, quarantined, paths, warnings, plan, quality} = result
    const isPlan = paths.length === 0
    return {
      body: isPlan ? planTable(result) : rowsTable(result),
      artifact: paths,
      rationale: [
        `${venue} up to ${upTo}: ${coins} instruments, ${requests} requests`,
        ...(isPlan
          ? [`${plan.requests} requests would cost ${plan.weight} of the venue's weight, about ${plan.minutes} min`]
          : [
              added + revised === 0
                ? 'nothing new'
                : `${added} new rows, ${revised} revised, ${quarantined} quarantined`,
            ]),
        ...quality.map(
          ({table, interval, ok, warn, bad}) => `${interval ?? table}: ${ok} coins ok, ${warn} warn, ${bad} bad`,
        ),
        ...warnings.slice(0, 3),
      ],
      next: isPlan
        ? ['qo ingest']
        : result.failed.length > 0
          ? ['qo ingest', 'qo lake gaps']
          : ['qo select', 'qo lake status'],
    }
  }
}

const rowsTable = ({tables}: IngestResult): string =>
  renderTable(
    ['table', 'bar', 'rows', 'from', 'to', 'gaps'],
    tables.map(({table, interval, rows, from, to, gaps}) => [
      ...[table, interval ?? '-', rows, from?.slice(0, 16) ?? '-', to?.slice(0, 16) ?? '-', gaps],
    ]),
    [2, 5],
  )

const planTable = ({plan}: IngestResult): string =>
  renderTable(
    ['table', 'bar', 'because of', 'coins', 'requests', 'weight'],
    plan.parts.map(({table, interval, why, ...part}) => [
      ...[table, interval ?? '-', why, part.coins, part.requests, part.weight],
    ]),
    [3, 4, 5],
  )
