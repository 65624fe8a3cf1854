import {Flags} from '@oclif/core'
import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {type LakeLogResult, lakeLog} from '../../operations/lake-log.ts'

/** Layer 0 · sensory input. Reads the commit log. */
export default class LakeLog extends QoCommand<typeof LakeLog, LakeLogResult> {
  static override summary = 'what entered the lake, newest first'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --table trades --venue hyperliquid --limit 20',
  ]
  static override flags = {
    table: Flags.string({summary: 'only this table'}),
    venue: Flags.string({summary: 'only this venue'}),
    limit: Flags.integer({summary: 'the newest so many', helpValue: 'N', min: 1}),
  }

  perform(desk: Desk): Promise<LakeLogResult> {
    return lakeLog(desk, this.flags)
  }

  render({commits, chain}: LakeLogResult): Ending {
    const shown = commits.slice(0, 50)
    return {
      body: renderTable(
        ['n', 'when', 'table', 'venue', 'bar', 'added', 'revised', 'quarantined', 'gaps', 'source', 'hash'],
        shown.map((c) => [
          ...[c.n, c.created_at.slice(0, 19), c.table, c.venue, c.interval ?? '-', c.added, c.revised],
          ...[c.quarantined, c.gaps, c.source, c.hash.slice(0, 12)],
        ]),
        [0, 5, 6, 7, 8],
      ),
      artifact: [],
      rationale: [
        `${commits.length} of ${chain} commits${commits.length > shown.length ? `, the newest ${shown.length} shown` : ''}; each names the hash of the one before, and the chain is whole`,
      ],
      next: ['qo lake verify'],
    }
  }
}
