import type {TradeRow} from '../../contracts/trade.ts'

/** Clean paper days that a validated hypothesis needs before real money. @see features-hypotheses.md 3 */
export const PAPER_DAYS = 20

export interface PaperRecord {
  /** UTC days since validation on which every paper cycle ended as planned */
  readonly cleanDays: number
  /** mean realised minus modelled cost of the cycles that traded, bps; null without any */
  readonly excessCostBps: number | null
  /** two standard errors of it */
  readonly twoErrorsBps: number | null
  readonly done: boolean
  /** what is missing */
  readonly because: string
}

type Cycle = TradeRow<'cycle_ended'> & {readonly differences: number}

/**
 * Whether paper trading has shown what it can: enough days without a veto, a difference or an order left open, and costs
 * that are not above the model by more than chance.
 *
 * @param cycles  ended paper cycles since the vault's PASS, oldest first
 */
export function paperRecord(cycles: readonly Cycle[]): PaperRecord {
  const days = new Map<string, boolean>()
  for (const {as_of, state, vetoed, differences} of cycles) {
    const clean = (state === 'done' || state === 'nothing') && vetoed === 0 && differences === 0
    const day = as_of.slice(0, 10)
    days.set(day, clean && (days.get(day) ?? true))
  }
  const cleanDays = [...days.values()].filter(Boolean).length
  const excess = cycles.flatMap(({cost_bps, model_bps}) =>
    typeof cost_bps === 'number' && typeof model_bps === 'number' ? [cost_bps - model_bps] : [],
  )
  const mean = excess.length === 0 ? null : excess.reduce((sum, x) => sum + x, 0) / excess.length
  const error =
    mean === null || excess.length < 2
      ? null
      : Math.sqrt(excess.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (excess.length - 1) / excess.length)
  const dear = mean === null || error === null || mean - 2 * error > 0
  const missing = [
    ...(cleanDays < PAPER_DAYS ? [`${cleanDays} of ${PAPER_DAYS} clean paper days`] : []),
    ...(mean === null || error === null
      ? ['no realised cost to compare with the model']
      : dear
        ? [`realised cost is ${mean.toFixed(2)} bps above the model, more than chance explains`]
        : []),
  ]
  return {
    cleanDays,
    excessCostBps: mean,
    twoErrorsBps: error === null ? null : 2 * error,
    done: missing.length === 0,
    because: missing.length === 0 ? `${cleanDays} clean paper days, cost within the model` : missing.join('; '),
  }
}
