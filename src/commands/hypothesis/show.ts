import {Args} from '@oclif/core'
import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {hypothesisShow, type ShownHypothesis} from '../../operations/hypothesis-show.ts'

/** Layer 1 · cognitive engine. Reads a hypothesis and the ledger, leaves nothing. */
export default class HypothesisShow extends QoCommand<typeof HypothesisShow, ShownHypothesis> {
  static override summary = 'one hypothesis: its claim, its rule, its state, and the evidence behind every move'
  static override examples = [
    '<%= config.bin %> <%= command.id %> trend',
    '<%= config.bin %> <%= command.id %> hypotheses/trend.yaml --json',
  ]
  static override args = {file: Args.string({required: true, description: 'hypothesis file, or its id'})}

  perform(desk: Desk): Promise<ShownHypothesis> {
    return hypothesisShow(desk, this.args.file)
  }

  render({hypothesis, state, primary, warmupBars, trials, history, lookAhead, path}: ShownHypothesis): Ending {
    const {id, claim, mechanism, falsified_by, features, signal} = hypothesis
    const point = Object.entries(primary).map(([name, value]) => `$${name} = ${value}`)
    return {
      body: [
        `${id} · ${state}`,
        `claims     ${claim}`,
        `because    ${mechanism}`,
        `false if   ${falsified_by}`,
        '',
        ...Object.entries({...features, signal}).map(([name, text]) => `${name} = ${text}`),
        ...(point.length > 0 ? [`judged at ${point.join(', ')}`] : []),
        '',
        renderTable(
          ['entry', 'when', 'became', 'because', 'configuration'],
          history.map(({seq, ts, to, because, configuration}) => [seq, ts, to, because, configuration.slice(0, 12)]),
        ),
        ...history.map(({seq, to, evidence}) => `evidence of entry ${seq} (${to}): ${shown(evidence)}`),
      ].join('\n'),
      artifact: [path],
      rationale: [
        `warm-up ${warmupBars} bars; ${trials.N} trials over ${trials.family.join(', ')}`,
        ...trials.kin.map(({hypothesis: kin, note}) => `${kin}: ${note}`),
        ...lookAhead.flatMap(({evidence}) => evidence.split('\n')),
        ...trials.flags,
      ],
      next: [NEXT[state]?.(id) ?? `qo gauntlet ${path}`],
    }
  }
}

const NEXT: Partial<Record<ShownHypothesis['state'], (id: string) => string>> = {
  eligible: (id) => `qo gauntlet unseal ${id}`,
  validated: () => 'qo trade --mode paper',
  pilot: () => 'qo trade --mode paper',
  scaled: () => 'qo trade --mode paper',
  decayed: () => 'qo hypothesis graveyard',
  retired: () => 'qo hypothesis graveyard',
}

/** One line: hashes by their first digits, what is not known left out. */
const shown = (evidence: Readonly<Record<string, unknown>>): string =>
  Object.entries(evidence)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => {
      const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
      return `${name} ${/^[0-9a-f]{64}$/.test(text) ? text.slice(0, 12) : text}`
    })
    .join(', ') || '-'
