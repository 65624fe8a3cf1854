import {WHOLE_ROWS} from '../contracts/ingest.ts'
import {dayOf, INTERVAL_MS, type Interval, isoOf} from '../kernel/instant.ts'
import type {Reject} from './check-rows.ts'
import type {Mark} from './grade.ts'
import type {Summary} from './import-summary.ts'
import type {Delay} from './recorder-delay.ts'

export interface ReportFacts {
  readonly title: string
  readonly table: string
  readonly venue: string
  readonly interval: string | null
  /** source -> SHA-256 of what was read; empty for a venue */
  readonly inputs: Readonly<Record<string, string>>
  readonly sourceRows: number
  readonly duplicates: ReadonlyMap<string, number>
  readonly duplicateMark: Mark
  readonly rejects: readonly Reject[]
  /** of the recorder behind the venue's time, where the source says it */
  readonly delay?: Delay | null
  readonly dataSha: string
  readonly qoVersion: string
  /** file name of the coverage picture beside the page */
  readonly picture?: string | undefined
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`

/** Reasons with their counts, most frequent first. The quoted part of a reason is the row's own and left out. */
export function rejectCounts(rejects: readonly Reject[]): [reason: string, count: number][] {
  const counts = new Map<string, number>()
  for (const {reason} of rejects) {
    const kind = reason.replace(/ ?'[^']*'/g, '')
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return [...counts].sort((a, b) => b[1] - a[1])
}

/**
 * The Markdown page of one import. It speaks of what was read and not of what was new in the lake, so that reading the
 * same source twice leaves the same page.
 */
export function ingestReport(facts: ReportFacts, summary: Summary): string {
  const {coins, gaps} = summary
  const duplicates = [...facts.duplicates.values()].reduce((a, b) => a + b, 0)
  const isBars = facts.interval !== null
  const barMs = isBars ? INTERVAL_MS[facts.interval as Interval] : 0
  const sum = (pick: (coin: Summary['coins'][number]) => number): number => coins.reduce((n, coin) => n + pick(coin), 0)
  const span =
    summary.from === null || summary.to === null ? 'nothing' : `${isoOf(summary.from)} to ${isoOf(summary.to)}`
  const figures: [string, string | number][] = [
    ['rows read', facts.sourceRows],
    [`${WHOLE_ROWS[facts.table.split('@')[0]!] ?? 'rows'} accepted`, summary.rows],
    ['exact duplicates dropped', `${duplicates} (${facts.duplicateMark})`],
    ['rows quarantined', facts.rejects.length],
    ['coins', coins.length],
    ['span', span],
    ['gaps', gaps.length],
    ['marks', (['ok', 'warn', 'bad'] as const).map((mark) => `${count(coins, mark)} ${mark}`).join(', ')],
  ]
  if (summary.ticks === undefined) {
    figures.push([isBars ? 'missing bars' : 'missing payments', sum((coin) => coin.missingBars)])
  } else figures.push(...tickFigures(facts, summary.ticks))
  if (isBars) {
    figures.push(
      ['incarnations', sum((coin) => coin.incarnations)],
      ['prelisting bars', sum((coin) => coin.prelistingBars)],
      ['dead bars', sum((coin) => coin.deadBars)],
      ['OHLC violations', sum((coin) => coin.ohlcViolations)],
      ['outliers', sum((coin) => coin.outliers)],
      ['off the time grid', sum((coin) => coin.offGrid)],
      ['known late', sum((coin) => coin.lateRows)],
    )
  }
  return [
    '---',
    'artifact: ingest-report@1',
    `table: ${facts.table}`,
    `venue: ${facts.venue}`,
    `interval: ${facts.interval ?? 'null'}`,
    `data_as_of: ${summary.to === null ? 'null' : isoOf(summary.to + barMs)}`,
    `data_sha: ${facts.dataSha}`,
    `qo_version: ${facts.qoVersion}`,
    `inputs: ${JSON.stringify(facts.inputs)}`,
    '---',
    '',
    `# ${facts.title}`,
    '',
    '| figure | value |',
    '|---|---:|',
    ...figures.map(([name, value]) => `| ${name} | ${value} |`),
    ...(facts.picture ? ['', `![share of bars that are there](${facts.picture})`] : []),
    ...section('Worth a look (first 30)', worthALook(coins).slice(0, 30), ['coin', 'mark', 'because of'], (row) => row),
    ...section('Quarantined', rejectCounts(facts.rejects), ['reason', 'rows'], (row) => row),
    '',
    '## Coins',
    '',
    ...(isBars ? barTable(facts, coins) : summary.ticks ? tickTable(facts, summary) : paymentTable(coins)),
    ...section('Gaps (first 50)', gaps.slice(0, 50), ['coin', 'from', 'to', 'missing'], (gap) => [
      gap.coin,
      isoOf(gap.from),
      isoOf(gap.to),
      gap.missing,
    ]),
    '',
  ].join('\n')
}

