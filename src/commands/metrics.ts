import {relative, resolve} from 'node:path'
import {Flags} from '@oclif/core'
import {QoCommand} from '../cli/qo-command.ts'
import type {Ending} from '../cli/render.ts'
import type {Desk} from '../desk.ts'
import {type MetricsResult, metrics} from '../operations/metrics.ts'

/** Layer 3 · cockpit. Reads what the cockpit reads, leaves a Prometheus textfile. */
export default class Metrics extends QoCommand<typeof Metrics, MetricsResult> {
  static override summary = 'write a Prometheus textfile: latch, limits, equity, lake, rituals'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --out /var/lib/node_exporter/textfile/qo.prom',
  ]
  static override flags = {
    out: Flags.string({summary: 'file to write, atomically; default: qo.prom in the state folder'}),
  }

  perform(desk: Desk): Promise<MetricsResult> {
    const {out} = this.flags
    return metrics(desk, out === undefined ? null : relative(desk.root, resolve(out)))
  }

  render({path, series, ok}: MetricsResult): Ending {
    return {
      artifact: [path],
      rationale: [
        `${series} series, whole or not at all`,
        ok ? 'every section could be read' : 'a section could not be read: see qo_section_readable',
      ],
      next: ['qo cockpit --once'],
    }
  }
}
