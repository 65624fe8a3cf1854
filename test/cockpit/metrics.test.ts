import {describe, expect, it} from 'vitest'
import {metricsText} from '../../src/cockpit/metrics.ts'
import {metricsOfView} from '../../src/cockpit/metrics-of-view.ts'
import {unreadable} from '../../src/cockpit/reading.ts'
import type {CockpitView} from '../../src/cockpit/view.ts'
import {AS_OF, busyView, quietView} from './quiet-view.ts'

const NAME = /^[a-z_]+$/
const SERIES =
  /^(qo_[a-z0-9_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)*)\})? (NaN|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/

/** A strict reader of the text format: series -> value, every one declared before it is used. */
function parse(text: string): Map<string, number> {
  expect(text.endsWith('\n')).toBe(true)
  const types = new Map<string, string>()
  const series = new Map<string, number>()
  for (const line of text.slice(0, -1).split('\n')) {
    const declared = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line)
    if (declared) {
      if (declared[1] === 'TYPE') types.set(declared[2]!, declared[3]!)
      continue
    }
    const match = SERIES.exec(line)
    expect(match, line).not.toBeNull()
    expect(types.has(match![1]!), `${match![1]} has no TYPE`).toBe(true)
    for (const label of match![2]?.matchAll(/([a-z_]+)=/g) ?? []) expect(label[1]).toMatch(NAME)
    const key = line.slice(0, line.lastIndexOf(' '))
    expect(series.has(key), `${key} twice`).toBe(false)
    series.set(key, match![3] === '+Inf' ? Number.POSITIVE_INFINITY : Number(match![3]))
  }
  return series
}

const scrape = (view: CockpitView): Map<string, number> => parse(metricsText(metricsOfView(view, AS_OF)))

describe('the metrics file', () => {
  it('is valid text format and says what the desk knows', () => {
    const series = scrape(busyView)
    expect(series.get('qo_latch_engaged')).toBe(0)
    expect(series.get('qo_guard_state{state="ARMED"}')).toBe(1)
    expect(series.get('qo_guard_up')).toBe(1)
    expect(series.get('qo_limit_utilisation_ratio{control="C10"}')).toBe(0.62)
    expect(series.get('qo_orders_total{verdict="pass",control="none"}')).toBe(7)
    expect(series.get('qo_orders_total{verdict="veto",control="C06"}')).toBe(2)
    expect(series.get('qo_equity_usd')).toBe(100_250.5)
    expect(series.get('qo_day_pnl_usd')).toBe(250.5)
    expect(series.get('qo_drawdown_ratio')).toBeCloseTo(0.2, 3)
    expect(series.get('qo_lake_gap_seconds{table="candles",venue="sim",interval="1h"}')).toBe(7200)
    expect(series.get('qo_lake_last_commit_timestamp_seconds')).toBe(AS_OF / 1000 - 60)
    expect(series.get('qo_lake_open_gaps{table="candles",venue="sim",interval="1h"}')).toBe(2)
    expect(series.get('qo_checklist_expiry_timestamp_seconds{ritual="shift-start"}')).toBe(AS_OF / 1000 + 3600)
    expect(series.get('qo_job_last_success_timestamp_seconds{job="metrics"}')).toBe(AS_OF / 1000)
  })

  it('writes explicit zeros for what has not happened yet', () => {
    const series = scrape(quietView)
    for (const name of [
      'qo_latch_engaged',
      'qo_guard_up',
      'qo_reconcile_diff',
      'qo_equity_usd',
      'qo_orders_unresolved',
      'qo_limit_utilisation_ratio{control="C21"}',
      'qo_orders_total{verdict="veto",control="C02"}',
      'qo_checklist_expiry_timestamp_seconds{ritual="shift-start"}',
    ])
      expect(series.get(name), name).toBe(0)
    expect([...series.values()].some(Number.isNaN)).toBe(false)
  })

  it('says NaN and not readable, never 0, when a source cannot be read', () => {
    const series = scrape({
      ...busyView,
      account: unreadable('x'),
      limits: unreadable('x'),
      lake: unreadable('x'),
      differences: unreadable('x'),
    })
    expect(series.get('qo_equity_usd')).toBeNaN()
    expect(series.get('qo_reconcile_diff')).toBeNaN()
    expect(series.get('qo_limit_utilisation_ratio{control="C11"}')).toBeNaN()
    expect(series.get('qo_section_readable{section="account"}')).toBe(0)
    expect(series.get('qo_section_readable{section="rituals"}')).toBe(1)
  })

  it('reports a latch that cannot be read as engaged', () => {
    const series = scrape({...busyView, guard: {...busyView.guard, latch: 'unreadable'}})
    expect([series.get('qo_latch_engaged'), series.get('qo_section_readable{section="guard"}')]).toEqual([1, 0])
  })

  it('has the same series names whatever happened, so a missing one means a dead exporter', () => {
    const names = (view: CockpitView): string[] => metricsOfView(view, AS_OF).map(({name}) => name)
    expect(names(quietView)).toEqual(names(busyView))
  })

  it('escapes label values and refuses what Prometheus would refuse', () => {
    const metric = {name: 'qo_x', type: 'gauge' as const, help: 'h', samples: [{labels: {a: 'q"\\\n'}, value: 1}]}
    expect(metricsText([metric])).toContain('qo_x{a="q\\"\\\\\\n"} 1')
    for (const wrong of [
      {...metric, name: 'Qo-x'},
      {...metric, type: 'counter' as const},
      {...metric, name: 'qo_x_total'},
      {...metric, samples: [...metric.samples, ...metric.samples]},
      {...metric, samples: [{labels: {'a-b': ''}, value: 1}]},
    ])
      expect(() => metricsText([wrong])).toThrowError(expect.objectContaining({code: 'metrics.invalid'}))
  })
})
