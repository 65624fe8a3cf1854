import {readFileSync} from 'node:fs'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {barLiquidity} from '../../src/cognition/backtest/bar-liquidity.ts'
import {engineCosts} from '../../src/cognition/backtest/engine-costs.ts'
import {runConfiguration} from '../../src/cognition/backtest/run-configuration.ts'
import {warningsOf} from '../../src/cognition/backtest/tear-sheet-report.ts'
import {quantile, trailingMedian} from '../../src/cognition/backtest/trailing-median.ts'
import {Costs} from '../../src/contracts/costs.ts'
import type {Panel} from '../../src/contracts/panel.ts'
import {parseArtifact} from '../../src/io/files.ts'
import {everyBar, idea, noiseSignal, prefix, testCosts, walkPanel} from './panels.ts'

const shipped = new URL('../../configs/costs.yaml', import.meta.url)

/** The panel with one asset's funding replaced. */
function withFunding(panel: Panel, a: number, at: (t: number, rate: number) => number): Panel {
  const funding = panel.series
    .get('funding')!
    .map((column, i) => (i === a ? column.map((rate, t) => at(t, rate)) : column))
  return {...panel, series: new Map([...panel.series, ['funding', funding]])}
}

describe('configs/costs.yaml', () => {
  it('is a valid costs@1 that knows every venue qo researches', () => {
    const costs = parseArtifact(Costs, 'configs/costs.yaml', readFileSync(shipped, 'utf8'))
    expect(Object.keys(costs.venues).sort()).toEqual(['binance', 'binance_spot', 'hyperliquid', 'sim'])
    const paysFunding = Object.entries(costs.venues).filter(([, {funding_interval}]) => funding_interval !== null)
    expect(paysFunding.map(([venue]) => venue).sort()).toEqual(['binance', 'hyperliquid', 'sim'])
    expect(costs.venues['hyperliquid']!.fees.tiers[0]).toMatchObject({taker_bps: 4.5, maker_bps: 1.5})
  })

  it('refuses a number without a source and a table that leaves thin coins out', () => {
    const text = readFileSync(shipped, 'utf8')
    for (const broken of [
      text.replace(/participation_cap:\n {2}value: 0.01\n {2}source: .*\n/, 'participation_cap:\n  value: 0.01\n'),
      text.replace(
        '{min_daily_notional_usd: 0, half_spread_bps: 20}',
        '{min_daily_notional_usd: 10, half_spread_bps: 20}',
      ),
      `${text}slippage: 3\n`,
    ]) {
      expect(broken).not.toBe(text)
      expect(() => parseArtifact(Costs, 'configs/costs.yaml', broken)).toThrowError(
        expect.objectContaining({code: 'artifact.invalid', exitCode: 3}),
      )
    }
  })
})

describe('market frictions', () => {
  it('takes the half-spread from the table by median daily notional, whatever the bar', () => {
    for (const interval of ['1h', '1d'] as const) {
      for (const [dailyNotional, half] of [
        [2e8, 1e-4],
        [2e7, 20e-4],
      ] as const) {
        const panel = walkPanel({assets: 1, bars: 900, interval, dailyNotional})
        const {halfSpread} = engineCosts(panel, testCosts())
        expect(halfSpread[0]![899]).toBeCloseTo(half, 12)
      }
    }
  })

  it('estimates sigma as the standard deviation of calm returns, on any bar', () => {
    for (const [interval, bars] of [
      ['1h', 24 * 60],
      ['1d', 400],
    ] as const) {
      const panel = walkPanel({assets: 1, bars, interval})
      const step = 0.03 * Math.sqrt(panel.barMs / 86_400_000)
      const {sigma} = barLiquidity(panel, 30)
      const mean = sigma[0]!.slice(-bars / 2).reduce((s, x) => s + x, 0) / (bars / 2)
      expect(mean / step).toBeGreaterThan(0.9)
      expect(mean / step).toBeLessThan(1.1)
    }
  })

  it('charges half a bar-sigma times the root of the lag over the bar, never the bare open', () => {
    const panel = walkPanel({assets: 1, bars: 100, interval: '1h'})
    const {lag} = engineCosts(panel, testCosts())
    const {sigma} = barLiquidity(panel, 30)
    expect(lag[0]![99]).toBeNaN()
    const longer = walkPanel({assets: 1, bars: 200, interval: '1h'})
    expect(engineCosts(longer, testCosts()).lag[0]![199]).toBeCloseTo(
      0.5 * barLiquidity(longer, 30).sigma[0]![199]! * Math.sqrt(90 / 3600),
      15,
    )
    expect(sigma[0]![99]).toBeNaN()
  })

  it('costs the same impact for a share of a bar as square-root impact of the day says', () => {
    const panel = walkPanel({assets: 1, bars: 24 * 40, interval: '1h'})
    const {impact} = engineCosts(panel, testCosts())
    const {sigma, dailyNotional} = barLiquidity(panel, 30)
    const t = 24 * 40 - 1
    const daily = 0.7 * sigma[0]![t]! * Math.sqrt(24) * Math.sqrt(10_000 / dailyNotional[0]![t]!)
    expect(impact[0]![t]! * Math.sqrt(10_000)).toBeCloseTo(daily, 12)
  })

  it('has no estimate, so no trade, before five days of history', () => {
    const panel = walkPanel({assets: 2, bars: 30})
    const run = {hypothesis: idea(), params: {}, panel, universe: everyBar(panel), signal: noiseSignal(panel)}
    const {fills, untraded} = runConfiguration({...run, costs: testCosts()})
    expect(Math.min(...fills.bar)).toBe(6)
    expect(untraded.noCostEstimate).toBeGreaterThan(0)
  })

  it('refuses a venue without costs', () => {
    const panel = walkPanel({assets: 1, bars: 10, venue: 'elsewhere'})
    expect(() => engineCosts(panel, testCosts())).toThrowError(
      expect.objectContaining({code: 'costs.venue_missing', exitCode: 3}),
    )
  })
})

