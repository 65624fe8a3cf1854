import type {Backtest} from '../../contracts/backtest.ts'
import type {Block} from '../gauntlet/report.ts'
import {caveatText, worthNothing} from '../hypotheses/caveats.ts'
import type {SheetChart} from './tear-sheet-charts.ts'

/** What each assumption of the cost model means to a reader. */
const FLAGS: Readonly<Record<string, string>> = {
  'costs:flat': 'Costs are switched off: bare next open, no fee, spread, lag, impact or funding. Not evidence.',
  'engine:vectorbt':
    'vectorbt ran it: returns from open to open, one flat fee and slippage, no lag, impact, funding, lots or settlement.',
  'funding:assumed': 'The lake has no funding of this venue: 1 bp per 8 h is charged against every position.',
  'funding:worst_decile': "Missing funding payments are charged at the worst decile of the coin's own past.",
  'settlement:worst_case':
    'A delisted position is paid 30 % less than its last price: the settlement is not in the data.',
  'spot:no_funding': 'A spot market: nobody pays funding, and none is charged.',
  'spot:short_without_loan':
    'Coins of a spot market were held short: that takes a loan, whose price and whose recall are not in these costs. Nobody could have had these figures.',
  'spread:table': 'Half-spreads come from the table by median daily notional: the lake has no recorded books.',
  'lag:bar_sigma': 'The decision lag is charged as half a bar-sigma × √(lag / bar): the run has no one-minute bars.',
}

const ENGINES: Readonly<Record<Backtest['engine'], string>> = {
  weights: 'weights: the fast one, any size',
  event: "event: the router's own moves on the practice venue's matching core, whole lots, account size",
  vectorbt: 'vectorbt: flat fee and half-spread, fills at the next open',
}

const MODELS: Readonly<Record<Backtest['fills'][number]['model'], string>> = {
  taker: 'taker: nobody rests (judged)',
  touch: 'touch: rests, filled when the price comes',
  queue: 'queue: rests, filled behind the queue',
  penetration: 'penetration: rests, filled when traded through',
}

/** The one line of a run: what is left of the gross return, and what took the rest. */
export function sentenceOf({net, gross, costs, window, trades, trials}: Backtest): string {
  if (trades.fills === 0) return 'It never traded.'
  if (trades.liquidated_at !== null) return `The account was liquidated on ${trades.liquidated_at.slice(0, 10)}.`
  const [largest] = Object.entries(costs)
    .filter(([part]) => part !== 'total')
    .sort(([, a], [, b]) => b - a)
  const eaten = largest && largest[1] > 0 ? `; ${largest[0]} took ${percent(largest[1])} a year` : ''
  return (
    `Net Sharpe ${number(net.sharpe)} ± ${number(net.sharpe_error)} (one standard error; gross ${number(gross.sharpe)}) over ${window.years.toFixed(1)} years, ` +
    `${percent(net.annual_return)} a year at ${percent(net.annual_volatility)} volatility, ` +
    `worst fall ${percent(net.max_drawdown)}${eaten}. One of ${trials} trials counted; not a verdict.`
  )
}

/** What a reader must know before the first figure: that it is worth nothing, or what leaves it open. */
export function warningsOf({flags}: Pick<Backtest, 'flags'>): string[] {
  const nothing = worthNothing(flags, 'These figures are')
  // Figures that nobody could have had come before those that may be too good.
  const worstFirst = [
    'spot:short_without_loan',
    'universe:derived',
    ...flags.filter((flag) => flag.startsWith('bars:')),
  ]
  const open = worstFirst.filter((flag) => flags.includes(flag)).map((flag) => FLAGS[flag] ?? caveatText(flag)!)
  return [...(nothing === null ? [] : [nothing]), ...open]
}

