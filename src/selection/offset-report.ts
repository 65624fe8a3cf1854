import type {LineChart} from '../contracts/chart.ts'
import {dayOf} from '../kernel/instant.ts'
import {equityOf} from './list-returns.ts'
import type {OffsetTest} from './offset-test.ts'
import {
  FIGURE_HEADS,
  FIGURE_RULES,
  figureCells,
  percent,
  type StudyFrame,
  studyFront,
  studyWarnings,
} from './study-page.ts'

/** Equity of the list on every anchor; the declared one drawn solid. */
export function offsetChart({offsets}: OffsetTest): LineChart {
  return {
    kind: 'line',
    xKind: 'time',
    logY: true,
    title: 'Equal-weight list on every anchor day, before costs',
    yLabel: 'equity, 1 at the start',
    series: offsets.map(({days, anchor, series}) => ({
      name: days === 0 ? `${anchor} (declared)` : `+${days} d`,
      ...equityOf(series),
      dashed: days !== 0,
    })),
  }
}

/** One sentence that says whether the anchor matters, for report and screen. */
export function offsetSentence({offsets, spread, deviation, rank}: OffsetTest): string {
  const [declared] = offsets
  const mean = offsets.reduce((sum, {figures}) => sum + figures.annual, 0) / offsets.length
  return `The anchor day alone moves the growth of the list by ${percent(spread)} a year between the worst and the best of ${offsets.length} anchors (deviation ${percent(deviation)}); the declared one grew ${percent(declared!.figures.annual)}, rank ${rank} of ${offsets.length}, their mean ${percent(mean)}.`
}

/** The Markdown page of an offset test. */
export function offsetReport(
  test: OffsetTest,
  {venue, picture, ...frame}: Record<'venue' | 'picture', string> & StudyFrame,
): string {
  const first = test.offsets[0]?.series.ts
  const span = first && first.length > 0 ? `${dayOf(first[0]!)} to ${dayOf(first.at(-1)!)}` : 'no day'
  return [
    ...studyFront('selection-offset-test@1', frame),
    `# How much the list of ${venue} depends on its anchor day`,
    '',
    offsetSentence(test),
    '',
    `Equal weights, put back to equal at each date, before costs, ${span}. A difference between anchors is luck of the calendar: no anchor knows more than another. An edge smaller than the spread has not been shown; a backtest on one anchor hides it.`,
    ...studyWarnings(frame),
    '',
    `![equity by anchor](${picture})`,
    '',
    `| anchor | moved by | ${FIGURE_HEADS} | turnover a date | names in common |`,
    `|---|---:|${FIGURE_RULES}|---:|---:|`,
    ...test.offsets.map(
      ({anchor, days, figures, turnover, overlap}) =>
        `| ${anchor} | ${days} d | ${figureCells(figures)} | ${percent(turnover)} | ${percent(overlap)} |`,
    ),
    '',
  ].join('\n')
}
