import type {Noise, Shape} from './families.ts'
import type {Author, Policy} from './vault-author.ts'

/** One row of a table: what is planted and how often. */
export interface Cell {
  readonly id: string
  /** the table it belongs to */
  readonly group: 'null' | 'power' | 'plant' | 'vault' | 'decay' | 'evidence'
  /** repetitions of the confirmation */
  readonly reps: number
  /** repetitions of the development bench: few, but for what something is chosen by */
  readonly early: number
  /** repetitions that are done and stored at once */
  readonly batch: number
  readonly work: Work
}

export type Work =
  | {
      readonly kind: 'family'
      readonly shape: Shape
      readonly srTarget: number
      readonly everyGate: boolean
    }
  | {
      readonly kind: 'vault'
      readonly author: Author
      readonly policy: Policy
      readonly attempts: number
      readonly vaultBars: number
    }
  | {readonly kind: 'decay'; readonly sharpe: number; readonly aliveDays: number; readonly days: number}
  | {readonly kind: 'evidence'; readonly sharpe: number; readonly days: number; readonly steps: readonly number[]}

/** Two sets of seeds that share no draw: one to look at while choosing, one to be looked at once. */
export const SETS = ['development', 'confirmation'] as const
export type SeedSet = (typeof SETS)[number]

/** Fixed before the first run; a change belongs into CHANGELOG with its reason. */
export const seedOf = (set: SeedSet, cell: string, rep: number): string =>
  `qo-gauntlet|v1|bench:${set}|cell:${cell}|rep:${rep}`

export const repsOf = ({reps, early}: Cell, set: SeedSet, most = Number.POSITIVE_INFINITY): number =>
  Math.min(most, set === 'confirmation' ? reps : early)

const fewOf = (reps: number): number => Math.min(reps, Math.max(10, Math.round(reps / 8)))

const YEAR = 365
const GRIDS: Readonly<Record<number, readonly number[]>> = {1: [1], 2: [2], 9: [3, 3], 40: [5, 8], 200: [10, 20]}
/** research and vault, years */
const SPANS = {'4 + 1.5': [4, 1.5], '7 + 3': [7, 3]} as const

const shapeOf = (K: number, rest: Partial<Shape> = {}): Shape => ({
  ...{axes: GRIDS[K]!, bar: 'day', research: 1000, vault: 375, rho: 0.5},
  ...{noise: 'normal', edge: 'constant', sharpe: 0},
  ...rest,
})

const spanOf = (span: keyof typeof SPANS, bar: Shape['bar'] = 'day'): Pick<Shape, 'bar' | 'research' | 'vault'> => {
  const [research, vault] = SPANS[span].map((years) => Math.round(years * YEAR * (bar === 'day' ? 1 : 24)))
  return {bar, research: research!, vault: vault!}
}

const familyCell = (
  id: string,
  group: Cell['group'],
  reps: number,
  shape: Shape,
  {
    srTarget = 2,
    everyGate = false,
    batch = 20,
    early = fewOf(reps),
  }: {srTarget?: number; everyGate?: boolean; batch?: number; early?: number} = {},
): Cell => ({id, group, reps, early, batch, work: {kind: 'family', shape, srTarget, everyGate}})

/** Worthless families. Those of 1,000 bars are the spec's; the longer ones are what the power table is measured on. */
const NULLS: readonly Cell[] = [
  ...[2, 40, 200].flatMap((K) =>
    [0, 0.5, 0.8, 0.95].map((rho) =>
      familyCell(`null K ${K} rho ${rho}`, 'null', K === 200 ? 60 : 250, shapeOf(K, {rho})),
    ),
  ),
  ...(['4 + 1.5', '7 + 3'] as const).flatMap((span) =>
    [0.5, 0.8].map((rho) =>
      familyCell(
        `null ${span} rho ${rho}`,
        'null',
        span === '4 + 1.5' ? 250 : 100,
        shapeOf(40, {rho, ...spanOf(span)}),
      ),
    ),
  ),
  ...(['garch', 't5', 'ar1:0.2'] as const).map((noise) =>
    familyCell(`null ${noise}`, 'null', 100, shapeOf(40, {rho: 0.8, noise, ...spanOf('4 + 1.5')})),
  ),
  familyCell('null hourly', 'null', 20, shapeOf(9, {rho: 0.8, ...spanOf('4 + 1.5', 'hour')}), {batch: 4}),
]

/** More where something was promised. */
const repsOfEdge = (sharpe: number, span: keyof typeof SPANS): number =>
  span === '4 + 1.5' ? (sharpe === 2 ? 150 : 20) : sharpe === 2 || sharpe === 2.5 ? 100 : 20

