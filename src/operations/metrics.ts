import {metricsText} from '../cockpit/metrics.ts'
import {metricsOfView} from '../cockpit/metrics-of-view.ts'
import type {Desk} from '../desk.ts'
import {readView} from './cockpit.ts'

export interface MetricsResult {
  readonly artifact: 'metrics@1'
  readonly ok: boolean
  readonly path: string
  readonly series: number
  readonly metrics: readonly {
    readonly name: string
    readonly labels: Readonly<Record<string, string>>
    /** null where the source could not be read */
    readonly value: number | null
  }[]
}

/**
 * Write one Prometheus textfile, whole or not at all.
 *
 * @param path  relative to the workspace; the default is `qo.prom` in its state folder
 */
export async function metrics(desk: Desk, path: string | null): Promise<MetricsResult> {
  const families = metricsOfView(await readView(desk), desk.clock.now())
  const text = metricsText(families)
  if (path === null) await desk.state.writeText('qo.prom', text)
  else await desk.files.writeText(path, text)
  const samples = families.flatMap(({name, samples: of}) =>
    of.map(({labels, value}) => ({name, labels, value: Number.isNaN(value) ? null : value})),
  )
  const readable = families.find(({name}) => name === 'qo_section_readable')?.samples.every(({value}) => value === 1)
  return {
    artifact: 'metrics@1',
    ok: readable === true,
    path: path ?? `${desk.stateDir}/qo.prom`,
    series: samples.length,
    metrics: samples,
  }
}
