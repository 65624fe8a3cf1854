import type {Interval} from '../../kernel/instant.ts'
import {isoOf} from '../../kernel/instant.ts'
import type {StreamTally} from './stream-tally.ts'
import type {Channel} from './streams.ts'

export interface StreamReportFacts {
  readonly plan: {
    readonly venue: string
    readonly channels: readonly Channel[]
    readonly intervals: readonly Interval[]
    readonly coins: readonly string[]
    readonly streams: readonly unknown[]
  }
  /** our clock, epoch ms */
  readonly from: number
  readonly to: number
  readonly tally: StreamTally
  readonly rowsByTable: Readonly<Record<string, number>>
  readonly totals: {readonly added: number; readonly unchanged: number; readonly rejected: number}
  readonly audit: {
    readonly venueTrades: number
    readonly stored: number
    readonly lost: number
    readonly inGaps: number
  } | null
  readonly qoVersion: string
}

/** The Markdown page of one recording: figures, holes, what was refused, what was done about silence. */
export function streamReport(facts: StreamReportFacts): string {
  const {plan, from, to, tally, rowsByTable, totals, audit} = facts
  const figures: (readonly [string, string | number | null])[] = [
    ['coins', plan.coins.length],
    ['streams', plan.streams.length],
    ['frames', tally.frames],
    ['bytes', tally.bytes],
    ...Object.entries(rowsByTable).map(([table, rows]) => [`rows of ${table}`, rows] as const),
    ['duplicates dropped', totals.unchanged],
    ['frames and rows rejected', totals.rejected],
    ['connections', tally.connects],
    ['reconnects', Math.max(0, tally.opened - 1)],
    ['gaps', tally.gaps],
    ['gaps open', tally.openGaps],
    ['time to recover p50 / max, ms', `${tally.recovery.quantile(0.5) ?? '-'} / ${tally.recovery.max ?? '-'}`],
    ['lag p50 / p95, ms', `${tally.lag.quantile(0.5) ?? '-'} / ${tally.lag.quantile(0.95) ?? '-'}`],
    ['clock jumps', tally.jumps.length],
  ]
  if (audit !== null) {
    figures.push(['trades on the venue’s tape', audit.venueTrades], ['stored', audit.stored])
    figures.push(['inside recorded gaps', audit.inGaps], ['lost', audit.lost])
  }
  return [
    '---',
    'artifact: ingest-report@1',
    'table: stream',
    `venue: ${plan.venue}`,
    `data_as_of: ${isoOf(Math.floor(to))}`,
    `qo_version: ${facts.qoVersion}`,
    '---',
    '',
    `# ${plan.venue} stream, ${isoOf(Math.floor(from))} to ${isoOf(Math.floor(to))}`,
    '',
    ...table(['figure', 'value'], figures),
    ...section('Rejected', ['reason', 'frames'], [...tally.rejected]),
    ...section(
      `Gaps (${tally.toldGaps().length} of ${tally.gaps})`,
      ['table', 'coin', 'from', 'to', 'state', 'cause'],
      tally
        .toldGaps()
        .map((gap) => [
          gap.interval === null ? gap.table : `${gap.table} ${gap.interval}`,
          gap.coin,
          isoOf(Math.floor(gap.from)),
          gap.to === null ? '' : isoOf(Math.floor(gap.to)),
          gap.state,
          gap.cause,
        ]),
    ),
    ...section(
      `Acted on (${tally.toldActions.length} of ${tally.actions})`,
      ['at', 'what', 'action', 'cause', 'silent ms'],
      tally.toldActions.map(({at, what, action, cause, silentMs}) => [isoOf(at), what, action, cause, silentMs]),
    ),
    '',
  ].join('\n')
}

type Cell = string | number | null

const table = (head: readonly string[], rows: readonly (readonly Cell[])[]): string[] => [
  `| ${head.join(' | ')} |`,
  `|${head.map(() => '---').join('|')}|`,
  ...rows.map((row) => `| ${row.map((cell) => String(cell ?? '').replaceAll('|', '\\|')).join(' | ')} |`),
]

const section = (title: string, head: readonly string[], rows: readonly (readonly Cell[])[]): string[] =>
  rows.length === 0 ? [] : ['', `## ${title}`, '', ...table(head, rows)]
