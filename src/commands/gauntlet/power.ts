import {Args} from '@oclif/core'
import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {EXIT} from '../../kernel/fault.ts'
import {gauntletPower, type PowerReport} from '../../operations/gauntlet-power.ts'

/** Layer 1 · before the first trial. Reads a hypothesis, the ledger and the length of the lake; leaves power.json and power.svg. */
export default class GauntletPower extends QoCommand<typeof GauntletPower, PowerReport> {
  static override summary =
    'before the first trial: what Sharpe these data can find, how large a grid they pay for, and when'
  static override description =
    'Spends nothing: no trial is counted, no return of the idea is computed, no vault is made. Exit 5 when the data could only say INSUFFICIENT.'
  static override args = {file: Args.string({description: 'hypothesis file or id', required: true})}
  static override examples = [
    '<%= config.bin %> <%= command.id %> hypotheses/trend.yaml',
    '<%= config.bin %> <%= command.id %> funding-carry --json',
  ]

  perform(desk: Desk): Promise<PowerReport> {
    return gauntletPower(desk, this.args.file)
  }

  render({power, paths, ok}: PowerReport): Ending {
    const {scenarios, attempts, window, vault, trials, srTarget, decides, labels} = power
    const percent = (p: number): string => `${(100 * p).toFixed(0)} %`
    const sharpe = (value: number | null): string => value?.toFixed(2) ?? '-'
    return {
      body: [
        renderTable(
          ['trials alike', 'N eff', 'years needed', 'affordable grid', 'finds Sharpe', 'power', 'stage 4'],
          scenarios.map((one) => [
            one.correlation.toFixed(2),
            one.effectiveTrials.toFixed(1),
            one.yearsNeeded.toFixed(2),
            one.affordableGrid ?? 'any',
            sharpe(one.detectableSharpe),
            percent(one.researchPower),
            one.isEnough
              ? `enough, if ${percent(labels.share)} of rebalances trade`
              : `INSUFFICIENT until ${one.decidesOn ?? '?'}`,
          ]),
          [0, 1, 2, 3, 4, 5],
        ),
        renderTable(
          ['vault attempt', 'level', 'finds Sharpe', `power at ${srTarget}`, ''],
          attempts.map(({attempt, alpha, detectableSharpe, power: found, isExhausted}) => [
            attempt,
            alpha.toPrecision(3),
            sharpe(detectableSharpe),
            percent(found),
            isExhausted ? 'exhausted' : bar(found),
          ]),
          [0, 1, 2, 3],
        ),
      ].join('\n'),
      artifact: paths,
      rationale: [
        `research: ${window.years.toFixed(2)} years, at most ${window.rebalances} independent rebalances, ${window.assets} assets; vault: ${vault.years.toFixed(2)} years, ${vault.isSealed ? `${vault.id}, sealed` : 'to be sealed by the first run'}`,
        `trials: ${trials.grid} in this grid, ${trials.spent} spent by ${trials.family.length > 1 ? trials.family.join(', ') : 'its family'} before`,
        `chance of INSUFFICIENT: ${percent(power.chanceOfInsufficient)}${
          window.rebalances < labels.needed
            ? `: stage 4 asks for ${labels.needed} independent rebalances, and there are at most ${window.rebalances}`
            : `, if every likeness of the trials is as likely, and every share of rebalances that change the book (${labels.needed} of ${window.rebalances} must)`
        }`,
        `a vault is long enough for stage 4 from ${decides.stageFour}; at level ${attempts[0]!.alpha.toPrecision(3)} it finds Sharpe ${srTarget} half of the time from ${decides.halfPower}, 80 % from ${decides.eightyPower}`,
        'more variants raise the bar for each of them; more years are what lowers it',
      ],
      next: ok
        ? [`qo gauntlet hypotheses/${power.hypothesis}.yaml`]
        : ['qo ingest archive binance', 'shrink the grid, or declare a larger sr_target'],
    }
  }

  protected override statusOf({ok}: PowerReport): number {
    return ok ? 0 : EXIT.verdict
  }
}

const bar = (share: number): string => '█'.repeat(Math.round(share * 20)).padEnd(20, '·')
