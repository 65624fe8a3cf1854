import type {TradeOrder, TradeResult} from '../contracts/trade.ts'
import {type Ending, renderTable} from './render.ts'

/** A cycle for people: a diff of positions when it is a plan, orders and their cost when it was one. */
export function renderTrade(result: TradeResult): Ending {
  const {state, report, vetoes, differences, resolved, costs, orders, hypotheses} = result
  const planned = state === 'planned'
  const admitted = hypotheses.filter((one) => one.admitted)
  const left = orders.filter(({status, rule}) => status === 'untraded' && rule !== null)
  return {
    body: orders.length === 0 ? `${state} · no orders` : planned ? diff(result) : ordersTable(orders),
    artifact: report === null ? ['nothing: a plan leaves no file'] : [report, 'data/journal/trade.jsonl'],
    rationale: [
      admitted.length === 0
        ? `no hypothesis is validated: ${hypotheses.length === 0 ? 'there is none' : hypotheses.map(({id, state: at}) => `${id} is ${at}`).join(', ')}`
        : `${state} · ${admitted.map(({id, budget}) => `${id} on ${percent(budget ?? 0)} of equity`).join(', ')}`,
      ...(costs
        ? [
            `shortfall ${costs.total.toFixed(2)} bps on ${costs.notionalUsd.toFixed(0)} USD, ${percent(costs.makerShare)} of it made liquidity`,
          ]
        : []),
      ...(left.length > 0 ? [`left alone: ${countBy(left.map(({rule}) => rule!.id))}`] : []),
      ...vetoes.slice(0, 2).map(({says}) => says),
      ...differences.map(
        ({kind, asset, expected, venue}) => `DIFFERENCE ${kind} ${asset}: expected ${expected}, venue ${venue}`,
      ),
      ...(resolved.length > 0 ? [`${resolved.length} orders of an earlier cycle resolved`] : []),
    ],
    next:
      admitted.length === 0
        ? ['qo gauntlet', 'qo gauntlet unseal ID']
        : planned
          ? [`qo trade --mode ${result.mode}`]
          : ['qo risk check', 'qo cockpit --once'],
  }
}

/** `+` opens, `−` closes, `~` changes a position. */
function diff({orders, expectedCostUsd, limits, exposure}: TradeResult): string {
  const sign = ({before, target}: TradeOrder): string => (before === '0' ? '+' : target === '0' ? '−' : '~')
  const rows = orders
    .filter(({side}) => side !== null)
    .map((order) => [
      sign(order),
      order.asset,
      order.before,
      order.target,
      order.side ?? '',
      order.notionalUsd,
      order.rule?.id ?? '',
    ])
  const used = limits.map(({name, value, limit}) => `${name} ${value.toFixed(2)} of ${limit}`).join(' · ')
  const risk = exposure
    ? `gross ${exposure.gross.toFixed(2)} → ${exposure.targetGross.toFixed(2)}, net ${exposure.net.toFixed(2)} → ${exposure.targetNet.toFixed(2)}`
    : ''
  const cost = `expected cost when all of it crosses: ${(expectedCostUsd ?? 0).toFixed(2)} USD`
  return [
    renderTable(['', 'asset', 'position', 'target', 'side', 'USD', 'cap'], rows, [2, 3, 5]),
    risk,
    used,
    cost,
  ].join('\n')
}

const ordersTable = (orders: readonly TradeOrder[]): string =>
  renderTable(
    ['asset', 'side', 'before', 'target', 'position', 'filled', 'status', 'bps'],
    orders
      .filter(({status}) => status !== 'untraded')
      .map((order) => [
        ...[order.asset, order.side ?? '', order.before, order.target, order.position, order.filled, order.status],
        order.cost?.total.toFixed(1) ?? '',
      ]),
    [2, 3, 4, 5, 7],
  )

const percent = (fraction: number): string => `${(fraction * 100).toFixed(0)} %`

function countBy(names: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].map(([name, count]) => `${count} ${name}`).join(', ')
}
