import type {BarChart} from '../contracts/chart.ts'
import type {SelectedAssets} from '../contracts/selection.ts'

const round = (value: number, digits: number): string => value.toFixed(digits)

/** Raw component values in the unit a trader reads. */
function shown(name: string, value: number): string {
  if (name === 'liquidity') return `${round(value / 1e6, 1)} M USD/day`
  if (name === 'cost') return `${round(value, 1)} bps`
  if (name === 'history') return `${round(value, 0)} days`
  if (name === 'quality') return `${round(value * 100, 2)} %`
  if (name === 'volatility' || name === 'carry') return `${round(value * 100, 1)} %/y`
  if (name === 'open_interest_growth') return `${round(Math.expm1(value) * 100, 1)} %`
  if (name === 'correlation') return round(value, 2)
  return round(value, 4)
}

/** One sentence for an exclusion, with its number and the limit it broke. */
export function reasonText({reason, value, limit, rank}: SelectedAssets['excluded'][number]): string {
  const percent = (share: number | null): string => (share === null ? '?' : `${round(share * 100, 2)} %`)
  const usd = (amount: number | null): string => (amount === null ? '?' : `${round(amount / 1e6, 3)} M USD`)
  if (reason === 'rank') return `rank ${rank}: others scored better`
  if (reason === 'cluster_full') return `rank ${rank}, and its correlation cluster has no place left`
  if (reason === 'decayed') return `edge decayed: evidence ${value?.toFixed(4) ?? '?'} against ${limit ?? '?'}`
  if (reason === 'dead') return 'dead: no trade within the death window'
  if (reason === 'prelisting') return 'prelisting: has not traded yet'
  if (reason === 'delisted') return 'delisted by the venue'
  if (reason === 'history_days') return `history ${value} days < ${limit}`
  if (reason === 'listing_age_days') return `listed ${value} days ago < ${limit}`
  if (reason === 'quarantine') return 'in quarantine by configs/selection.yaml'
  if (reason === 'half_spread') return `half-spread ${value?.toFixed(2) ?? '?'} bps > ${limit}`
  if (reason === 'depth') return `depth within 10 bps ${usd(value)} < ${usd(limit)}`
  if (reason === 'share_of_open_interest')
    return `one position is ${percent(value)} of open interest > ${percent(limit)}`
  if (reason === 'open_interest_cap') return 'open interest at the cap of the venue: it can only be closed'
  if (reason === 'isolated_only') return 'isolated margin only'
  if (reason === 'stale_share') return `stale share ${percent(value)} > ${percent(limit)}`
  if (reason === 'gap_share') return `gap share ${percent(value)} > ${percent(limit)}`
  if (reason === 'median_daily_notional') return `median daily notional ${usd(value)} < ${usd(limit)}`
  if (reason.startsWith('no_data:')) return `no data for \`${reason.slice(8)}\`: nothing is assumed`
  return reason
}

/** Stacked bars: what each component contributes to each chosen asset's score. */
export function contributionChart({selected}: SelectedAssets): BarChart {
  const names = Object.keys(selected[0]?.components ?? {})
  return {
    kind: 'bar',
    title: 'Score by component, best asset first',
    xLabel: 'score',
    stacked: true,
    // Lying bars: every name is readable, however many there are.
    horizontal: true,
    height: 110 + 22 * selected.length,
    categories: selected.map(({asset}) => asset.replace(/^[^:]+:/, '')),
    series: names.map((name) => ({name, values: selected.map(({components}) => components[name]?.contribution ?? 0)})),
  }
}

/** How many fell at each screen, most first. */
function excludedSummary(excluded: SelectedAssets['excluded']): string {
  const counts = new Map<string, number>()
  for (const {reason} of excluded) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  const parts = [...counts].sort(([x, m], [y, n]) => n - m || (x < y ? -1 : 1)).map(([reason, n]) => `${n} ${reason}`)
  return `${excluded.length} candidates: ${parts.join(', ') || 'none'}.`
}

/** The Markdown page of one selection. */
export function selectionReport(artifact: SelectedAssets, picture: string): string {
  const {selected, excluded, changes} = artifact
  const names = Object.keys(selected[0]?.components ?? {})
  const hasClusters = selected.some(({cluster}) => cluster !== null)
  const clusterOf = (cluster: string | null): string =>
    hasClusters ? ` ${cluster?.replace(/^[^:]+:/, '') ?? '-'} |` : ''
  const warnings = [
    ...artifact.warnings.map((warning) => (warning.startsWith('tainted') ? `**${warning}**` : warning)),
    ...artifact.inactive_screens.map((screen) => `Screen \`${screen}\` is inactive: the lake has no table for it.`),
  ]
  return [
    '---',
    'artifact: selection-report@1',
    `as_of: ${artifact.as_of}`,
    `data_sha: ${artifact.provenance.data_sha}`,
    `qo_version: ${artifact.provenance.qo_version}`,
    '---',
    '',
    `# ${selected.length} assets of ${artifact.venue} as of ${artifact.as_of.slice(0, 10)}`,
    '',
    `${selected.length} chosen out of ${selected.length + excluded.length} candidates, decided on ${artifact.decided_at.slice(0, 10)}; the list may change next on ${artifact.next_rebalance.slice(0, 10)}.`,
    ...(warnings.length > 0 ? ['', ...warnings.map((line) => `- ${line}`)] : []),
    '',
    `![score by component](${picture})`,
    '',
    `| rank | asset | score | ${names.join(' | ')} |${hasClusters ? ' cluster |' : ''} since |`,
    `|---:|---|---:|${names.map(() => '---:|').join('')}${hasClusters ? '---|' : ''}---|`,
    ...selected.map(
      ({rank, asset, score, components, cluster, since}) =>
        `| ${rank} | ${asset} | ${round(score, 4)} | ${names.map((name) => shown(name, components[name]?.value ?? Number.NaN)).join(' | ')} |${clusterOf(cluster)} ${since.slice(0, 10)} |`,
    ),
    '',
    '## Excluded',
    '',
    excludedSummary(excluded),
    '',
    '| asset | why |',
    '|---|---|',
    ...excluded.map((row) => `| ${row.asset} | ${reasonText(row)} |`),
    '',
    '## Changes at this rebalance',
    '',
    `In: ${changes.added.join(', ') || 'none'}. Out: ${changes.removed.join(', ') || 'none'}. Turnover ${round(changes.turnover * 100, 1)} %.`,
    '',
  ].join('\n')
}