describe('funding', () => {
  it('is what was recorded: longs pay what shorts receive', () => {
    const panel = walkPanel({assets: 1, bars: 10, interval: '1h'})
    const {funding, flags} = engineCosts(panel, testCosts())
    const recorded = panel.series.get('funding')![0]!
    // One settlement an hour, at the open: all of it falls on the position before the fill.
    expect(funding!.longBefore[0]).toEqual(recorded)
    expect(funding!.shortBefore[0]![3]).toBe(-recorded[3]!)
    expect(Math.max(...funding!.longAfter[0]!)).toBe(0)
    expect(flags).not.toContain('funding:assumed')
  })

  it('splits a day of settlements between the position before the open and the one after', () => {
    const panel = walkPanel({assets: 1, bars: 10})
    const {funding} = engineCosts(panel, testCosts())
    const day = panel.series.get('funding')![0]![4]!
    expect(funding!.longBefore[0]![4]).toBeCloseTo(day / 24, 15)
    expect(funding!.longAfter[0]![4]).toBeCloseTo((day * 23) / 24, 15)
    const known = engineCosts({...panel, fundingAtOpen: [new Float64Array(10).fill(1e-6)]}, testCosts()).funding!
    expect(known.longBefore[0]![4]).toBe(1e-6)
  })

  it('is nothing on a spot market, and a short there is said aloud', () => {
    const venue = {...testCosts().venues['hyperliquid']!, funding_interval: null}
    const costs = testCosts({venues: {hyperliquid: venue}})
    const panel = walkPanel({assets: 3, bars: 120, funding: false})
    const run = (neutral: 'dollar' | 'none', signal: Float64Array[]) => {
      const rule = idea({neutral})
      return runConfiguration({hypothesis: rule, params: {}, panel, universe: everyBar(panel), signal, costs})
    }
    const hedged = run('dollar', noiseSignal(panel))
    expect(hedged.funding.every((paid) => paid === 0)).toBe(true)
    expect(hedged.flags).toEqual(expect.arrayContaining(['spot:short_without_loan', 'spot:no_funding']))
    expect(hedged.flags).not.toContain('funding:assumed')
    expect(warningsOf({flags: [...hedged.flags]})[0]).toMatch(/held short.*Nobody could have had these figures/)
    const bought = run(
      'none',
      noiseSignal(panel).map((column) => column.map(Math.abs)),
    )
    expect(bought.exposure.some((held) => held > 0)).toBe(true)
    expect(bought.flags).not.toContain('spot:short_without_loan')
  })

  it('costs both sides the assumed rate where the venue has no funding table, and says so', () => {
    const panel = walkPanel({assets: 1, bars: 10, funding: false})
    const {funding, flags} = engineCosts(panel, testCosts())
    for (const side of [
      [funding!.longBefore, funding!.longAfter],
      [funding!.shortBefore, funding!.shortAfter],
    ])
      expect(side[0]![0]![3]! + side[1]![0]![3]!).toBeCloseTo(3e-4, 12)
    expect(flags).toContain('funding:assumed')
  })

  it('charges a missing payment at the worst decile of the past of the coin, on the paying side', () => {
    const full = walkPanel({assets: 2, bars: 24 * 90, interval: '1h'})
    const t = 24 * 80
    const panel = withFunding(full, 0, (s, rate) => (s === t ? Number.NaN : 40 * rate))
    const {funding, flags} = engineCosts(panel, testCosts())
    const blockStart = panel.ts.findIndex(
      (ts) => Math.floor(ts / (30 * 86_400_000)) === Math.floor(panel.ts[t]! / (30 * 86_400_000)),
    )
    const past = panel.series.get('funding')![0]!.slice(0, blockStart)
    expect(funding!.longBefore[0]![t]).toBeCloseTo(quantile(past, 0.9), 12)
    expect(funding!.shortBefore[0]![t]).toBeCloseTo(-quantile(past, 0.1), 12)
    expect(flags).toContain('funding:worst_decile')
  })

  it('charges a coin without a past at the worst decile of the venue, never zero', () => {
    const full = walkPanel({assets: 3, bars: 24 * 90, interval: '1h'})
    const panel = withFunding(full, 0, () => Number.NaN)
    const {funding} = engineCosts(panel, testCosts())
    const t = 24 * 80
    expect(funding!.longBefore[0]![t]).toBeGreaterThan(1.25e-5 - 1e-12)
    expect(funding!.shortBefore[0]![t]).toBeGreaterThan(1.25e-5 - 1e-12)
    expect(Math.min(...funding!.longBefore[0]!)).toBeGreaterThan(0)
  })

  it('is the same on a shorter history', () => {
    const panel = withFunding(walkPanel({assets: 2, bars: 24 * 90, interval: '1h'}), 0, (t, rate) =>
      t % 7 === 0 ? Number.NaN : rate,
    )
    const cut = prefix(panel, 24 * 50)
    const [whole, part] = [engineCosts(panel, testCosts()).funding!, engineCosts(cut, testCosts()).funding!]
    expect(part.longBefore[0]).toEqual(whole.longBefore[0]!.slice(0, 24 * 50))
    expect(part.shortBefore[0]).toEqual(whole.shortBefore[0]!.slice(0, 24 * 50))
  })
})

