import {expect, it} from 'vitest'
import {warmupBars} from '../../../src/cognition/features/compile-hypothesis.ts'
import {evaluateFeatures} from '../../../src/cognition/features/evaluate.ts'
import {auditLookahead, type LookaheadAudit} from '../../../src/cognition/gauntlet/audit-lookahead.ts'
import type {View} from '../../../src/cognition/gauntlet/audit-panel.ts'
import type {Panel} from '../../../src/contracts/panel.ts'
import {HOUR_MS} from '../../../src/kernel/instant.ts'
import {Random} from '../../../src/kernel/random.ts'
import {againstGolden} from '../../against-golden.ts'
import {compiled, everywhere, panelOf} from './panels.ts'

/** The audit of `qo features audit`, on one panel. */
function audit(panel: Panel, decide: (view: View) => Float64Array[], first: number): LookaheadAudit {
  return auditLookahead({
    view: {panel, mask: everywhere(panel)},
    decide: (view, points) => points.map(() => ({columns: decide(view), bars: null})),
    gridSize: 1,
    primary: 0,
    first,
    cuts: 60,
    scrambleCuts: 10,
    gridCuts: 1,
    tolerance: 1e-12,
    random: new Random('reference audit'),
  })
}
const leaks = ({truncationLeaks, scrambleLeaks}: LookaheadAudit): number => truncationLeaks + scrambleLeaks

function auditExpression(panel: Panel, text: string): LookaheadAudit {
  const rule = compiled(text)
  const decide = ({panel: shown, mask}: View) => evaluateFeatures(rule, shown, mask, {}).get('x')!
  return audit(panel, decide, Math.min(warmupBars(rule, {}), 40))
}

againstGolden('the audit of features on the reference leaks', ['gauntlet/lookahead_audit.json'], (text) => {
  const {price, indicators} = JSON.parse(text!) as {
    price: number[]
    indicators: Record<string, {lookahead: boolean}>
  }
  const close = [Float64Array.from(price)]
  const panel = panelOf({close})
  const expressions = {
    sma5: 'ts_mean(close, 5)',
    ema10: 'ema(close, 10)',
    centred_sma5: 'centred_mean(close, 5)',
    full_zscore: '(close - whole_mean(close)) / whole_std(close)',
    shift_minus1: 'lead(close, 1)',
    gradient: 'gradient(close)',
    htf4_last_completed: 'at("4h", close)',
    htf4_containing: 'at_open("4h", close)',
  }
  const byHand = ['full_minmax', 'htf4_containing_external_file_not_truncated']

  it('knows all of them', () => {
    expect([...Object.keys(expressions), ...byHand].sort()).toEqual(Object.keys(indicators).sort())
  })

  it.each(Object.entries(expressions))('%s is judged as the reference judges it', (name, text) => {
    const found = auditExpression(panel, text)
    expect(leaks(found) > 0).toBe(indicators[name]!.lookahead)
    // The search ends with the first leak; what is called clean was compared at every cut.
    if (!indicators[name]!.lookahead) expect(found.compared).toBeGreaterThan(1_000)
  })

  it('full_minmax, a scale from the whole sample, is caught though no operator can say it', () => {
    const decide = ({panel: shown}: View) =>
      shown.series.get('close')!.map((row) => {
        const known = row.filter((v) => !Number.isNaN(v))
        const [least, most] = [Math.min(...known), Math.max(...known)]
        return row.map((v) => (v - least) / (most - least))
      })
    expect(leaks(audit(panel, decide, 1))).toBeGreaterThan(0)
  })

  it('a longer bar joined from a file before its close is caught by when it became available', () => {
    // The reference marks it equal at every cut of the price alone: the file itself was never cut.
    expect(indicators['htf4_containing_external_file_not_truncated']!.lookahead).toBe(false)
    const blockEnd = (t: number): number => Math.min(price.length - 1, Math.floor(t / 4) * 4 + 3)
    const joined: Panel = {
      ...panelOf({close, open: [Float64Array.from(price, (_, t) => price[blockEnd(t)]!)]}),
      availableAt: [Float64Array.from(price, (_, t) => (blockEnd(t) + 1) * HOUR_MS)],
    }
    expect(leaks(auditExpression(joined, 'open'))).toBeGreaterThan(0)
  })

  it('an oracle that returns the next bar screams at the first cuts', () => {
    const found = auditExpression(panel, 'lead(close, 1) / close - 1')
    expect(found.firstLeak).toMatchObject({how: 'truncation'})
    expect(found.firstLeak!.bar).toBe(found.firstLeak!.cut)
  })
})
