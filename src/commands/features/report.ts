import {Args, Flags} from '@oclif/core'
import {gapFlag} from '../../cli/gap-flag.ts'
import {QoCommand} from '../../cli/qo-command.ts'
import {above, type Ending, renderTable} from '../../cli/render.ts'
import {renderPlan} from '../../cli/render-plan.ts'
import type {ResearchPlan} from '../../contracts/research-plan.ts'
import type {Desk} from '../../desk.ts'
import {coefficientCell, type FeaturesReports, featuresReport, horizonsFrom} from '../../operations/features-report.ts'
import {planFeaturesReport} from '../../operations/research-plans.ts'

/** Layer 1 · cognitive engine. Reads hypotheses or sets and the lake before the vault, leaves reports/features/<id>/. */
export default class FeaturesReportCommand extends QoCommand<
  typeof FeaturesReportCommand,
  FeaturesReports | ResearchPlan
> {
  static override summary = 'what features say about later returns: information coefficients, decay, buckets, turnover'
  static override examples = [
    '<%= config.bin %> <%= command.id %> trend',
    '<%= config.bin %> <%= command.id %> configs/features/desk.yaml --horizons 1,5,20 --json',
    '<%= config.bin %> <%= command.id %> configs/features/alpha101.yaml --only alpha012 --only alpha101',
  ]
  static override args = {
    file: Args.string({
      description: 'hypothesis, its id, or a set in configs/features; default: all hypotheses',
      multiple: true,
    }),
  }

  static override flags = {
    ...gapFlag,
    horizons: Flags.string({summary: 'bars after the decision, rising; default: by the bar', helpValue: '1,24,168'}),
    buckets: Flags.integer({summary: 'buckets by rank of the feature', default: 5, min: 2, max: 20}),
    returns: Flags.option({
      summary: 'funded: less the funding a long pays',
      options: ['price', 'funded'] as const,
      default: 'price' as const,
    })(),
    only: Flags.string({summary: 'this feature only; may be repeated', multiple: true, default: []}),
  }

  perform(desk: Desk): Promise<FeaturesReports | ResearchPlan> {
    const {horizons, buckets, returns, only} = this.flags
    if (desk.dryRun) return planFeaturesReport(desk, this.args.file ?? [])
    return featuresReport(desk, this.args.file ?? [], {horizons: horizonsFrom(horizons), buckets, returns, only})
  }

  render(result: FeaturesReports | ResearchPlan): Ending {
    if (result.artifact === 'research-plan@1') return renderPlan(result)
    const {reports} = result
    const tables = reports.map(({id, features}) =>
      renderTable(
        [id, ...features[0]!.horizons.map(({horizon}) => `IC ${horizon}`), 'coverage'],
        features.map(({name, horizons, coverage}) => [
          name,
          ...horizons.map(({rank_ic}) => coefficientCell(rank_ic)),
          `${(100 * coverage).toFixed(1)} %`,
        ]),
        features[0]!.horizons.map((_, i) => i + 1),
      ),
    )
    return {
      body: above(
        reports.flatMap(({id, warnings}) => warnings.map((line) => `${id}: ${line}`)),
        tables.join('\n\n'),
      ),
      artifact: reports.flatMap(({files}) => files.slice(0, 3)),
      rationale: reports.flatMap(({id, sentence, sealed}) => [...sealed, `${id}: ${sentence}`]),
      next: ['qo features audit', 'qo gauntlet'],
    }
  }
}
