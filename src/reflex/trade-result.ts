import type {TradeHypothesis, TradeMode, TradeOrder, TradeResult} from '../contracts/trade.ts'
import {isoOf} from '../kernel/instant.ts'
import type {Budget} from './book.ts'

/** What admission said about one hypothesis, and when its targets were decided. */
export interface HypothesisNote {
  readonly id: string
  readonly state: string
  /** null: admitted */
  readonly reason: string | null
  /** close of the deciding bar, epoch ms; null when it was not evaluated */
  readonly decidedAt: number | null
}

export interface ResultStart {
  readonly mode: TradeMode
  readonly asOf: number
  readonly venue: string
  readonly notes: readonly HypothesisNote[]
  readonly budgets: readonly Budget[]
}

/** A cycle in which nothing has happened yet: what later steps fill in. */
export const emptyResult = ({mode, asOf, venue, notes, budgets}: ResultStart): TradeResult => ({
  artifact: 'trade@1',
  ok: true,
  mode,
  state: 'nothing',
  asOf: isoOf(asOf),
  cycle: null,
  venue,
  account: null,
  hypotheses: notes.map((note) => hypothesisOf(note, budgets)),
  orders: [],
  vetoes: [],
  costs: null,
  expectedCostUsd: null,
  exposure: null,
  limits: [],
  differences: [],
  resolved: [],
  report: null,
})

function hypothesisOf({id, state, reason, decidedAt}: HypothesisNote, budgets: readonly Budget[]): TradeHypothesis {
  const budget = budgets.find(({hypothesis}) => hypothesis === id)
  return {
    ...{id, state, admitted: reason === null, reason},
    budget: budget?.budget ?? null,
    share: budget?.share ?? null,
    decidedAt: decidedAt === null ? null : isoOf(decidedAt),
    cuts: [...(budget?.cuts ?? [])],
  }
}

/** How the cycle ended; without a latch or a signal, by whether each executable target was reached. */
export function stateOfCycle(
  orders: readonly TradeOrder[],
  {halted, stopped}: {halted: boolean; stopped: boolean},
): TradeResult['state'] {
  if (halted) return 'halted'
  if (stopped) return 'stopped'
  const sent = orders.filter(({status}) => status !== 'untraded')
  if (sent.length === 0) return 'nothing'
  return sent.every(({status}) => status === 'filled') ? 'done' : 'partial'
}