describe('trailingMedian', () => {
  it('equals the median of the sorted window', () => {
    const values = fc.array(fc.oneof(fc.constant(Number.NaN), fc.double({min: -9, max: 9, noNaN: true})), {
      maxLength: 60,
    })
    fc.assert(
      fc.property(values, fc.integer({min: 1, max: 20}), fc.integer({min: 1, max: 5}), (xs, window, minimum) => {
        const out = trailingMedian(Float64Array.from(xs), window, minimum)
        xs.forEach((_, t) => {
          const inside = Float64Array.from(xs.slice(Math.max(0, t + 1 - window), t + 1))
          const count = inside.filter((x) => !Number.isNaN(x)).length
          if (count < minimum) expect(out[t]).toBeNaN()
          else expect(out[t]).toBeCloseTo(quantile(inside, 0.5), 12)
        })
      }),
    )
  })
})

describe('runConfiguration', () => {
  it('leaves nothing of a cost in a run without costs, and says that it is one', () => {
    const panel = walkPanel({assets: 3, bars: 60})
    const run = {hypothesis: idea(), params: {}, panel, universe: everyBar(panel), signal: noiseSignal(panel)}
    const {net, gross, flags} = runConfiguration({...run, costs: 'none'})
    expect(Math.max(...net.map((r, t) => Math.abs(r - gross[t]!)))).toBeLessThan(1e-15)
    expect(flags).toEqual(['costs:flat'])
  })

  it('equals its own run on the first bars', () => {
    const panel = walkPanel({assets: 4, bars: 150})
    const signal = noiseSignal(panel)
    const run = {hypothesis: idea({vol_target_annual: 0.3, no_trade_band: 0.02}), params: {}, costs: testCosts()}
    const whole = runConfiguration({...run, panel, universe: everyBar(panel), signal})
    const cut = prefix(panel, 100)
    const part = runConfiguration({
      ...run,
      panel: cut,
      universe: everyBar(cut),
      signal: signal.map((s) => s.slice(0, 100)),
    })
    expect(part.net).toEqual(whole.net.slice(0, 100))
  })

  it('refuses a panel without volume', () => {
    const panel = walkPanel({assets: 1, bars: 10})
    const bare = {...panel, series: new Map([...panel.series].filter(([name]) => name !== 'volume'))}
    const run = {hypothesis: idea(), params: {}, panel: bare, universe: everyBar(panel), signal: noiseSignal(panel)}
    expect(() => runConfiguration({...run, costs: testCosts()})).toThrowError(
      expect.objectContaining({code: 'backtest.input_missing', exitCode: 4}),
    )
  })
})
