import {Args} from '@oclif/core'
import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {type RiskExplanation, riskExplain} from '../../operations/risk-explain.ts'

/** Layer 2 · reflex & defense. Reads data/journal/guard.jsonl, leaves nothing. */
export default class RiskExplain extends QoCommand<typeof RiskExplain, RiskExplanation> {
  static override summary = 'why an order was vetoed or let through, and what became of it'
  static override examples = ['<%= config.bin %> <%= command.id %> 0x1a2b3c4d']
  static override args = {cloid: Args.string({description: 'cloid, or its first six or more digits', required: true})}

  perform(desk: Desk): Promise<RiskExplanation> {
    return riskExplain(desk, this.args.cloid)
  }

  render({verdicts, events}: RiskExplanation): Ending {
    return {
      body: renderTable(
        ['time', '', ''],
        events.map(({at, kind, says}) => [at, kind, says]),
      ),
      artifact: [],
      rationale: verdicts.map(({intent: {side, sz, coin, px, tif}, verdict: {pass, control, reason, value, limit}}) =>
        [
          `${side} ${sz} ${coin} at ${px} ${tif}: ${pass ? 'passed' : `refused by ${control}`}, ${reason}`,
          ...(value === null ? [] : [`${value} against ${limit ?? 'no limit'}`]),
        ].join(' · '),
      ),
      next: ['qo risk check'],
    }
  }
}