const count = (coins: Summary['coins'], mark: Mark): number => coins.filter((coin) => coin.mark === mark).length

/** Coins with a mark, the worst first, and the figures that earned it. */
function worthALook(coins: Summary['coins']): [coin: string, mark: Mark, figures: string][] {
  const marked = coins.filter(({mark}) => mark !== 'ok')
  const ordered = [...marked.filter(({mark}) => mark === 'bad'), ...marked.filter(({mark}) => mark === 'warn')]
  return ordered.map(({coin, mark, marks}) => {
    const figures = Object.entries(marks).filter(([, one]) => one !== 'ok')
    return [coin, mark, figures.map(([name, one]) => `${name.replaceAll('_', ' ')} (${one})`).join(', ')]
  })
}

function barTable({duplicates}: ReportFacts, coins: Summary['coins']): string[] {
  return [
    '| coin | mark | rows | first | last | names | gaps | duplicates | OHLC | zero volume | stale | outliers | late | prelisting | dead | died |',
    '|---|---|---:|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|',
    ...coins.map((c) =>
      [
        `| ${c.coin} | ${c.mark} | ${c.rows} | ${dayOf(c.from)} | ${dayOf(c.to)} | ${c.incarnations} | ${c.gaps}`,
        `${duplicates.get(c.coin) ?? 0} | ${c.ohlcViolations} | ${percent(c.zeroVolumeShare)} | ${percent(c.staleShare)}`,
        `${c.outliers} | ${c.lateRows} | ${c.prelistingBars} | ${c.deadBars} | ${c.diedAt === null ? '' : dayOf(c.diedAt)} |`,
      ].join(' | '),
    ),
  ]
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

function tickFigures({delay}: ReportFacts, ticks: NonNullable<Summary['ticks']>): [string, string | number][] {
  const sum = (name: 'outOfOrder' | 'crossed' | 'locked' | 'oneSided'): number =>
    ticks.reduce((total, coin) => total + coin[name], 0)
  return [
    ['out of order', sum('outOfOrder')],
    ['crossed', sum('crossed')],
    ['locked', sum('locked')],
    ['one-sided', sum('oneSided')],
    ['longest silence', seconds(ticks.reduce((most, coin) => Math.max(most, coin.longestSilenceMs), 0))],
    ...(delay ? [['recorder delay, median', seconds(delay.median)] as [string, string]] : []),
    ...(delay ? [['recorder delay, longest', seconds(delay.longest)] as [string, string]] : []),
  ]
}

const tickTable = ({duplicates}: ReportFacts, {coins, ticks = []}: Summary): string[] => [
  '| coin | rows | first | last | gaps | duplicates | out of order | crossed | locked | one-sided | longest silence |',
  '|---|---:|---|---|---:|---:|---:|---:|---:|---:|---:|',
  ...coins.map((c, i) => {
    const tick = ticks[i]!
    return [
      `| ${c.coin} | ${c.rows} | ${isoOf(c.from)} | ${isoOf(c.to)} | ${c.gaps} | ${duplicates.get(c.coin) ?? 0}`,
      `${tick.outOfOrder} | ${tick.crossed} | ${tick.locked} | ${tick.oneSided} | ${seconds(tick.longestSilenceMs)} |`,
    ].join(' | ')
  }),
]

const paymentTable = (coins: Summary['coins']): string[] => [
  '| coin | mark | payments | first | last | gaps | missing |',
  '|---|---|---:|---|---|---:|---:|',
  ...coins.map(
    (c) => `| ${c.coin} | ${c.mark} | ${c.rows} | ${isoOf(c.from)} | ${isoOf(c.to)} | ${c.gaps} | ${c.missingBars} |`,
  ),
]

function section<T>(
  title: string,
  items: readonly T[],
  head: readonly string[],
  cells: (item: T) => readonly (string | number)[],
): string[] {
  if (items.length === 0) return []
  const line = (values: readonly (string | number)[]): string => `| ${values.join(' | ')} |`
  return ['', `## ${title}`, '', line(head), line(head.map(() => '---')), ...items.map((item) => line(cells(item)))]
}
