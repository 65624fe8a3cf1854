export interface HistoryRow {
  readonly at: string
  readonly candidates: number
  readonly selected: number
  readonly dead: number
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly turnover: number
}

/** The Markdown page of a replayed selection: one line per rebalance. */
export function historyReport(venue: string, rows: readonly HistoryRow[], configSha: string): string {
  const turns = rows.slice(1).map(({turnover}) => turnover)
  const mean = turns.length === 0 ? 0 : turns.reduce((sum, x) => sum + x, 0) / turns.length
  return [
    '---',
    'artifact: selection-history@1',
    `config_sha: ${configSha}`,
    '---',
    '',
    `# Selection of ${venue}, replayed`,
    '',
    `${rows.length} rebalances; on average ${(mean * 100).toFixed(1)} % of the list changes at each. Every decision uses only what was available on its date.`,
    '',
    '| date | candidates | dead | chosen | in | out |',
    '|---|---:|---:|---:|---|---|',
    ...rows.map(
      ({at, candidates, dead, selected, added, removed}) =>
        `| ${at.slice(0, 10)} | ${candidates} | ${dead} | ${selected} | ${added.join(' ') || '-'} | ${removed.join(' ') || '-'} |`,
    ),
    '',
  ].join('\n')
}
