import {ControlId, HaltState} from '../contracts/orders.ts'
import {decimal, subtract, toNumber} from '../kernel/decimal.ts'
import type {Metric, Sample} from './metrics.ts'
import {worstPerControl} from './panels/limits.ts'
import type {Reading} from './reading.ts'
import {type CockpitView, isHalted} from './view.ts'

/**
 * The series of one scrape.
 *
 * An honest nothing is an explicit 0, a source that cannot be read is NaN and `qo_section_readable` 0: a series never
 * vanishes, so a missing one means a dead exporter.
 *
 * @param now  epoch ms of this run
 */
export function metricsOfView(view: CockpitView, now: number): Metric[] {
  const {guard, account, lake, limits, rituals, verdicts, differences} = view
  const sections = {
    account,
    lake,
    limits,
    rituals,
    verdicts,
    differences,
    hypotheses: view.hypotheses,
    cycle: view.cycle,
  }
  const money = (pick: (value: {equity: string; dayStartEquity: string}) => number): number =>
    reduced(account, ({snapshot}) => pick(snapshot), 0)
  return [
    gauge('qo_latch_engaged', '1 when trading is halted: a latch, no proof of its absence, or a halt not released', [
      one(isHalted(guard) ? 1 : 0),
    ]),
    gauge(
      'qo_guard_state',
      '1 for the state the halt machine is in',
      HaltState.options.map((state) => one(guard.state === state ? 1 : 0, {state})),
    ),
    gauge('qo_guard_up', '1 when a guard answers', [one(guard.mode === null ? 0 : 1)]),
    gauge('qo_orders_unresolved', 'Orders whose fate at the venue is unknown', [one(guard.unresolved ?? 0)]),
    gauge('qo_section_readable', '0 when the source of a section is there and cannot be read', [
      ...Object.entries(sections).map(([section, {state}]) => one(state === 'unreadable' ? 0 : 1, {section})),
      one(guard.intact && guard.latch !== 'unreadable' ? 1 : 0, {section: 'guard'}),
    ]),
    gauge(
      'qo_limit_utilisation_ratio',
      'Use of the fullest limit of each control at the last risk check',
      perControl(limits),
    ),
    {
      name: 'qo_orders_total',
      type: 'counter',
      help: 'Intents the guard judged, by verdict and the control that refused',
      samples: perVerdict(verdicts),
    },
    gauge('qo_reconcile_diff', 'Differences between books and venue at the last reconcile', [
      one(reduced(differences, (n) => n, 0)),
    ]),
    gauge('qo_equity_usd', 'Account value at the last reconcile', [one(money(({equity}) => Number(equity)))]),
    gauge('qo_day_pnl_usd', 'Account value since the start of the UTC day', [
      one(money(({equity, dayStartEquity}) => toNumber(subtract(decimal(equity), decimal(dayStartEquity))))),
    ]),
    gauge('qo_drawdown_ratio', 'Loss from the highest equity of any reconcile, 0 at the top', [
      one(
        reduced(account, ({snapshot, peakEquity}) => Math.max(0, 1 - Number(snapshot.equity) / Number(peakEquity)), 0),
      ),
    ]),
    ...lakeMetrics(lake),
    gauge(
      'qo_checklist_expiry_timestamp_seconds',
      'Until when a ritual is signed; 0 when it is due',
      ritualSamples(rituals),
    ),
    gauge('qo_hypotheses', 'Hypotheses by lifecycle state', hypothesisSamples(view.hypotheses)),
    gauge('qo_job_last_success_timestamp_seconds', 'When this command last wrote the file', [
      one(now / 1000, {job: 'metrics'}),
    ]),
  ]
}

const gauge = (name: string, help: string, samples: readonly Sample[]): Metric => ({name, type: 'gauge', help, samples})
const one = (value: number, labels: Sample['labels'] = {}): Sample => ({labels, value})

function reduced<T>(reading: Reading<T>, pick: (value: T) => number, nothing: number): number {
  if (reading.state === 'read') return pick(reading.value)
  return reading.state === 'none' ? nothing : Number.NaN
}

function perControl(limits: CockpitView['limits']): Sample[] {
  const worst = limits.state === 'read' ? worstPerControl(limits.value) : []
  return ControlId.options.toSorted().map((control) => {
    const use = worst.find((candidate) => candidate.control === control)
    return one(limits.state === 'unreadable' ? Number.NaN : (use?.used ?? 0), {control})
  })
}

function perVerdict(verdicts: CockpitView['verdicts']): Sample[] {
  const count = (control: string | null): number =>
    reduced(verdicts, (counts) => counts.find((candidate) => candidate.control === control)?.orders ?? 0, 0)
  return [
    one(count(null), {verdict: 'pass', control: 'none'}),
    ...ControlId.options.toSorted().map((control) => one(count(control), {verdict: 'veto', control})),
  ]
}

function lakeMetrics(lake: CockpitView['lake']): Metric[] {
  const tables = lake.state === 'read' ? lake.value.tables : []
  const samples = (pick: (table: (typeof tables)[number]) => number): Sample[] =>
    tables.length === 0
      ? [one(lake.state === 'none' ? 0 : Number.NaN, {table: 'none', venue: 'none', interval: 'none'})]
      : tables.map((row) => one(pick(row), {table: row.table, venue: row.venue, interval: row.interval ?? 'none'}))
  return [
    gauge(
      'qo_lake_newest_timestamp_seconds',
      'Open time of the newest row',
      samples(({newest}) => newest / 1000),
    ),
    gauge(
      'qo_lake_rows',
      'Rows in the files of the commit log',
      samples(({rows}) => rows),
    ),
    gauge(
      'qo_lake_open_gaps',
      'Holes that no later commit has filled',
      samples(({openGaps}) => openGaps),
    ),
    gauge(
      'qo_lake_gap_seconds',
      'Length of those holes together',
      samples(({openGapMs}) => openGapMs / 1000),
    ),
    gauge('qo_lake_last_commit_timestamp_seconds', 'When the lake last took rows in', [
      one(reduced(lake, ({lastCommitAt}) => lastCommitAt / 1000, 0)),
    ]),
  ]
}

function ritualSamples(rituals: CockpitView['rituals']): Sample[] {
  const standings = rituals.state === 'read' ? rituals.value : []
  if (standings.length === 0) return [one(rituals.state === 'none' ? 0 : Number.NaN, {ritual: 'none'})]
  return standings.map(({ritual, state, expiresAt}) => one(state === 'valid' ? (expiresAt ?? 0) / 1000 : 0, {ritual}))
}

function hypothesisSamples(hypotheses: CockpitView['hypotheses']): Sample[] {
  const counts = new Map<string, number>()
  for (const {state} of hypotheses.state === 'read' ? hypotheses.value : [])
    counts.set(state, (counts.get(state) ?? 0) + 1)
  if (counts.size === 0) return [one(hypotheses.state === 'unreadable' ? Number.NaN : 0, {state: 'none'})]
  return [...counts].sort().map(([state, count]) => one(count, {state}))
}
