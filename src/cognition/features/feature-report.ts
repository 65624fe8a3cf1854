import type {FeatureManifest} from '../../contracts/features.ts'
import type {CompiledHypothesis} from './compile-hypothesis.ts'

/** The Markdown page of a computed set: what each feature is, how much of it there is, how it behaves. */
export function featureReport(manifest: FeatureManifest, {future, unbounded}: CompiledHypothesis): string {
  const {source, venue, interval, params, features, provenance} = manifest
  const point = Object.entries(params).map(([name, value]) => `$${name} = ${value}`)
  const number = (value: number | null): string => (value === null ? '–' : value.toPrecision(4))
  const day = (iso: string | null): string => iso?.slice(0, 10) ?? '–'
  const rows = features.map((item) =>
    [
      item.name,
      `\`${item.expression.replaceAll('|', '\\|').replaceAll('\n', ' ')}\``,
      item.warmup_bars,
      item.rows,
      `${(100 * item.coverage).toFixed(1)} %`,
      `${day(item.from)} … ${day(item.to)}`,
      number(item.mean),
      number(item.sd),
      number(item.lag1),
      item.feature.slice(0, 12),
    ].join(' | '),
  )
  const warnings = [...future.map(({evidence}) => evidence), ...unbounded.map(({evidence}) => evidence)]
  return [
    '---',
    'artifact: feature-report@1',
    `source: ${source}`,
    `data_as_of: ${provenance.data_as_of ?? 'null'}`,
    '---',
    `# Features of ${source}`,
    '',
    `${venue}, ${interval} bars${point.length > 0 ? `, ${point.join(', ')}` : ''}. Sealed windows are left out.`,
    '',
    '| feature | expression | warm-up, bars | rows | coverage | span | mean | sd | lag-1 | identity |',
    '|---|---|---:|---:|---:|---|---:|---:|---:|---|',
    ...rows.map((row) => `| ${row} |`),
    '',
    'Coverage: share of live asset-bars with a value. Lag-1: mean over assets of the correlation with the bar before;',
    'near 1 is slow, near 0 or below trades all the time.',
    ...(warnings.length > 0 ? ['', '## Warnings', '', '```', ...warnings, '```'] : []),
    '',
  ].join('\n')
}
