import {marketRegimes} from '../../src/cognition/gauntlet/market-regimes.ts'
import {runStages, type StageCall, type StagesRun} from '../../src/cognition/gauntlet/run-stages.ts'
import {judgeRobustness} from '../../src/cognition/gauntlet/stages/08-robustness.ts'
import {judgeVault} from '../../src/cognition/gauntlet/stages/09-vault.ts'
import {type Statistics, statisticalStages} from '../../src/cognition/gauntlet/statistical-stages.ts'
import {vaultAlpha} from '../../src/cognition/gauntlet/vault-alpha.ts'
import {familyBlockLength} from '../../src/cognition/statistics/block-length.ts'
import {mean, sum} from '../../src/cognition/statistics/series.ts'
import {sharpeOrZero} from '../../src/cognition/statistics/sharpe.ts'
import type {GauntletConfig} from '../../src/contracts/gauntlet.ts'
import {DAY_MS, YEAR_MS} from '../../src/kernel/instant.ts'
import {barMsOf, drawFamily, type Family, type Shape, sizeOf, worstKnownMove} from './families.ts'

/** A family on its way through the stages that look at returns alone. */
export interface FamilyCase {
  /** stages 4 to 8 as they ship, each computed when its turn comes */
  readonly calls: readonly StageCall[]
  /** stage 9 at the level of a first attempt */
  readonly unseal: () => StagesRun
  /** shape [K][T] */
  readonly net: readonly Float64Array[]
  readonly candidate: number
  readonly periodsPerYear: number
}

/** Bars begin on a day that is no boundary of anything: 1 March 2019. */
const FROM = Date.UTC(2019, 2, 1)

/**
 * Draw a family and hand it to the product's own stages with the product's own gates.
 *
 * The candidate is the best of the family in sample: what an author would declare who has looked. A return series has no
 * bars, fills or assets; whatever needs them passes by not applying, and the page says which.
 *
 * @param srTarget  annual Sharpe the author declares
 */
export function openFamily(shape: Shape, srTarget: number, seed: string, config: GauntletConfig): FamilyCase {
  const family = drawFamily(shape, `${seed}|draw`)
  const net = family.research
  const barMs = barMsOf(shape)
  const periodsPerYear = YEAR_MS / barMs
  const T = shape.research
  const sharpes = net.map(sharpeOrZero)
  const candidate = sharpes.indexOf(Math.max(...sharpes))
  const blockLength = Math.min(familyBlockLength(net), Math.floor(T / 3))
  const seedOf = (stage: string): string => `${seed}|stage:${stage}`
  const first = vaultAlpha({attempts: 0, passes: 0, familyAttempt: 0}, 'keep', config.vault.alpha)
  const statistics: Statistics = {
    ...{net, excess: net, candidate, N: sizeOf(shape), blockLength, labelHorizonBars: 1, gapBars: blockLength},
    ...{worstAdverseMove: worstKnownMove(shape), benchmark: 'none', periodsPerYear, barMs, windowFrom: FROM, seedOf},
  }
  const sufficiency = {
    nEff: T,
    researchYears: (T * barMs) / YEAR_MS,
    vaultYears: (shape.vault * barMs) / YEAR_MS,
    vaultFrom: FROM + T * barMs,
    srTarget,
    nextAlpha: first.alpha,
    spanFrom: FROM,
    windowFrom: FROM,
    gapMs: blockLength * barMs,
    maxVaultShare: config.vault.max_share,
  }
  const robustness: StageCall = {
    id: 8,
    name: 'robustness',
    judge: () =>
      judgeRobustness(
        {
          ...robustnessOf(family, shape, sharpes, candidate),
          periodsPerYear,
          seed: seedOf('robustness'),
        },
        config.robustness,
      ),
  }
  return {
    calls: [...statisticalStages(statistics, sufficiency, config), robustness],
    unseal: () => unseal(family, candidate, first.alpha, periodsPerYear, seedOf('vault'), config),
    ...{net, candidate, periodsPerYear},
  }
}

function robustnessOf(
  {research, market}: Family,
  shape: Shape,
  gridSharpes: readonly number[],
  candidate: number,
): Omit<Parameters<typeof judgeRobustness>[0], 'periodsPerYear' | 'seed'> {
  const barMs = barMsOf(shape)
  const net = research[candidate]!
  const ts = Float64Array.from(net, (_, t) => FROM + t * barMs)
  const perDay = DAY_MS / barMs
  const days = Float64Array.from({length: Math.floor(net.length / perDay)}, (_, d) =>
    sum(net.subarray(d * perDay, (d + 1) * perDay)),
  )
  return {
    ...{net, gridSharpes, axes: shape.axes, candidate, regimes: marketRegimes(market, ts, barMs)},
    ...{assetTotals: [sum(net)], assets: ['the rule'], days, assetDays: days, halves: [], halfShare: 1},
    ...{factors: [market], factorNames: ['the market'], beforeImpact: mean(net), impact: 0, capital: 1},
    ...{participation: {median: 0, p95: 0}, labelHorizonBars: 1, marginal: [], stresses: []},
  }
}

function unseal(
  {research, vault}: Family,
  candidate: number,
  alpha: number,
  periodsPerYear: number,
  seed: string,
  config: GauntletConfig,
): StagesRun {
  const own = research[candidate]!
  const net = vault[candidate]!
  const blockLength = Math.min(familyBlockLength([own]), Math.floor(own.length / 3))
  return askVault({net, research: own, blockLength, alpha, periodsPerYear, seed}, config)
}

/** Stage 9 as it ships, on returns alone: every bar is a label, and nothing costs twice as much. */
export function askVault(
  asked: Omit<Parameters<typeof judgeVault>[0], 'stressed' | 'nEff'>,
  config: GauntletConfig,
): StagesRun {
  const {net} = asked
  const judge = () => judgeVault({...asked, stressed: net, nEff: net.length}, config.vault)
  return runStages([{id: 9, name: 'vault', judge}], false)
}