/** The tear sheet as blocks: sentence, equity, figures, then the rest of the pictures and the tables behind them. */
export function tearSheetBlocks(report: Backtest, charts: readonly SheetChart[]): Block[] {
  const picture = ({file, chart}: SheetChart): Block => ({kind: 'picture', title: chart.title, file})
  const {net, gross, costs, window, exposure, trades} = report
  return [
    ...warningsOf(report).map(text),
    text(sentenceOf(report)),
    ...charts.slice(0, 1).map(picture),
    heading('In figures'),
    table(
      ['', 'net', 'gross'],
      [
        ['annual Sharpe', number(net.sharpe), number(gross.sharpe)],
        ['its standard error', number(net.sharpe_error), ''],
        ['annual return (arithmetic)', percent(net.annual_return), percent(gross.annual_return)],
        ['annual volatility', percent(net.annual_volatility), ''],
        ['total return (compounded)', percent(net.total_return), ''],
        ['maximum drawdown', percent(net.max_drawdown), ''],
        ['longest drawdown', `${Math.round(net.longest_drawdown_days)} days`, ''],
        ['skewness, kurtosis', `${number(net.skewness)}, ${number(net.kurtosis)}`, ''],
        ['best and worst bar', `${percent(net.best_bar)}, ${percent(net.worst_bar)}`, ''],
      ],
    ),
    heading('What it costs'),
    table(
      ['a year', 'fraction of equity'],
      [
        ...(['fees', 'spread', 'lag', 'impact', 'funding', 'total'] as const).map((part) => [
          part,
          percent(costs[part]),
        ]),
        ['turnover', `${report.turnover.toFixed(1)} × equity`],
        ['break-even cost multiplier', number(report.break_even_cost_multiplier)],
      ],
    ),
    ...(report.fills.length === 0
      ? []
      : [
          heading('Under each belief about fills'),
          table(
            ['fills', 'Sharpe', 'a year', 'worst fall', 'trading costs a year', 'fills'],
            report.fills.map((row) => [
              MODELS[row.model],
              ...shortRow(row),
              percent(row.trading_costs),
              String(row.fills),
            ]),
          ),
        ]),
    ...(report.stresses.length === 0
      ? []
      : [
          heading('Under stress'),
          table(
            ['', 'Sharpe', 'a year', 'worst fall', ''],
            report.stresses.map((row) => [row.name, ...shortRow(row), row.note]),
          ),
        ]),
    heading('What was run'),
    table(
      ['', ''],
      [
        ['window', `${window.from.slice(0, 10)} to ${window.to.slice(0, 10)}, ${window.bars} bars of ${report.bar}`],
        ['venue', report.venue],
        ['point', parameters(report.params)],
        ['engine', ENGINES[report.engine]],
        ['costs', report.costs_model],
        ['mean exposure', `${exposure.gross.toFixed(2)} gross, ${exposure.net.toFixed(2)} net`],
        ['largest weight held', percent(exposure.largest_weight)],
        ['fills, rebalances', `${trades.fills}, ${trades.rebalances}`],
        ['settled by the venue', String(trades.settled)],
        [
          'move against every position that would have lost the account',
          trades.liquidation_distance === null ? 'never held' : percent(trades.liquidation_distance),
        ],
        ['orders not or not wholly filled', untraded(report.untraded)],
        ['trials counted in the family', String(report.trials)],
      ],
    ),
    ...charts.slice(1).map(picture),
    heading('By month'),
    monthTable(report),
    ...(report.regimes.length === 0
      ? []
      : [
          heading('By regime of the market, as it was in the 30 days before'),
          table(
            ['market', 'share of bars', 'Sharpe', 'a year'],
            report.regimes.map((row) => [
              row.regime,
              percent(row.share),
              number(row.sharpe),
              percent(row.annual_return),
            ]),
          ),
        ]),
    heading('By asset'),
    table(
      ['asset', 'net, sum of returns', 'bars held', 'mean weight'],
      report.assets.map((a) => [a.asset, percent(a.net), String(a.bars_held), percent(a.mean_weight)]),
    ),
    heading('Assumed'),
    ...report.flags.map((flag) => text(FLAGS[flag] ?? caveatText(flag) ?? flag)),
    heading('Again'),
    {
      kind: 'code',
      text: `qo backtest hypotheses/${report.hypothesis}.yaml${report.engine === 'weights' ? '' : ` --engine ${report.engine}`}${report.costs_model === 'none' ? ' --costs none' : ''} --as-of ${window.to}`,
    },
  ]
}

function monthTable({months}: Backtest): Block {
  const years = [...new Set(months.map(({month}) => month.slice(0, 4)))]
  const of = new Map(months.map(({month, net}) => [month, net]))
  const names = ['01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12']
  return table(
    ['', 'Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec', 'year'],
    years.map((year) => {
      const cells = names.map((m) => of.get(`${year}-${m}`))
      const whole = cells.reduce<number>((value, r) => value * (1 + (r ?? 0)), 1) - 1
      return [year, ...cells.map((r) => (r === undefined ? '' : percent(r))), percent(whole)]
    }),
  )
}

const shortRow = (row: {sharpe: number | null; annual_return: number; max_drawdown: number}): string[] => [
  number(row.sharpe),
  percent(row.annual_return),
  percent(row.max_drawdown),
]
const heading = (value: string): Block => ({kind: 'heading', text: value})
const text = (value: string): Block => ({kind: 'text', text: value})
const table = (head: readonly string[], rows: readonly (readonly string[])[]): Block => ({kind: 'table', head, rows})
const number = (value: number | null): string => (value === null ? 'not defined' : value.toFixed(2))
const percent = (value: number): string => `${(100 * value).toFixed(Math.abs(value) < 0.001 && value !== 0 ? 3 : 1)} %`
const parameters = (params: Readonly<Record<string, number>>): string =>
  Object.entries(params)
    .map(([name, value]) => `${name} = ${value}`)
    .join(', ') || 'no parameters'
const untraded = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .filter(([, n]) => n > 0)
    .map(([reason, n]) => `${reason} ${n}`)
    .join(', ') || 'none'
