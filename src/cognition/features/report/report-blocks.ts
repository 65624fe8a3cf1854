import type {FeaturesReport, HorizonFigures} from '../../../contracts/features-report.ts'
import type {Block} from '../../gauntlet/report.ts'
import {caveatText, seersIn, worthNothing} from '../../hypotheses/caveats.ts'
import {bars, bucketName, type FeatureChart} from './report-charts.ts'

type Feature = FeaturesReport['features'][number]

/** The one line of a report: the least likely honest coefficient, and whether the number of looks explains it. */
export function sentenceOf({features, coefficients, chance_p, bar, flags}: FeaturesReport): string {
  const seers = seersIn(flags)
  if (features.every(({name}) => seers.has(name))) return 'Every feature reads later bars: there is nothing to say.'
  const honest = features.filter(({name}) => !seers.has(name))
  const all = honest.flatMap(({name, horizons}) => horizons.map((figures) => ({name, figures})))
  const known = all.filter(({figures}) => figures.rank_ic.p !== null)
  const [best] = known.sort(
    (a, b) =>
      a.figures.rank_ic.p! - b.figures.rank_ic.p! || Math.abs(b.figures.rank_ic.t!) - Math.abs(a.figures.rank_ic.t!),
  )
  if (best === undefined) return 'No feature has enough cross-sections to say anything.'
  const {horizon, rank_ic} = best.figures
  const found = `Strongest: ${best.name} at ${bars(horizon)} of ${bar}, mean rank coefficient ${number(rank_ic.mean, 4)}`
  const odds = `of ${coefficients} coefficients the smallest p is below ${chance(chance_p)} by chance once in twenty reports`
  const verdict = rank_ic.p! < chance_p ? `more than chance explains: ${odds}` : `no more than chance explains: ${odds}`
  return `${found} with p ${chance(rank_ic.p)} (t ${number(rank_ic.t, 1)}); ${verdict}. Before any cost; not a verdict.`
}

/** What a reader must know before the first figure. */
export function warningsOf({flags, features}: Pick<FeaturesReport, 'flags' | 'features'>): string[] {
  const seers = seersIn(flags)
  const void_ = flags.includes('universe:survivor') || features.every(({name}) => seers.has(name))
  const nothing = worthNothing(flags, void_ ? 'All figures are' : `The figures of ${[...seers].join(', ')} are`)
  return [...(nothing === null ? [] : [nothing]), ...flags.filter(isDoubt).map((flag) => caveatText(flag) ?? flag)]
}

const isDoubt = (flag: string): boolean => !flag.startsWith('look_ahead:') && flag !== 'universe:survivor'

/** The report as blocks: sentence, all features side by side, then each with its tables and pictures. */
export function reportBlocks(report: FeaturesReport, charts: ReadonlyMap<string, readonly FeatureChart[]>): Block[] {
  const {window, features, venue, bar, params, vault, id, source, returns, buckets} = report
  const point = Object.entries(params).map(([name, value]) => `$${name} = ${value}`)
  return [
    ...warningsOf(report).map(text),
    text(sentenceOf(report)),
    heading('Side by side'),
    table(
      ['feature', ...features[0]!.horizons.map(({horizon}) => `rank IC, ${bars(horizon)}`), 'coverage'],
      features.map(({name, horizons, coverage}) => [
        name,
        ...horizons.map(({rank_ic}) => withT(rank_ic)),
        percent(coverage),
      ]),
    ),
    text(MEANING),
    heading('What was measured'),
    table(
      ['', ''],
      [
        ['file', source],
        ['venue, bars', `${venue}, ${bar}`],
        ...(point.length > 0 ? [['point', point.join(', ')]] : []),
        ['window', `${window.from.slice(0, 10)} to ${window.to.slice(0, 10)}, ${window.bars} bars`],
        ['assets', `${window.assets} in the universe at some time; a bar counts with ${report.least_assets} or more`],
        ['sealed', vault === null ? 'no window of this venue is sealed' : `${vault}: nothing after its start was read`],
        ['forward return', RETURNS[returns]],
        ['cut short by a delisting', `${report.labels_cut_short} forward returns end at the last trade`],
        ['buckets', `${buckets}, by rank among the universe of the bar`],
        ['counted', report.counted ? 'as a trial of its hypothesis' : 'not in the ledger: no hypothesis has this set'],
      ],
    ),
    ...features.flatMap((feature) => featureBlocks(feature, charts.get(feature.name) ?? [])),
    heading('How to read it'),
    ...NOTES.map(text),
    heading('Again'),
    {kind: 'code', text: `qo features report ${source} --as-of ${window.to} --horizons ${horizonsOf(report)}`},
    text(`Files: reports/features/${id}/`),
  ]
}

