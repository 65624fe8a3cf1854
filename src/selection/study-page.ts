import type {ReturnFigures} from './list-returns.ts'

export interface StudyFrame {
  readonly configSha: string
  readonly dataSha: string
  readonly warnings: readonly string[]
}

export const percent = (share: number, digits = 1): string => `${(share * 100).toFixed(digits)} %`

export const studyFront = (artifact: string, {configSha, dataSha}: StudyFrame): string[] => [
  '---',
  `artifact: ${artifact}`,
  `config_sha: ${configSha}`,
  `data_sha: ${dataSha}`,
  '---',
  '',
]

/** Nothing for no warnings, else a list with an empty line before it. */
export const studyWarnings = ({warnings}: Pick<StudyFrame, 'warnings'>): string[] =>
  warnings.length > 0 ? ['', ...warnings.map((warning) => `- ${warning}`)] : []

/** Heads and alignment of the columns that `figureCells` fills. */
export const FIGURE_HEADS = 'mean a year | growth a year | volatility | Sharpe | deepest fall'
export const FIGURE_RULES = '---:|---:|---:|---:|---:'

export const figureCells = ({mean, annual, volatility, sharpe, drawdown}: ReturnFigures): string =>
  `${percent(mean)} | ${percent(annual)} | ${percent(volatility)} | ${sharpe.toFixed(2)} | ${percent(drawdown)}`
