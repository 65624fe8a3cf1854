import {Args} from '@oclif/core'
import {gapFlag} from '../../cli/gap-flag.ts'
import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {type SelectExplanation, selectExplain} from '../../operations/select-explain.ts'

const figure = (value: number | null): string => (value === null ? '' : String(Number(value.toPrecision(6))))

/** Layer 0.5 · asset selection. Reads the lake and configs/selection.yaml, leaves nothing. */
export default class SelectExplain extends QoCommand<typeof SelectExplain, SelectExplanation> {
  static override summary = 'every screen and component of one asset, why it is in or out, what would change it'
  static override examples = [
    '<%= config.bin %> <%= command.id %> BTC',
    '<%= config.bin %> <%= command.id %> LUNAUSDT#2 --as-of 2022-08-01T00:00:00Z',
  ]
  static override args = {coin: Args.string({description: 'BTC, binance:LUNAUSDT, LUNAUSDT#2', required: true})}
  static override flags = {...gapFlag}

  perform(desk: Desk): Promise<SelectExplanation> {
    return selectExplain(desk, this.args.coin)
  }

  render(result: SelectExplanation): Ending {
    const {asset, selected, screens, components, reason, rank, score, cutoff, since, decidedAt, changes} = result
    const path = renderTable(
      ['screen', 'value', 'limit', ''],
      screens.map((row) => [row.reason, figure(row.value), figure(row.limit), row.passed ? 'passed' : 'FAILED']),
      [1, 2],
    )
    const parts = renderTable(
      ['component', 'value', 'contribution', 'place'],
      components.map((row) => [row.name, figure(row.value), row.contribution.toFixed(4), `${row.place} of ${row.of}`]),
      [1, 2, 3],
    )
    const verdict = selected
      ? `IN since ${since!.slice(0, 10)}`
      : `OUT: ${reason!.reason}${reason!.value === null ? '' : ` ${figure(reason!.value)}`}${reason!.limit === null ? '' : ` against ${figure(reason!.limit)}`}`
    const ranked =
      rank === null
        ? []
        : [`rank ${rank}, score ${score!.toFixed(4)}; the list ends at ${cutoff?.toFixed(4) ?? 'nothing'}`]
    return {
      body: [path, ...(components.length > 0 ? ['', parts] : [])].join('\n'),
      artifact: [],
      rationale: [
        `${asset} ${verdict} (decided ${decidedAt.slice(0, 10)})`,
        ...ranked,
        ...(result.cluster.length > 0 ? [`in one cluster with ${result.cluster.join(', ')}`] : []),
        ...result.edges.map(
          ({family, observations, reference, pooled, familyFall, cusum, shrink}) =>
            `edge in ${family}: ${pooled.toFixed(3)} of ${reference.toFixed(3)} left over ${observations} days, weight × ${shrink.toFixed(2)}; family p ${familyFall.toFixed(3)}, CUSUM p ${cusum.toFixed(3)}`,
        ),
        ...(changes.length > 0 ? [`would change it: ${changes.join(' · ')}`] : []),
        ...result.warnings,
      ],
      next: ['qo select', `qo select explain ${asset} --as-of DATE`],
    }
  }
}
