import type {Check, GauntletVerdict, Stage} from '../../contracts/gauntlet.ts'
import {figure} from './check.ts'
import {meaningBlocks} from './report-meaning.ts'

/** One paragraph or table of a report, free of any mark-up language. */
export type Block =
  | {readonly kind: 'heading'; readonly text: string}
  | {readonly kind: 'text'; readonly text: string}
  | {readonly kind: 'code'; readonly text: string}
  | {readonly kind: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly string[])[]}
  | {readonly kind: 'picture'; readonly title: string; readonly file: string}

export interface Picture {
  readonly title: string
  /** file name beside the report */
  readonly file: string
  /** the stage that drew it; left out: it is of the idea as a whole */
  readonly stage?: number
}

/**
 * The report of one verdict: first the sentence that killed or passed the idea, then equity, trials, what the data
 * could have found, what a good answer would mean, every check, and the line that reproduces it.
 */
export function reportBlocks(verdict: GauntletVerdict, pictures: readonly Picture[]): Block[] {
  const {window, vault, figures, trials} = verdict
  // What a leak is shown with is a line of code and a caret below it: that is not prose.
  const [sentence, ...evidence] = verdict.sentence.split('\n')
  const whole = pictures.filter(({stage}) => stage === undefined).map(pictureOf)
  return [
    {kind: 'text', text: `${verdict.verdict}. ${sentence}`},
    ...(evidence.length === 0 ? [] : [{kind: 'code', text: evidence.join('\n')} as const]),
    ...(verdict.decidesOn === null ? [] : [text(`What would decide it: ${verdict.decidesOn}.`)]),
    ...whole.slice(0, 2),
    {kind: 'heading', text: 'In figures'},
    table(
      ['', ''],
      [
        [
          'window',
          window
            ? `${window.from.slice(0, 10)} to ${window.to.slice(0, 10)}, ${window.bars} bars of ${window.bar} on ${window.venue}, ${window.assets} assets`
            : 'none',
        ],
        [
          'sealed vault',
          vault
            ? `${vault.id}: ${vault.from.slice(0, 10)} to ${vault.to.slice(0, 10)}, ${vault.years.toFixed(2)} years`
            : 'none',
        ],
        [
          'trials counted',
          `${trials.N} in the family (${trials.family.join(', ')}), ${trials.grid} of them this grid; ${trials.programme} in the workspace`,
        ],
        ...trials.kin.map(({hypothesis, note}) => [`trials of ${hypothesis}`, `counted: ${note}`]),
        ['effective trials', number(trials.Neff)],
        ['annual Sharpe, net', number(figures.sharpeAnnual)],
        ['annual return, net', percent(figures.meanAnnual)],
        ['annual volatility', percent(figures.volatilityAnnual)],
        ['deepest drawdown', percent(figures.maxDrawdown)],
        ['annual turnover', figures.turnoverAnnual === null ? '–' : `${figure(figures.turnoverAnnual)} times equity`],
        ['independent rebalances', number(figures.labels)],
        ['minimum detectable Sharpe', `${number(figures.minimumDetectableSharpe)} (80 % power, one-sided 2.5 %)`],
        [
          'chance that the edge is not real',
          `${percent(figures.posteriorFalseDiscovery)} when ${percent(figures.prior)} of ideas are true`,
        ],
        [
          'next attempt on the vault',
          vault
            ? `number ${vault.nextAttempt} at level ${figure(vault.nextAlpha)}, power ${percent(vault.powerAtTarget)} at the declared Sharpe`
            : '–',
        ],
      ],
    ),
    ...meaningBlocks(verdict),
    ...whole.slice(2),
    ...(verdict.warnings.length === 0
      ? []
      : [{kind: 'heading', text: 'Warnings'} as const, ...verdict.warnings.map(text)]),
    {kind: 'heading', text: 'Stages'},
    table(
      ['stage', 'verdict', 'why'],
      verdict.stages.map((stage) => [`${stage.id} ${stage.name}`, stage.verdict, stage.sentence]),
    ),
    ...verdict.stages.flatMap((stage) => stageBlocks(stage, pictures)),
    {kind: 'heading', text: 'Not run'},
    text(verdict.notRun.join('; ')),
    {kind: 'heading', text: 'Reproduce'},
    {kind: 'code', text: verdict.reproduce},
  ]
}

function stageBlocks(stage: Stage, pictures: readonly Picture[]): Block[] {
  if (stage.checks.length === 0) return []
  return [
    {kind: 'heading', text: `Stage ${stage.id}, ${stage.name}: ${stage.verdict}`},
    table(['', 'check', 'value', 'must be', 'note'], stage.checks.map(checkRow)),
    ...pictures.filter(({stage: of}) => of === stage.id).map(pictureOf),
  ]
}

/** Mark, name, value, what it must be, and note. */
export function checkRow({name, value, threshold, rule, pass, gate, note}: Check): string[] {
  const mark = gate ? (pass ? 'pass' : 'FAIL') : 'shown'
  const must = threshold === null ? '' : `${rule} ${typeof threshold === 'number' ? figure(threshold) : threshold}`
  return [mark, name, value === null ? 'not a number' : typeof value === 'number' ? figure(value) : value, must, note]
}

const pictureOf = ({title, file}: Picture): Block => ({kind: 'picture', title, file})
const text = (value: string): Block => ({kind: 'text', text: value})
const table = (head: readonly string[], rows: readonly (readonly string[])[]): Block => ({kind: 'table', head, rows})
const number = (value: number | null): string => (value === null ? '–' : figure(value))
const percent = (value: number | null): string => (value === null ? '–' : `${(100 * value).toFixed(1)} %`)
