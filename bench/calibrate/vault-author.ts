import {vaultAlpha} from '../../src/cognition/gauntlet/vault-alpha.ts'
import {psrHardGate, psrQuestion} from '../../src/cognition/statistics/psr.ts'
import type {GauntletConfig} from '../../src/contracts/gauntlet.ts'
import {normalPpf} from '../../src/kernel/distributions.ts'
import {Random} from '../../src/kernel/random.ts'
import {askVault} from './judge-family.ts'

/** `naive` is what a desk does without a schedule: every attempt at the level of the whole vault. */
export type Policy = 'keep' | 'retire-on-pass' | 'naive'

/**
 * - `climber` owns no edge. It proposes weights over worthless streams and, whenever the vault says PASS, goes on from
 *   there: hill-climbing on the bit.
 * - `prober` owns a real edge of any strength it likes, and uses it as a probe: edge plus one worthless stream passes
 *   exactly when that stream was lucky in the vault. Every second attempt it submits the sum of all streams with the signs
 *   it has learnt, which is worthless. This is the adaptive author for whom the policy `keep` charges for passes.
 */
export type Author = 'climber' | 'prober'

const STREAMS = 50
const STEP = 0.3
const DEVIATION = 0.01
const RESEARCH_BARS = 1000
/** Gates compare with this much room, so no level below it can be asked for. The author has read the code. */
const LEAST_LEVEL = 1e-12

/**
 * One author and one vault, the stop rule off: did any worthless idea pass?
 *
 * What the author shows as research is wilder than the vault and earns nothing, so that the drawdown and consistency
 * rules of stage 9 bind as little as they can. Answers to probes come from the test alone, as a prober would hope; a
 * worthless idea passes only by the whole stage 9 of the product.
 *
 * @param vaultBars  daily bars of the vault
 * @param attempts   how often the vault is asked, unless it retires
 */
export function attackVault(
  {
    author,
    policy,
    attempts,
    vaultBars,
  }: {
    readonly author: Author
    readonly policy: Policy
    readonly attempts: number
    readonly vaultBars: number
  },
  seed: string,
  config: GauntletConfig,
): Record<string, number> {
  const random = new Random(seed)
  const normals = (n: number, scale: number): Float64Array =>
    Float64Array.from({length: n}, () => scale * random.normal())
  const streams = Array.from({length: STREAMS}, () => normals(vaultBars, DEVIATION))
  const research = normals(RESEARCH_BARS, 2 * DEVIATION)
  const play = author === 'climber' ? climber(random) : prober()
  const levelOf = (asked: number, passes: number): number =>
    policy === 'naive'
      ? config.vault.alpha
      : vaultAlpha({attempts: asked, passes, familyAttempt: 0}, policy, config.vault.alpha).alpha
  let [passes, falsePasses] = [0, 0]
  let asked = 0
  for (; asked < attempts; asked++) {
    const alpha = levelOf(asked, passes)
    const idea = play.propose(alpha, vaultBars)
    const net = mixOf(streams, idea.weights, idea.mean)
    const test = psrHardGate(psrQuestion(net)) >= 1 - alpha - LEAST_LEVEL
    const worthless = idea.mean === 0
    const pass = test && (!worthless || wholeStage(net, research, alpha, `${seed}|attempt:${asked}`, config))
    play.hear(pass)
    if (!pass) continue
    passes += 1
    if (worthless) falsePasses += 1
    // Without a schedule the first false pass has settled the question; under `retire-on-pass` nobody asks again.
    if (policy === 'retire-on-pass' || falsePasses > 0) break
  }
  return {
    ...(falsePasses > 0 ? {broken: 1} : {}),
    asked: Math.min(asked + 1, attempts),
    passes,
  }
}

/** Stage 9 as it ships. The test inside it is the one that was asked before: what fails there needs no bootstrap. */
function wholeStage(
  net: Float64Array,
  research: Float64Array,
  alpha: number,
  seed: string,
  config: GauntletConfig,
): boolean {
  return askVault({net, research, blockLength: 1, alpha, periodsPerYear: 365, seed}, config).verdict === 'ELIGIBLE'
}

interface Idea {
  /** shape [STREAMS], unit length */
  readonly weights: Float64Array
  /** true mean per bar; 0: worthless */
  readonly mean: number
}

interface Play {
  readonly propose: (alpha: number, bars: number) => Idea
  readonly hear: (pass: boolean) => void
}

function climber(random: Random): Play {
  let at = unit(Float64Array.from({length: STREAMS}, () => random.normal()))
  let tried = at
  return {
    propose: () => {
      // A step of this length turns the direction by about 60 degrees.
      tried = unit(at.map((weight) => weight + STEP * random.normal()))
      return {weights: tried, mean: 0}
    },
    hear: (pass) => {
      if (pass) at = tried
    },
  }
}

function prober(): Play {
  const signs: number[] = []
  let probing = false
  return {
    propose: (alpha, bars) => {
      probing = !probing && signs.length < STREAMS
      if (!probing) return {weights: unit(Float64Array.from({length: STREAMS}, (_, m) => signs[m] ?? 0)), mean: 0}
      const weights = Float64Array.from({length: STREAMS}, (_, m) => (m === signs.length ? 1 : 0))
      return {weights, mean: DEVIATION * evenChance(alpha, bars)}
    },
    hear: (pass) => {
      if (probing) signs.push(pass ? 1 : -1)
    },
  }
}

/** The Sharpe per bar that passes half of the time at this level: SR √T = z √(1 + SR²/2). */
function evenChance(alpha: number, bars: number): number {
  const square = normalPpf(Math.max(alpha, LEAST_LEVEL)) ** 2 / bars
  return Math.sqrt(square / (1 - square / 2))
}

function mixOf(streams: readonly Float64Array[], weights: Float64Array, mean: number): Float64Array {
  const net = new Float64Array(streams[0]!.length).fill(mean)
  weights.forEach((weight, m) => {
    if (weight === 0) return
    const stream = streams[m]!
    for (let t = 0; t < net.length; t++) net[t]! += weight * stream[t]!
  })
  return net
}

function unit(weights: Float64Array): Float64Array {
  const length = Math.hypot(...weights)
  return length === 0 ? weights : weights.map((weight) => weight / length)
}
