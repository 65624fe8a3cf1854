import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {type IngestResult, ingest} from '../../operations/ingest.ts'

/** Layer 0 · sensory input. Reads the venue of configs/qo.yaml, leaves rows in the lake, manifests and reports. */
export default class Ingest extends QoCommand<typeof Ingest, IngestResult> {
  static override summary = 'bring the lake up to date from the venue: only what is missing is asked for'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  perform(desk: Desk): Promise<IngestResult> {
    return ingest(desk)
  }

  render({venue, upTo, coins, requests, added, revised, quarantined, tables, paths}: IngestResult): Ending {
    return {
      body: renderTable(
        ['table', 'bar', 'rows', 'from', 'to', 'gaps'],
        tables.map(({table, interval, rows, from, to, gaps}) => [
          ...[table, interval ?? '-', rows, from?.slice(0, 16) ?? '-', to?.slice(0, 16) ?? '-', gaps],
        ]),
        [2, 5],
      ),
      artifact: paths,
      rationale: [
        `${venue} up to ${upTo}: ${coins} instruments, ${requests} requests`,
        added + revised === 0 ? 'nothing new' : `${added} new rows, ${revised} revised, ${quarantined} quarantined`,
      ],
      next: ['qo select', 'qo lake status'],
    }
  }
}
