import type {TradeCost, TradeOrder, TradeResult, TradeRow} from '../contracts/trade.ts'

/** What the report adds to the result: where it comes from. */
export interface ReportContext {
  readonly qoVersion: string
  /** workspace path -> SHA-256 */
  readonly inputs: Readonly<Record<string, string>>
  readonly dataSha: Readonly<Record<string, string>>
  /** close of the last bar used, ISO; null when no market data was read */
  readonly dataAsOf: string | null
  /** seed text of the child sizes; null when nothing was routed */
  readonly seed: string | null
  /** cycles of the same decision time that ended before this one */
  readonly earlier: readonly TradeRow<'cycle_ended'>[]
}

/**
 * One cycle as Markdown, made only of the decision, the venue's answers and the venue's clock: no wall time, no host.
 *
 * It opens with what happened, then what was traded and what was not, every refusal with its numbers, the cost and where
 * it came from, and what the limits left.
 */
export function tradeReport(result: TradeResult, context: ReportContext): string {
  const traded = result.orders.filter(({status}) => status !== 'untraded')
  const left = result.orders.filter(({rule}) => rule !== null)
  const parts = [
    frontMatter(result, context),
    `# ${title(result)}`,
    opening(result),
    section('Orders', traded.length > 0 ? ordersTable(traded, result.state === 'planned') : 'None.'),
    left.length > 0 ? section('Left where they are, or short of the wish', rulesTable(left)) : '',
    result.vetoes.length > 0
      ? section('Refused by a control', result.vetoes.map(({says}) => `- ${says}`).join('\n'))
      : '',
    result.costs ? section('Cost', costTable(result.costs)) : '',
    section('Hypotheses', hypothesesTable(result)),
    result.limits.length > 0 ? section('Limits used', limitsTable(result)) : '',
    section('Reconciled with the venue', reconciled(result)),
    context.earlier.length > 0 ? section('Earlier cycles of this decision time', earlierTable(context.earlier)) : '',
    `Again: \`qo trade --mode ${result.mode} --as-of ${result.asOf}\``,
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function frontMatter(result: TradeResult, {qoVersion, inputs, dataSha, dataAsOf, seed}: ReportContext): string {
  const map = (entries: Readonly<Record<string, string>>): string[] =>
    Object.keys(entries)
      .sort()
      .map((key) => `  ${key}: ${entries[key]}`)
  return [
    '---',
    'artifact: trade-report@1',
    `mode: ${result.mode}`,
    `state: ${result.state}`,
    `as_of: ${result.asOf}`,
    `data_as_of: ${dataAsOf}`,
    `seed: ${seed}`,
    `qo_version: ${qoVersion}`,
    ...(Object.keys(dataSha).length > 0 ? ['data_sha:', ...map(dataSha)] : ['data_sha: {}']),
    'inputs:',
    ...map(inputs),
    '---',
  ].join('\n')
}

const title = ({mode, asOf, state}: TradeResult): string =>
  `${mode[0]!.toUpperCase()}${mode.slice(1)} cycle of ${asOf}: ${state}`

function opening(result: TradeResult): string {
  const admitted = result.hypotheses.filter((one) => one.admitted).length
  const traded = result.orders.filter(({filled}) => filled !== '0').length
  if (admitted === 0) return 'No hypothesis is admitted in this mode, so nothing is wanted and nothing was sent.'
  const of = `${admitted} ${admitted === 1 ? 'hypothesis' : 'hypotheses'}`
  if (result.state === 'planned') return `A plan of ${of}; nothing was sent.`
  if (traded === 0) return `${of} admitted; no asset needed an order.`
  const cost = result.costs ? `, implementation shortfall ${bps(result.costs.total)} bps` : ''
  return `${traded} ${traded === 1 ? 'asset' : 'assets'} traded for ${of}: ${usd(result.costs?.notionalUsd ?? 0)} USD${cost}.`
}

const section = (name: string, body: string): string => `## ${name}\n\n${body}`

function ordersTable(orders: readonly TradeOrder[], planned: boolean): string {
  const head = planned
    ? ['asset', 'side', 'before', 'target', 'USD', 'rule']
    : ['asset', 'side', 'before', 'target', 'position', 'filled', 'status', 'average px', 'cost bps']
  const rows = orders.map((order) => [
    order.asset,
    order.side ?? '-',
    order.before,
    order.target,
    ...(planned
      ? [order.notionalUsd, order.rule?.id ?? '-']
      : [
          order.position,
          order.filled,
          order.status,
          order.avgPx === null ? '-' : significant(order.avgPx),
          order.cost ? bps(order.cost.total) : '-',
        ]),
  ])
  return table(head, rows)
}

const rulesTable = (orders: readonly TradeOrder[]): string =>
  table(
    ['asset', 'position', 'wish', 'executable target', 'rule', 'because'],
    orders.map(({asset, position, wanted, target, rule}) => [asset, position, wanted, target, rule!.id, rule!.because]),
  )

function costTable(cost: TradeCost): string {
  const parts = ['delay', 'spread', 'impact', 'fees', 'funding', 'opportunity', 'total'] as const
  const rows = parts.map((part) => [part, bps(cost[part])])
  const share = `${(cost.makerShare * 100).toFixed(0)} % of the filled notional made liquidity.`
  return `${table(['part', 'bps of decision price'], rows)}\n\n${share}`
}

const hypothesesTable = ({hypotheses}: TradeResult): string =>
  hypotheses.length === 0
    ? 'There is no file in hypotheses/.'
    : table(
        ['hypothesis', 'state', 'budget', 'decided at', 'note'],
        hypotheses.map(({id, state, budget, decidedAt, reason, cuts}) => [
          id,
          state,
          budget === null ? '-' : budget.toFixed(3),
          decidedAt ?? '-',
          reason ?? (cuts.length > 0 ? cuts.join('; ') : '-'),
        ]),
      )

const limitsTable = ({limits}: TradeResult): string =>
  table(
    ['limit', 'after the cycle', 'allowed', 'used'],
    limits.map(({name, value, limit}) => [
      name,
      value.toFixed(3),
      String(limit),
      `${((value / limit) * 100).toFixed(0)} %`,
    ]),
  )

function reconciled({differences, resolved, state, hypotheses}: TradeResult): string {
  const earlier = resolved.map(
    ({cloid, coin, phase, filled}) => `- ${cloid} (${coin}) of an earlier cycle: ${phase}, ${filled} coins filled`,
  )
  const found = differences.map(
    ({kind, asset, expected, venue}) => `- ${kind} ${asset}: expected ${expected}, the venue has ${venue}`,
  )
  const untouched = state === 'planned' || !hypotheses.some(({admitted}) => admitted)
  const clean = untouched ? 'The account was not touched.' : 'Positions, orders and fills agree with the journal.'
  return [...earlier, ...(found.length > 0 ? found : [clean])].join('\n')
}

const earlierTable = (cycles: readonly TradeRow<'cycle_ended'>[]): string =>
  table(
    ['cycle', 'state', 'assets traded', 'refused', 'USD', 'cost bps'],
    cycles.map(({cycle, state, traded, vetoed, notional_usd, cost_bps}) => [
      cycle,
      state,
      String(traded),
      String(vetoed),
      usd(notional_usd),
      cost_bps === null ? '-' : bps(cost_bps),
    ]),
  )

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

const bps = (value: number): string => value.toFixed(2)
const usd = (value: number): string => value.toFixed(2)
const significant = (value: number): string => String(Number(value.toPrecision(7)))
