import type {LineChart} from '../contracts/chart.ts'
import {dayOf} from '../kernel/instant.ts'
import {equityOf} from './list-returns.ts'
import {
  FIGURE_HEADS,
  FIGURE_RULES,
  figureCells,
  percent,
  type StudyFrame,
  studyFront,
  studyWarnings,
} from './study-page.ts'
import type {Survivorship} from './survivorship.ts'

/** Equity of the three arms. */
export const survivorshipChart = ({arms}: Survivorship): LineChart => ({
  kind: 'line',
  xKind: 'time',
  logY: true,
  title: 'The same rule with and without hindsight, before costs',
  yLabel: 'equity, 1 at the start',
  series: arms.map(({name, series}) => ({name, ...equityOf(series), dashed: name !== 'point in time'})),
})

/**
 * One sentence with both numbers, for report and screen: differences of mean daily returns, which have an error, and what
 * they do to growth, which compounds and is what a holder would have seen.
 */
export function survivorshipSentence({
  arms,
  premium,
  premiumError,
  listPremium,
  listPremiumError,
  dead,
}: Pick<Survivorship, 'arms' | 'premium' | 'premiumError' | 'listPremium' | 'listPremiumError' | 'dead'>): string {
  const [base, without, hindsight] = arms
  const grows = ({figures}: Survivorship['arms'][number]): string =>
    `growth ${percent(base.figures.annual)} -> ${percent(figures.annual)}`
  const moves = (value: number, digits: number): string =>
    `${value < 0 ? 'takes away' : 'adds'} ${percent(Math.abs(value), digits)} a year`
  return `In mean daily return × 365, leaving out the ${dead.length} dead ${moves(premium, 2)} (standard error ${percent(premiumError, 2)}; ${grows(without)}); holding today's list all along ${moves(listPremium, 1)} (standard error ${percent(listPremiumError, 1)}; ${grows(hindsight)}).`
}

/** The body of a survivorship page: sentence, table, picture, who died on the list. */
export function survivorshipBlocks(found: Survivorship, assets: readonly string[], picture: string): string[] {
  const {arms, held} = found
  return [
    survivorshipSentence(found),
    '',
    'The rule is replayed thrice on the same data and dates: on every asset that was there, on those that were not dead at the end only, and with the last list held through all of the past. Nothing else differs, so the difference is the bias. Equal weights, before costs; a dead asset is sold at its last close, the loss booked. Mean is the daily return × 365, and the premium is a difference of means; growth compounds, so its differences are larger.',
    '',
    `![equity with and without hindsight](${picture})`,
    '',
    `| arm | dates | ${FIGURE_HEADS} |`,
    `|---|---:|${FIGURE_RULES}|`,
    ...arms.map(({name, dates, figures}) => `| ${name} | ${dates} | ${figureCells(figures)} |`),
    '',
    ...(found.premium < 0 && held.length > 0
      ? [
          'The premium is negative here: what died had risen, while it was on the list, by more than its place lost in the end. A list without it misses both. Hindsight does not always flatter.',
          '',
        ]
      : []),
    held.length === 0
      ? 'No asset that died was ever on the list: leaving them out can only move the ranks of the others.'
      : 'The dead that were on the list, and what their price did meanwhile:',
    ...(held.length === 0
      ? []
      : [
          '',
          '| asset | from | to | move |',
          '|---|---|---|---:|',
          ...held.map(
            ({asset, from, to, moved}) => `| ${assets[asset]} | ${dayOf(from)} | ${dayOf(to)} | ${percent(moved)} |`,
          ),
        ]),
  ]
}

/** The Markdown page of one workspace's survivorship premium. */
export function survivorshipReport(
  found: Survivorship,
  assets: readonly string[],
  {venue, picture, ...frame}: Record<'venue' | 'picture', string> & StudyFrame,
): string {
  return [
    ...studyFront('selection-survivorship@1', frame),
    `# What hindsight is worth on ${venue}`,
    '',
    ...survivorshipBlocks(found, assets, picture),
    ...studyWarnings(frame),
    '',
  ].join('\n')
}
