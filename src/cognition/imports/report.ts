import type {HypothesisImport} from '../../contracts/hypothesis-import.ts'
import {figure} from '../gauntlet/check.ts'
import {type Block, checkRow, type Picture} from '../gauntlet/report.ts'

/** The report of a record made elsewhere: the sentence, the numbers, every check, and what nobody can know. */
export function importBlocks(record: HypothesisImport, picture: Picture): Block[] {
  const {figures, trials} = record
  const number = (value: number | null): string => (value === null ? '–' : figure(value))
  const percent = (value: number | null): string => (value === null ? '–' : `${(100 * value).toFixed(1)} %`)
  const {from, to, observations, period, perYear, kind, column} = record.record
  return [
    {kind: 'text', text: `${record.verdict}. ${record.sentence}`},
    {kind: 'picture', ...picture},
    {
      kind: 'table',
      head: ['', ''],
      rows: [
        [
          'record',
          `${from.slice(0, 10)} to ${to.slice(0, 10)}, ${observations} returns, one a ${period} (${figure(perYear)} a year)`,
        ],
        ['read from', `column ${column}, as ${kind}`],
        ['trials', `${trials.claimed} claimed; stage 6 holds up to ${trials.survivesUpTo}`],
        ['annual Sharpe, as imported', number(figures.sharpeAnnual)],
        ['annual return', percent(figures.meanAnnual)],
        ['annual volatility', percent(figures.volatilityAnnual)],
        ['deepest drawdown', percent(figures.maxDrawdown)],
        ['minimum detectable Sharpe', number(figures.minimumDetectableSharpe)],
        ['chance that the edge is not real', percent(figures.posteriorFalseDiscovery)],
      ],
    },
    ...record.warnings.map((text): Block => ({kind: 'text', text: `Warning: ${text}.`})),
    {kind: 'heading', text: 'Stages'},
    {
      kind: 'table',
      head: ['stage', 'verdict', 'why'],
      rows: [
        ...record.stages.map(({id, name, verdict, sentence}) => ({id, cells: [`${id} ${name}`, verdict, sentence]})),
        ...record.notRun.map(({stage, name, verdict, why}) => ({id: stage, cells: [`${stage} ${name}`, verdict, why]})),
      ]
        .sort((a, b) => a.id - b.id)
        .map(({cells}) => cells),
    },
    ...record.stages.map(
      (stage): Block => ({
        kind: 'table',
        head: [`stage ${stage.id}`, 'value', 'must be', 'note'],
        rows: stage.checks.map((check) => {
          const [mark, name, ...rest] = checkRow(check)
          return [`${mark}: ${name}`, ...rest]
        }),
      }),
    ),
    {kind: 'heading', text: 'What nobody can know from this file'},
    {kind: 'text', text: record.cannotKnow.map((line) => `- ${line}`).join('\n')},
  ]
}
