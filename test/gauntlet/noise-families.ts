import {readFileSync} from 'node:fs'
import {parse} from 'yaml'
import {runStages, type StagesRun} from '../../src/cognition/gauntlet/run-stages.ts'
import {judgeVault} from '../../src/cognition/gauntlet/stages/09-vault.ts'
import {statisticalStages} from '../../src/cognition/gauntlet/statistical-stages.ts'
import {vaultAlpha} from '../../src/cognition/gauntlet/vault-alpha.ts'
import {familyBlockLength} from '../../src/cognition/statistics/block-length.ts'
import {GauntletConfig} from '../../src/contracts/gauntlet.ts'
import {DAY_MS, YEAR_MS} from '../../src/kernel/instant.ts'
import {Random} from '../../src/kernel/random.ts'

/** The gates exactly as they ship. */
export const CONFIG = GauntletConfig.schema.parse(
  parse(readFileSync(new URL('../../configs/gauntlet.yaml', import.meta.url), 'utf8')),
)

export interface Family {
  /** shape [K][T] */
  readonly research: readonly Float64Array[]
  /** shape [K][V] */
  readonly vault: readonly Float64Array[]
}

/**
 * K configurations of one idea: a common and an own part, correlation rho, daily deviation 1 %, the same mean for all.
 *
 * @param srAnnual  0 for noise
 */
export function family(
  random: Random,
  {K, T, V, rho, srAnnual = 0}: {K: number; T: number; V: number; rho: number; srAnnual?: number},
): Family {
  const draw = (bars: number): Float64Array[] => {
    const columns = Array.from({length: K}, () => new Float64Array(bars))
    for (let t = 0; t < bars; t++) {
      const common = random.normal()
      for (const column of columns) {
        const z = Math.sqrt(rho) * common + Math.sqrt(1 - rho) * random.normal()
        column[t] = 0.01 * (z + srAnnual / Math.sqrt(365))
      }
    }
    return columns
  }
  return {research: draw(T), vault: draw(V)}
}

/** The best of the family in sample, through stages 4 to 7 with all of its trials counted. */
export function judgeFamily({research, vault}: Family, seed: string): StagesRun & {readonly candidate: number} {
  const T = research[0]!.length
  const score = (column: Float64Array): number => {
    const mean = column.reduce((a, b) => a + b, 0) / T
    return mean / Math.sqrt(column.reduce((a, b) => a + (b - mean) ** 2, 0))
  }
  const scores = research.map(score)
  const candidate = scores.indexOf(Math.max(...scores))
  const blockLength = familyBlockLength(research)
  const calls = statisticalStages(
    {
      net: research,
      excess: research,
      candidate,
      N: research.length,
      blockLength,
      labelHorizonBars: 1,
      gapBars: blockLength,
      worstAdverseMove: 0.05,
      benchmark: 'none',
      periodsPerYear: 365,
      barMs: DAY_MS,
      windowFrom: 0,
      seedOf: (stage) => `${seed}|stage:${stage}`,
    },
    {
      nEff: T,
      researchYears: (T * DAY_MS) / YEAR_MS,
      vaultYears: (vault[0]!.length * DAY_MS) / YEAR_MS,
      vaultFrom: T * DAY_MS,
      srTarget: 2,
      nextAlpha: 0.02,
      spanFrom: 0,
      windowFrom: 0,
      gapMs: 0,
      maxVaultShare: 0.5,
    },
    CONFIG,
  )
  return {...runStages(calls, false), candidate}
}

/** Stage 9 of that candidate, at the level of a first attempt. */
export function unsealFamily({research, vault}: Family, candidate: number, seed: string): boolean {
  const first = vaultAlpha({attempts: 0, passes: 0, familyAttempt: 0}, 'keep', CONFIG.vault.alpha)
  const call = {
    id: 9,
    name: 'vault',
    judge: () =>
      judgeVault(
        {
          net: vault[candidate]!,
          stressed: vault[candidate]!,
          nEff: vault[candidate]!.length,
          research: research[candidate]!,
          blockLength: 1,
          alpha: first.alpha,
          periodsPerYear: 365,
          seed,
        },
        CONFIG.vault,
      ),
  }
  return runStages([call], false).verdict === 'ELIGIBLE'
}

/** Judge `families` of them, one after another from one stream. */
export function bench(
  seed: string,
  families: number,
  shape: Parameters<typeof family>[1],
): {eligible: number; passed: number; died: Record<string, number>} {
  const random = new Random(seed)
  const died: Record<string, number> = {}
  let [eligible, passed] = [0, 0]
  for (let i = 0; i < families; i++) {
    const made = family(random, shape)
    const run = judgeFamily(made, `${seed}|family:${i}`)
    if (run.verdict === 'ELIGIBLE') {
      eligible += 1
      if (unsealFamily(made, run.candidate, `${seed}|family:${i}|vault`)) passed += 1
    } else {
      const at = `stage ${run.failedStage} ${run.verdict}`
      died[at] = (died[at] ?? 0) + 1
    }
  }
  return {eligible, passed, died}
}