/** True edges; sr_target is the Sharpe that is simulated. */
const POWERS: readonly Cell[] = [
  ...(['4 + 1.5', '7 + 3'] as const).flatMap((span) =>
    [0.5, 0.8].flatMap((rho) =>
      [0.5, 1, 1.5, 2, 2.5, 3].map((sharpe) =>
        familyCell(
          `edge ${sharpe} ${span} rho ${rho}`,
          'power',
          repsOfEdge(sharpe, span),
          shapeOf(40, {rho, sharpe, ...spanOf(span)}),
          {srTarget: sharpe, batch: 10},
        ),
      ),
    ),
  ),
  familyCell(
    'edge 2 4 + 1.5 garch',
    'power',
    60,
    shapeOf(40, {rho: 0.8, sharpe: 2, noise: 'garch', ...spanOf('4 + 1.5')}),
    {batch: 10},
  ),
  familyCell('edge 2 4 + 1.5 t5', 'power', 60, shapeOf(40, {rho: 0.8, sharpe: 2, noise: 't5', ...spanOf('4 + 1.5')}), {
    batch: 10,
  }),
  familyCell('edge 2 4 + 1.5 hourly', 'power', 10, shapeOf(9, {rho: 0.8, sharpe: 2, ...spanOf('4 + 1.5', 'hour')}), {
    batch: 2,
  }),
]

const alone = (id: string, noise: Noise, research: number): Cell =>
  familyCell(id, 'plant', 200, shapeOf(1, {noise, research}), {everyGate: true})

/** The families that the gates of stage 6 are compared on, as many before the choice as after it. */
const CHOICE = {everyGate: true, batch: 10, early: 100}

/** What is wrong on purpose, each with the gate that has to see it. */
const PLANTS: readonly Cell[] = [
  alone('t5 tails', 't5', 750),
  alone('AR(1) 0.2', 'ar1:0.2', 750),
  alone('AR(1) 0.5', 'ar1:0.5', 750),
  alone('smoothed over 3 bars', 'smoothed', 750),
  alone('crash seller 250', 'crash', 250),
  alone('crash seller 750', 'crash', 750),
  familyCell('single regime', 'plant', 200, shapeOf(1, {edge: 'first fifth', sharpe: 5}), {everyGate: true}),
  familyCell('spike', 'plant', 200, shapeOf(9, {edge: 'spike', sharpe: 2}), {everyGate: true}),
  familyCell('many trials', 'plant', 60, shapeOf(40, {rho: 0}), {everyGate: true, batch: 10}),
  familyCell('many trials, 4 + 1.5 rho 0.8', 'plant', 100, shapeOf(40, {rho: 0.8, ...spanOf('4 + 1.5')}), CHOICE),
  familyCell(
    'true edge 2, 4 + 1.5 rho 0.8',
    'plant',
    100,
    shapeOf(40, {rho: 0.8, sharpe: 2, ...spanOf('4 + 1.5')}),
    CHOICE,
  ),
]

const VAULTS: readonly Cell[] = (['climber', 'prober'] as const).flatMap((author) =>
  (['keep', 'retire-on-pass', 'naive'] as const).map((policy) => ({
    id: `vault ${author} ${policy}`,
    group: 'vault' as const,
    reps: policy === 'naive' ? 300 : 1000,
    early: policy === 'naive' ? 100 : 200,
    batch: 100,
    work: {kind: 'vault' as const, author, policy, attempts: 100, vaultBars: 375},
  })),
)

const DECAYS: readonly Cell[] = [
  {id: 'edge 2 goes on', alive: 3 * YEAR},
  {id: 'edge 2 ends after a year', alive: YEAR},
].map(({id, alive}) => ({
  id,
  group: 'decay' as const,
  reps: 32,
  early: 8,
  batch: 4,
  work: {kind: 'decay' as const, sharpe: 2, aliveDays: alive, days: 3 * YEAR},
}))

const EVIDENCES: readonly Cell[] = [0, 1, 1.5, 2, 3].map((sharpe) => ({
  id: `forward Sharpe ${sharpe}`,
  group: 'evidence' as const,
  reps: 1000,
  early: 200,
  batch: 200,
  work: {kind: 'evidence' as const, sharpe, days: 4 * YEAR, steps: [3, 8, 20]},
}))

export const CELLS: readonly Cell[] = [...NULLS, ...POWERS, ...PLANTS, ...VAULTS, ...DECAYS, ...EVIDENCES]
