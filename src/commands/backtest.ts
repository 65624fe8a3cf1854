import {Args, Flags} from '@oclif/core'
import {gapFlag} from '../cli/gap-flag.ts'
import {QoCommand} from '../cli/qo-command.ts'
import {above, type Ending, renderTable} from '../cli/render.ts'
import {renderPlan} from '../cli/render-plan.ts'
import type {ResearchPlan} from '../contracts/research-plan.ts'
import type {Desk} from '../desk.ts'
import {type BacktestReport, backtest} from '../operations/backtest.ts'
import {planBacktest} from '../operations/research-plans.ts'

/** Layer 1 · cognitive engine. Reads a hypothesis and the lake before the vault, leaves reports/backtest/<id>/. */
export default class BacktestCommand extends QoCommand<typeof BacktestCommand, BacktestReport | ResearchPlan> {
  static override summary = 'one honest research run of a hypothesis, with a tear sheet; it is counted as a trial'
  static override examples = [
    '<%= config.bin %> <%= command.id %> hypotheses/trend.yaml',
    '<%= config.bin %> <%= command.id %> trend --engine event',
    '<%= config.bin %> <%= command.id %> trend --cross-check vectorbt',
    '<%= config.bin %> <%= command.id %> trend --costs none --json',
  ]
  static override args = {file: Args.string({required: true, description: 'hypothesis file, or its id'})}
  static override flags = {
    ...gapFlag,
    engine: Flags.option({
      summary: 'weights: the fast one; event: the real router on the matching core; vectorbt: the Python package',
      options: ['weights', 'event', 'vectorbt'] as const,
    })(),
    'cross-check': Flags.option({
      summary: 'leave inputs and a ten-line script, so that anyone with Python can repeat the run there',
      options: ['vectorbt'] as const,
    })(),
    costs: Flags.option({
      summary: 'none: bare next open, for parity with other engines; never evidence',
      options: ['file', 'none'] as const,
      default: 'file' as const,
    })(),
  }

  perform(desk: Desk): Promise<BacktestReport | ResearchPlan> {
    if (desk.dryRun) return planBacktest(desk, this.args.file)
    const {costs, engine} = this.flags
    return backtest(desk, this.args.file, {costs, engine, crossCheck: this.flags['cross-check'] !== undefined})
  }

  render(result: BacktestReport | ResearchPlan): Ending {
    if (result.artifact === 'research-plan@1') return renderPlan(result)
    const {net, gross, costs, sentence, files, fills, flags, trials, hypothesis, warnings, sealed} = result
    const percent = (value: number): string => `${(100 * value).toFixed(1)} %`
    const ratio = (value: number | null): string => (value === null ? '-' : value.toFixed(2))
    return {
      body: above(
        warnings,
        renderTable(
          ['a year', 'gross', 'fees', 'spread', 'lag', 'impact', 'funding', 'net', 'Sharpe'],
          [
            [
              'fraction of equity',
              percent(gross.annual_return),
              ...[costs.fees, costs.spread, costs.lag, costs.impact, costs.funding].map((paid) => percent(-paid)),
              percent(net.annual_return),
              ratio(net.sharpe),
            ],
          ],
          [1, 2, 3, 4, 5, 6, 7, 8],
        ),
      ),
      artifact: files.slice(0, 3),
      rationale: [
        sentence,
        ...sealed,
        `Sharpe by belief about fills: ${fills.map(({model, sharpe}) => `${model} ${ratio(sharpe)}`).join(', ') || 'not defined'}`,
        `trials counted in the family: ${trials}`,
        `assumed: ${flags.join(', ') || 'nothing'}`,
      ],
      next: [`qo gauntlet hypotheses/${hypothesis}.yaml`],
    }
  }
}
