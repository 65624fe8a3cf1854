import type {LineChart} from '../contracts/chart.ts'
import {type StudyFrame, studyFront, studyWarnings} from './study-page.ts'

export interface HistoryRow {
  readonly at: string
  readonly candidates: number
  readonly selected: number
  readonly dead: number
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly turnover: number
}

export interface History extends StudyFrame {
  readonly venue: string
  readonly rows: readonly HistoryRow[]
}

/** Candidates, those that could be ranked out of the living, and the list, by date. */
export function historyChart(rows: readonly HistoryRow[]): LineChart {
  const x = rows.map(({at}) => Date.parse(at))
  const line = (name: string, pick: (row: HistoryRow) => number) => ({name, x, y: rows.map(pick)})
  return {
    kind: 'line',
    xKind: 'time',
    title: 'Candidates, the dead among them, and the list',
    yLabel: 'assets',
    series: [
      line('candidates', ({candidates}) => candidates),
      line('dead', ({dead}) => dead),
      line('chosen', ({selected}) => selected),
    ],
  }
}

/** The Markdown page of a replayed selection: one line per rebalance. */
export function historyReport({venue, rows, ...frame}: History): string {
  const turns = rows.slice(1).map(({turnover}) => turnover)
  const mean = turns.length === 0 ? 0 : turns.reduce((sum, x) => sum + x, 0) / turns.length
  const most = rows
    .slice(1)
    .reduce<HistoryRow | null>((top, row) => (row.turnover > (top?.turnover ?? 0) ? row : top), null)
  return [
    ...studyFront('selection-history@1', frame),
    `# Selection of ${venue}, replayed`,
    '',
    `${rows.length} rebalances; on average ${(mean * 100).toFixed(1)} % of the list changes at each. Every decision uses only what was available on its date.`,
    ...(most === null ? [] : ['', `Most changed at ${most.at.slice(0, 10)}: ${(most.turnover * 100).toFixed(0)} %.`]),
    ...studyWarnings(frame),
    '',
    '![candidates, dead and chosen by date](history.svg)',
    '',
    '| date | candidates | dead | chosen | turnover | in | out |',
    '|---|---:|---:|---:|---:|---|---|',
    ...rows.map(
      ({at, candidates, dead, selected, turnover, added, removed}) =>
        `| ${at.slice(0, 10)} | ${candidates} | ${dead} | ${selected} | ${(turnover * 100).toFixed(0)} % | ${added.join(' ') || '-'} | ${removed.join(' ') || '-'} |`,
    ),
    '',
  ].join('\n')
}
