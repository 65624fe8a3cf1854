import {Fault} from '../kernel/fault.ts'

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  /** NaN says that the source could not be read; an honest nothing is 0 */
  readonly value: number
}

export interface Metric {
  readonly name: string
  readonly type: 'gauge' | 'counter'
  readonly help: string
  readonly samples: readonly Sample[]
}

/**
 * The Prometheus text format 0.0.4: HELP and TYPE per metric, no timestamps, a newline at the end.
 *
 * @throws Fault `metrics.invalid` (bug) for a name or label that Prometheus would refuse, a counter without `_total`,
 *               or the same series twice
 */
export function metricsText(metrics: readonly Metric[]): string {
  const lines: string[] = []
  const seen = new Set<string>()
  for (const {name, type, help, samples} of metrics) {
    demand(/^qo_[a-z0-9_]+$/.test(name) && !seen.has(name), `the name ${name}`)
    demand((type === 'counter') === name.endsWith('_total'), `the type of ${name}`)
    seen.add(name)
    lines.push(`# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`, `# TYPE ${name} ${type}`)
    for (const {labels, value} of samples) {
      const series = `${name}${labelText(labels)}`
      demand(!seen.has(series) || series === name, `the series ${series} twice`)
      seen.add(series)
      lines.push(`${series} ${numberText(value)}`)
    }
  }
  return `${lines.join('\n')}\n`
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([key, value]) => {
    demand(/^[a-z_][a-z0-9_]*$/.test(key), `the label ${key}`)
    return `${key}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
  })
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const numberText = (value: number): string =>
  value === Number.POSITIVE_INFINITY ? '+Inf' : value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)

function demand(holds: boolean, what: string): void {
  if (holds) return
  throw new Fault('metrics.invalid', {
    family: 'bug',
    what: `A metrics file would carry ${what}.`,
    why: 'Prometheus would refuse the whole file, and every alert on it would go silent.',
    next: ['report this with the command you typed'],
  })
}
