import {Flags} from '@oclif/core'
import {gapFlag} from '../cli/gap-flag.ts'
import {QoCommand} from '../cli/qo-command.ts'
import type {Ending} from '../cli/render.ts'
import {renderTrade} from '../cli/render-trade.ts'
import {TradeMode, type TradeResult} from '../contracts/trade.ts'
import type {Desk} from '../desk.ts'
import {EXIT} from '../kernel/fault.ts'
import {parseDuration} from '../kernel/instant.ts'
import {trade} from '../operations/trade.ts'

/** Layer 2 · reflex and defense. Reads validated hypotheses and limits, leaves orders, data/journal/ and reports/trade/. */
export default class Trade extends QoCommand<typeof Trade, TradeResult> {
  static override summary = 'one cycle: validated targets to guarded orders, reconciled and reported'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --mode paper',
    '<%= config.bin %> <%= command.id %> --mode paper --dry-run',
    '<%= config.bin %> <%= command.id %> --mode paper --deadline 10s --json',
  ]
  static override flags = {
    ...gapFlag,
    mode: Flags.string({
      summary: 'paper: the practice venue · shadow: record only · testnet, live: need a permit',
      options: TradeMode.options,
      default: 'paper',
    }),
    deadline: Flags.string({
      summary: 'time this cycle may route orders; default: configs/execution.yaml',
      helpValue: '20s',
    }),
  }

  perform(desk: Desk): Promise<TradeResult> {
    const {mode, deadline} = this.flags
    let stop = false
    // Asked to end, the cycle ends in order; asked again, it is ended at once like any other command.
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const inOrder = (): void => {
        stop = true
        setImmediate(() => process.off(signal, inOrder))
      }
      process.on(signal, inOrder)
    }
    return trade(desk, {
      mode: TradeMode.parse(mode),
      deadlineMs: deadline === undefined ? null : parseDuration(deadline),
      stopRequested: () => stop,
    })
  }

  render(result: TradeResult): Ending {
    return renderTrade(result)
  }

  /** An account that is not what the journal says is a breach; an unfinished target is not. */
  protected override statusOf({state, differences}: TradeResult): number {
    if (state === 'halted') return EXIT.halted
    return differences.length > 0 ? EXIT.verdict : 0
  }
}
