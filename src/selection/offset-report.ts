import type {LineChart} from '../contracts/chart.ts'
import {equityOf} from './list-returns.ts'
import type {OffsetTest} from './offset-test.ts'

const percent = (share: number, digits = 1): string => `${(share * 100).toFixed(digits)} %`

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
  {
    venue,
    configSha,
    dataSha,
    picture,
    warnings,
  }: Record<'venue' | 'configSha' | 'dataSha' | 'picture', string> & {
    readonly warnings: readonly string[]
  },
): string {
  const first = test.offsets[0]?.series.ts
  const span =
    first && first.length > 0
      ? `${new Date(first[0]!).toISOString().slice(0, 10)} to ${new Date(first.at(-1)!).toISOString().slice(0, 10)}`
      : 'no day'
  return [
    '---',
    'artifact: selection-offset-test@1',
    `config_sha: ${configSha}`,
    `data_sha: ${dataSha}`,
    '---',
    '',
    `# How much the list of ${venue} depends on its anchor day`,
    '',
    offsetSentence(test),
    '',
    `Equal weights, put back to equal at each date, before costs, ${span}. A difference between anchors is luck of the calendar: no anchor knows more than another. An edge smaller than the spread has not been shown; a backtest on one anchor hides it.`,
    ...(warnings.length > 0 ? ['', ...warnings.map((warning) => `- ${warning}`)] : []),
    '',
    `![equity by anchor](${picture})`,
    '',
    '| anchor | moved by | growth a year | volatility | Sharpe | deepest fall | turnover a date | names in common |',
    '|---|---:|---:|---:|---:|---:|---:|---:|',
    ...test.offsets.map(
      ({anchor, days, figures, turnover, overlap}) =>
        `| ${anchor} | ${days} d | ${percent(figures.annual)} | ${percent(figures.volatility)} | ${figures.sharpe.toFixed(2)} | ${percent(figures.drawdown)} | ${percent(turnover)} | ${percent(overlap)} |`,
    ),
    '',
  ].join('\n')
}
