export type Tif = 'Alo' | 'Ioc' | 'Gtc'

/** One order, from acceptance to its final status. Prices in 10^-6 USD, sizes in lots. */
export interface Order {
  readonly oid: number
  readonly user: string
  readonly asset: number
  readonly isBuy: boolean
  readonly px: number
  /** after reduce-only capping */
  readonly origLots: number
  lots: number
  readonly tif: Tif
  readonly reduceOnly: boolean
  readonly cloid: string | null
  readonly timestamp: number
  status: string
  statusTimestamp: number
  /** displayed size that was at this price before us and has to trade first */
  queueAhead: number
}

/** What a client asks for, parsed and on the price and lot grid. */
export interface OrderRequest {
  readonly asset: number
  readonly isBuy: boolean
  readonly px: string
  readonly sz: string
  readonly reduceOnly: boolean
  readonly tif: Tif
  readonly cloid: string | null
}

/** A match of an incoming order against one level or one resting order. */
export interface Match {
  readonly px: number
  readonly lots: number
  /** the resting order; null when the market's liquidity was hit */
  readonly maker: Order | null
}

/** `best first` for one side. */
export const byPriority =
  (bids: boolean) =>
  (a: Order, b: Order): number =>
    a.px === b.px ? a.oid - b.oid : bids ? b.px - a.px : a.px - b.px
