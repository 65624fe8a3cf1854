import {Args} from '@oclif/core'
import {gapFlag} from '../../cli/gap-flag.ts'
import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import {renderPlan} from '../../cli/render-plan.ts'
import type {ResearchPlan} from '../../contracts/research-plan.ts'
import type {Desk} from '../../desk.ts'
import {type FeaturesResult, features} from '../../operations/features.ts'
import {planFeatures} from '../../operations/research-plans.ts'

/** Layer 1 · cognitive engine. Reads hypotheses and the lake, leaves lake table `features`, manifests and reports. */
export default class FeaturesCommand extends QoCommand<typeof FeaturesCommand, FeaturesResult | ResearchPlan> {
  static override summary = 'compute the features of hypotheses or named sets into the lake, each value once'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> hypotheses/trend.yaml configs/features/desk.yaml --json',
  ]
  static override args = {
    file: Args.string({
      description: 'hypothesis, its id, or a set in configs/features; default: all hypotheses',
      multiple: true,
    }),
  }

  static override flags = gapFlag

  perform(desk: Desk): Promise<FeaturesResult | ResearchPlan> {
    const named = this.args.file ?? []
    return desk.dryRun ? planFeatures(desk, named) : features(desk, named)
  }

  render(result: FeaturesResult | ResearchPlan): Ending {
    if (result.artifact === 'research-plan@1') return renderPlan(result)
    const {files, computed, stored, lacking, sealed} = result
    const rows = files.flatMap(({id, status, features: named}) =>
      named.map(({name, rows: count, coverage, warmup_bars}) => [
        id,
        name,
        status,
        count,
        `${(100 * coverage).toFixed(1)} %`,
        warmup_bars,
      ]),
    )
    const empty = files.flatMap(({features: named}) => named.filter(({rows: count}) => count === 0))
    const missing = files.filter(({status}) => status === 'lacking')
    return {
      body: renderTable(['hypothesis', 'feature', 'status', 'rows', 'coverage', 'warm-up'], rows, [3, 4, 5]),
      artifact: files.flatMap(({manifest, report}) => (manifest && report ? [manifest, report] : [])),
      rationale: [
        `${computed} computed, ${stored} already in the lake, ${lacking} lacking an input`,
        ...sealed,
        ...missing.map(({id, lacks}) => {
          const what = lacks.map(({input, table}) => `${input} (table ${table})`).join(', ')
          return `${id} lacks ${what}`
        }),
        ...(empty.length > 0 ? [`no value on any bar: ${empty.map(({name}) => name).join(', ')}`] : []),
      ],
      next: ['qo features audit', 'qo gauntlet'],
    }
  }
}
