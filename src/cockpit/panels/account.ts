import type {AccountSnapshot} from '../../contracts/orders.ts'
import {decimal, decimalText, multiply, round, subtract, toNumber} from '../../kernel/decimal.ts'
import {ago, cell, type Line, span, type Tone} from '../line.ts'
import type {RecordedAccount} from '../view.ts'

const SHOWN = 8

/** Equity, today's P&L and the positions, largest notional first. */
export function accountPanel({snapshot, recordedAt, filledSince}: RecordedAccount, asOf: number): Line[] {
  const {equity, dayStartEquity, positions} = snapshot
  const today = subtract(decimal(equity), decimal(dayStartEquity))
  const lines: Line[] = [
    [
      span(`equity ${usd(equity)} · today `),
      span(signed(decimalText(today)), toneOf(toNumber(today))),
      span(` · ${positions.length} position(s) · reconciled ${ago(asOf - recordedAt)} ago`),
    ],
  ]
  if (filledSince > 0) lines.push([span(`NOT CURRENT: ${filledSince} order(s) have filled since`, 'warning')])
  const sorted = [...positions].sort((a, b) => notional(b) - notional(a))
  if (sorted.length > 0) lines.push([span(row('coin', 'size', 'entry', 'mark', 'P&L'), 'quiet')])
  for (const position of sorted.slice(0, SHOWN)) {
    const {coin, szi, entryPx, markPx, unrealizedPnl} = position
    const text = row(coin, szi, entryPx ?? '–', markPx ?? '–', '')
    lines.push([span(text), span(cell(signed(unrealizedPnl), 12, 'right'), toneOf(Number(unrealizedPnl)))])
  }
  if (sorted.length > SHOWN) lines.push([span(`and ${sorted.length - SHOWN} smaller`, 'quiet')])
  return lines
}

/** Open orders, oldest first; their age is in venue time, as theirs is. */
export function ordersPanel({snapshot: {openOrders, at}}: RecordedAccount): Line[] {
  if (openOrders.length === 0) return [[span('none open', 'quiet')]]
  const sorted = [...openOrders].sort((a, b) => a.time - b.time)
  const lines: Line[] = sorted.slice(0, SHOWN).map(({coin, side, sz, px, reduceOnly, isTrigger, time}) => {
    const kind = [reduceOnly ? 'reduce-only' : '', isTrigger ? 'trigger' : ''].filter((part) => part !== '').join(' ')
    return [
      span(`${cell(coin, 10)} ${cell(side, 4)} ${cell(sz, 14, 'right')} @ ${cell(px, 12)} `),
      span(`${ago(at - time)} ${kind}`),
    ]
  })
  if (sorted.length > SHOWN) lines.push([span(`and ${sorted.length - SHOWN} younger`, 'quiet')])
  return lines
}

const row = (coin: string, size: string, entry: string, mark: string, pnl: string): string =>
  `${cell(coin, 10)} ${cell(size, 14, 'right')} ${cell(entry, 13, 'right')} ${cell(mark, 13, 'right')} ${pnl.padStart(pnl === '' ? 0 : 12)}`

const notional = ({szi, markPx, entryPx}: AccountSnapshot['positions'][number]): number =>
  Math.abs(toNumber(multiply(decimal(szi), decimal(markPx ?? entryPx ?? '0'))))

const usd = (text: string): string => decimalText(round(decimal(text), 2, 'half'))
const signed = (text: string): string => (text.startsWith('-') || Number(text) === 0 ? usd(text) : `+${usd(text)}`)
const toneOf = (value: number): Tone => (value < 0 ? 'warning' : value > 0 ? 'good' : 'plain')
