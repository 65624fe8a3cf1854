import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {type FeatureCatalogue, featuresList} from '../../operations/features-list.ts'

/** Layer 1 · cognitive engine. Reads hypotheses, feature sets and manifests, leaves nothing. */
export default class FeaturesList extends QoCommand<typeof FeaturesList, FeatureCatalogue> {
  static override summary = 'what an expression may say: operators, inputs, and the features of this workspace'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  perform(desk: Desk): Promise<FeatureCatalogue> {
    return featuresList(desk)
  }

  render({operators, inputs, features}: FeatureCatalogue): Ending {
    return {
      body: [
        renderTable(
          ['operator', 'family', 'what it is'],
          operators.map(({signature, family, summary}) => [signature, family, summary]),
        ),
        '',
        renderTable(
          ['feature', 'expression', 'file', 'values'],
          features.map(({name, expression, source, feature}) => [
            name,
            expression.length > 60 ? `${expression.slice(0, 59)}…` : expression,
            source,
            feature?.slice(0, 12) ?? '-',
          ]),
        ),
      ].join('\n'),
      artifact: [],
      rationale: [
        `${operators.length} operators, ${features.length} features; arithmetic, comparisons, && || ! and ?: as usual`,
        `inputs: ${inputs.map(({name}) => name).join(' ')}`,
        'NaN in, NaN out: a window with a hole has no value, and a comparison with nothing is nothing',
      ],
      next: ['qo features', 'qo hypothesis new my-idea --family trend'],
    }
  }
}
