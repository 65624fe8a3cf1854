import type {GauntletVerdict} from '../../contracts/gauntlet.ts'
import {figure} from './check.ts'
import type {Block} from './report.ts'

/** Beyond this, odds are certainty for any reader. */
const MOST_ODDS = 1e6

/**
 * What a PASS means when few ideas are true, as odds that the edge is real: before anything was measured, after
 * research, and after the vault's answer, which multiplies them by power / alpha or by (1 − power) / (1 − alpha).
 *
 * @see gauntlet.md M25
 */
export function meaningBlocks({figures, vault, verdict, trials}: GauntletVerdict): Block[] {
  const {prior, posteriorFalseDiscovery: doubt} = figures
  if (prior === null || doubt === null) return []
  const start = prior / (1 - prior)
  const research = doubt === 0 ? MOST_ODDS : (1 - doubt) / doubt
  const rows = [
    ['before anything was measured', ...spoken(start), `${percent(prior)} of ideas are taken to be true`],
    [
      'after research',
      ...spoken(research),
      `how often the best of ${figure(trials.Neff ?? trials.N)} independent trials looks like this when one of them is true, against none`,
    ],
  ]
  if (vault !== null && vault.nextAlpha > 0 && vault.nextAlpha < 1) {
    const {nextAlpha: alpha, powerAtTarget: power} = vault
    const asked = `level ${figure(alpha)}, power ${percent(power)} at the declared Sharpe`
    rows.push(
      ['after a PASS of the vault', ...spoken((research * power) / alpha), asked],
      ['after a FAIL of the vault', ...spoken((research * (1 - power)) / (1 - alpha)), asked],
    )
  }
  const judged = verdict === 'ELIGIBLE' || verdict === 'PASS'
  return [
    {kind: 'heading', text: 'What a PASS means'},
    {kind: 'table', head: ['', 'odds that the edge is real', 'chance', ''], rows},
    ...(judged
      ? []
      : [
          {
            kind: 'text',
            text: 'The gates say no, whatever these odds are: they are what the returns alone would say.',
          } as const,
        ]),
  ]
}

/** Odds in words and the same as a chance. */
function spoken(odds: number): [string, string] {
  if (odds >= MOST_ODDS) return ['more than a million to 1', 'above 99.9999 %']
  const said = odds >= 1 ? `${short(odds)} to 1` : `1 to ${short(1 / odds)}`
  return [said, percent(odds / (1 + odds))]
}

const short = (value: number): string =>
  Number.isFinite(value) ? figure(Number(value.toPrecision(3))) : 'more than a million'
/** A chance that is not certain is never printed as 100 %. */
const percent = (share: number): string =>
  share > 0.9995 ? `${Math.floor(share * 1e6) / 1e4} %` : `${Number((100 * share).toPrecision(3))} %`
