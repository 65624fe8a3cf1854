import {Flags} from '@oclif/core'
import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {EXIT} from '../../kernel/fault.ts'
import {type RiskCheckResult, riskCheck} from '../../operations/risk-check.ts'

/** Layer 2 · reflex & defense. Reads configs/risk_limits.yaml and the last reconcile, leaves reports/risk/check-<as-of>.yaml. */
export default class RiskCheck extends QoCommand<typeof RiskCheck, RiskCheckResult> {
  static override summary = 'compare live exposure with the limits in configs/risk_limits.yaml'
  static override description = 'Exit 3 when the limits are missing or invalid, 5 when one is breached.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']
  static override flags = {
    'fail-on-breach': Flags.boolean({summary: 'exit 5 when a limit is breached', default: true, allowNo: true}),
  }

  perform(desk: Desk): Promise<RiskCheckResult> {
    return riskCheck(desk)
  }

  render({state, latched, breaches, limits, equity, reconciledAt, path}: RiskCheckResult): Ending {
    return {
      body:
        limits.length === 0
          ? 'limits valid · empty account'
          : renderTable(
              ['', 'control', 'of', 'value', 'limit', 'used'],
              limits.map(({control, subject, value, limit, used}) => [
                breaches.some((breach) => breach.control === control && breach.subject === subject) ? 'BREACH' : 'ok',
                ...[control, subject, value, limit],
                used === null ? 'unknown' : `${Math.round(used * 100)} %`,
              ]),
              [3, 4, 5],
            ),
      artifact: [path],
      rationale: [
        reconciledAt === null
          ? 'no account was ever reconciled here'
          : `equity ${equity} USD, reconciled at ${reconciledAt} (venue time)`,
        ...breaches.map(({control, subject, reason}) => `${control} ${subject}: ${reason}`),
        ...(latched === false ? [] : [`halted: ${state}`]),
      ],
      next: breaches.length > 0 ? ['qo killswitch engage', 'qo cockpit --once'] : ['qo trade --mode paper --dry-run'],
    }
  }

  protected override statusOf({breaches}: RiskCheckResult): number {
    return this.flags['fail-on-breach'] && breaches.length > 0 ? EXIT.verdict : 0
  }
}
