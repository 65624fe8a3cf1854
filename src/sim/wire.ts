import {type Decimal, decimalText} from '../kernel/decimal.ts'
import {PX_DECIMALS} from './market/price-grid.ts'

/** Cash is an integer count of 10^-12 USD: price (6 decimals) times size (up to 6) is exact. */
export const CASH_SCALE = 12
export const MICRO_USD = 10n ** 6n

/** The venue writes whole numbers with a trailing `.0`. */
const withPoint = (text: string): string => (text.includes('.') ? text : `${text}.0`)

export const pxDecimal = (units: number): Decimal => ({units: BigInt(units), scale: PX_DECIMALS})
export const szDecimal = (lots: number, szDecimals: number): Decimal => ({units: BigInt(lots), scale: szDecimals})

export const pxText = (units: number): string => pointText(units, PX_DECIMALS)
export const szText = (lots: number, szDecimals: number): string => pointText(lots, szDecimals)
/** Ten decimals, as rates and premia are written. */
export const rateText = (units: number): string => pointText(units, 10)

/** A safe integer count of 10^-scale as text: what `decimalText` gives, ten times faster for candles by the thousand. */
function pointText(units: number, scale: number): string {
  const sign = units < 0 ? '-' : ''
  const digits = String(Math.abs(units)).padStart(scale + 1, '0')
  const point = digits.length - scale
  let end = digits.length
  while (end > point + 1 && digits[end - 1] === '0') end--
  return `${sign}${digits.slice(0, point)}.${digits.slice(point, end) || '0'}`
}

/** Cash to the venue's six decimals, truncated toward zero. */
export const usdText = (cash: bigint): string =>
  withPoint(decimalText({units: cash / MICRO_USD, scale: CASH_SCALE - 6}))

/** Price times size, as cash; negative size gives negative cash. */
export const notional = (px: number, lots: number, szDecimals: number): bigint =>
  BigInt(px) * BigInt(lots) * 10n ** BigInt(CASH_SCALE - PX_DECIMALS - szDecimals)
