import {Fault} from '../../kernel/fault.ts'

/** What earlier unsealings cost: on this vault by anybody, and elsewhere by this family. */
export interface VaultHistory {
  /** attempts on this vault so far, crashed ones included */
  readonly attempts: number
  /** of which passed */
  readonly passes: number
  /** number of the latest attempt this family failed, on whatever vault; 0 for none */
  readonly familyAttempt: number
}

export interface VaultAlpha {
  /** i, counted from 1; a family carries its failures to the next vault */
  readonly attempt: number
  /** j */
  readonly earlierPasses: number
  readonly alpha: number
  /** true when alpha is too small to be worth spending: wait for fresh data */
  readonly exhausted: boolean
}

/**
 * The level of the next attempt on a vault.
 *
 * Policy `keep`: alpha(i, j) = alpha · w_j / (i (i + 1) C(i − 1, j)) with w_0 = .8 and w_j = .2 · 2^−j. Along each of
 * the C(i − 1, j) transcripts of earlier answers the next hypothesis is a fixed function of things independent of the
 * vault, so the union bound over attempts and transcripts stays below alpha for any adaptive author.
 * Policy `retire-on-pass`: alpha / (i (i + 1)), and nothing after the first PASS.
 *
 * @param alpha   level of the whole vault
 * @see Dwork et al. (2015), Science 349, for the description-length argument
 */
export function vaultAlpha(
  {attempts, passes, familyAttempt}: VaultHistory,
  policy: 'keep' | 'retire-on-pass',
  alpha: number,
): VaultAlpha {
  const i = Math.max(attempts, familyAttempt) + 1
  if (policy === 'retire-on-pass') {
    const level = alpha / (i * (i + 1))
    return {attempt: i, earlierPasses: passes, alpha: level, exhausted: passes > 0 || level < 0.001}
  }
  const j = passes
  if (j > i - 1) {
    throw new Fault('gauntlet.vault_history', {
      family: 'bug',
      what: `${j} passes are recorded in ${i - 1} attempts.`,
      why: 'An attempt passes at most once.',
      next: ['qo audit verify'],
    })
  }
  const weight = j === 0 ? 0.8 : 0.2 * 2 ** -j
  const level = (alpha * weight) / (i * (i + 1) * choose(i - 1, j))
  return {attempt: i, earlierPasses: j, alpha: level, exhausted: level < 0.0002}
}

function choose(n: number, k: number): number {
  let product = 1
  for (let i = 1; i <= k; i++) product = (product * (n - k + i)) / i
  return Math.round(product)
}