const MEANING =
  'Mean over bars of the rank correlation across assets, with its Newey-West t and the p of a mean of zero in parentheses; ' +
  'p – where fewer than four forward returns of that length fit one after the other, and then the t says nothing.'

const RETURNS = {
  price: 'from the open after the decision to the close of the horizon, price only',
  funded: 'from the open after the decision to the close of the horizon, less the funding a long pays',
} as const

const NOTES = [
  'A coefficient of 0.02 to 0.05 that holds for years is a good feature; 0.2 is usually a mistake in the data.',
  'Forward returns overlap beyond one bar, and few of them are independent. The Newey-West t is what other reports print and is too large then; p is from a test that keeps its level (Student t on equal-weighted cosines). Only p decides what is called more than chance.',
  'The later pieces show how fast it decays: a piece near zero adds nothing to holding longer.',
  'Turnover is the share of a bucket that is new after one horizon: what has to be traded to follow it.',
  'Whoever turns the best of several features into a hypothesis has looked at all of them: the gauntlet counts trials, this page counts coefficients.',
]

function featureBlocks(
  {name, expression, horizons, coverage, assets, lag1}: Feature,
  charts: readonly FeatureChart[],
): Block[] {
  const picture = ({file, chart}: FeatureChart): Block => ({kind: 'picture', title: chart.title, file})
  const row = (label: string, of: (figures: HorizonFigures) => string): string[] => [label, ...horizons.map(of)]
  const k = horizons[0]!.quantiles.length
  return [
    heading(name),
    {kind: 'code', text: expression},
    table(
      ['', ...horizons.map(({horizon}) => bars(horizon))],
      [
        row('rank IC, mean (t, p)', ({rank_ic}) => withT(rank_ic)),
        row('Pearson IC, mean (t, p)', ({ic}) => withT(ic)),
        row('rank IC over its deviation', ({rank_ic: {mean, sd}}) =>
          mean === null || !sd ? '–' : number(mean / sd, 3),
        ),
        row('bars above 0', ({positive}) => percent(positive)),
        row('worst 365 days, mean rank IC', ({worst_year}) => number(worst_year, 4)),
        row('rank IC of the piece since the horizon before (t, p)', ({decay}) => withT(decay.rank_ic)),
        ...Array.from({length: k}, (_, b) =>
          row(`bucket ${bucketName(b, k)}, bps`, ({quantiles}) => bps(quantiles[b]!)),
        ),
        row('highest − lowest, bps (t, p)', ({spread}) => `${bps(spread.mean)} (${sureness(spread)})`),
        row('turnover of the highest bucket', ({turnover}) => percent(turnover.top)),
        row('turnover of the lowest bucket', ({turnover}) => percent(turnover.bottom)),
        row('rank autocorrelation', ({autocorrelation}) => number(autocorrelation, 3)),
        row('bars counted', (figures) => String(figures.bars)),
      ],
    ),
    text(
      `Coverage ${percent(coverage)} of universe asset-bars, ${number(assets, 1)} assets a bar; ` +
        `correlation with the bar before ${number(lag1, 3)}.`,
    ),
    ...charts.map(picture),
  ]
}

const horizonsOf = ({features}: FeaturesReport): string => features[0]!.horizons.map(({horizon}) => horizon).join(',')
const heading = (value: string): Block => ({kind: 'heading', text: value})
const text = (value: string): Block => ({kind: 'text', text: value})
const table = (head: readonly string[], rows: readonly (readonly string[])[]): Block => ({kind: 'table', head, rows})
const number = (value: number | null, digits: number): string => (value === null ? '–' : value.toFixed(digits))
const percent = (value: number | null): string => (value === null ? '–' : `${(100 * value).toFixed(1)} %`)
const bps = (value: number | null): string => (value === null ? '–' : (1e4 * value).toFixed(1))
/** 0.034; < 0.0001 below that. */
const chance = (p: number | null): string => (p === null ? '–' : p < 1e-4 ? '< 0.0001' : p.toFixed(p < 0.01 ? 4 : 3))
type Sure = {readonly mean: number | null; readonly t: number | null; readonly p: number | null}
const sureness = ({t, p}: Sure): string => `${number(t, 1)}, p ${chance(p)}`
/** Mean with its p, for a screen: the t is on the page. */
export const withP = ({mean, p}: Sure): string => (mean === null ? '–' : `${mean.toFixed(4)} (p ${chance(p)})`)
/** Mean with its t and p, as every table of coefficients has it. */
const withT = (found: Sure): string => (found.mean === null ? '–' : `${found.mean.toFixed(4)} (${sureness(found)})`)
