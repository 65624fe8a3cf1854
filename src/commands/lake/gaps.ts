import {Flags} from '@oclif/core'
import {pinFlag, pinOf} from '../../cli/pin-flag.ts'
import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {type LakeGapsResult, lakeGaps} from '../../operations/lake-gaps.ts'

const SHOWN = 100
const percent = (share: number | null): string => (share === null ? '-' : `${(share * 100).toFixed(4)} %`)

/** Layer 0 · sensory input. Reads the commit log and the times of every row. */
export default class LakeGaps extends QoCommand<typeof LakeGaps, LakeGapsResult> {
  static override summary =
    'what is missing in the lake: open, backfilled and unrecoverable gaps, and the share covered'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --table candles --coin BTC --state OPEN --json',
  ]
  static override flags = {
    table: Flags.string({summary: 'only this table'}),
    venue: Flags.string({summary: 'only this venue'}),
    coin: Flags.string({summary: 'only this coin'}),
    state: Flags.option({summary: 'only this state', options: ['OPEN', 'BACKFILLED', 'UNRECOVERABLE'] as const})(),
    ...pinFlag,
  }

  perform(desk: Desk): Promise<LakeGapsResult> {
    const {table, venue, coin, state} = this.flags
    return lakeGaps(desk, {table, venue, coin, state, commit: pinOf(this.flags)})
  }

  render({tables, gaps, commit}: LakeGapsResult): Ending {
    const shares = renderTable(
      ['table', 'venue', 'bar', 'names', 'covered', 'open', 'backfilled', 'unrecoverable'],
      tables.map((line) => [
        ...[line.table, line.venue, line.interval ?? '-', line.coins, percent(line.covered)],
        ...[line.gaps.OPEN, line.gaps.BACKFILLED, line.gaps.UNRECOVERABLE],
      ]),
      [3, 4, 5, 6, 7],
    )
    const lines = renderTable(
      ['table', 'venue', 'coin', 'from', 'to', 'state', 'since', 'closed', 'cause'],
      gaps
        .slice(0, SHOWN)
        .map((gap) => [
          ...[gap.table, gap.venue, gap.coin, gap.from.slice(0, 19), gap.to.slice(0, 19), gap.state],
          ...[gap.since ?? '-', gap.closed ?? '-', gap.cause],
        ]),
      [6, 7],
    )
    const open = gaps.filter(({state}) => state !== 'BACKFILLED').length
    return {
      body: gaps.length > 0 ? [shares, '', lines].join('\n') : shares,
      artifact: [],
      rationale: [
        open === 0
          ? `as of commit ${commit} nothing is missing that was expected`
          : `as of commit ${commit} ${open} gaps are holes: a command that reads over one refuses, unless told --allow-gaps`,
        ...(gaps.length > SHOWN ? [`${gaps.length} gaps, the first ${SHOWN} shown`] : []),
      ],
      next: open === 0 ? ['qo lake verify'] : ['qo ingest', 'qo lake gaps --state OPEN --json'],
    }
  }
}
