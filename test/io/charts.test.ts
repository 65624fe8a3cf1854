import {describe, expect, it} from 'vitest'
import type {Chart} from '../../src/contracts/chart.ts'
import {drawSvg} from '../../src/io/charts.ts'
import {downSample} from '../../src/io/down-sample.ts'

const days = Float64Array.from({length: 5000}, (_, i) => Date.UTC(2020, 0, 1) + i * 3_600_000)
const charts: Chart[] = [
  {
    kind: 'line',
    title: 'Equity',
    xKind: 'time',
    series: [
      {name: 'gross', x: days, y: days.map((_, i) => Math.sin(i / 300)), dashed: true},
      {name: 'net', x: days, y: days.map((_, i) => Math.cos(i / 300)), area: true},
    ],
    marks: [{axis: 'x', at: days[2500]!, label: 'vault'}],
  },
  {kind: 'bar', title: 'Costs', categories: ['fees', 'spread'], series: [{name: 'paid', values: [0.1, Number.NaN]}]},
  {kind: 'heat', title: 'Months <&>', xCategories: ['Jan', 'Feb'], yCategories: ['2024'], values: [[1.5, null]]},
]

describe('drawSvg', () => {
  it.each(charts.map((chart) => [chart.kind, chart] as const))(
    'draws the same bytes for the same %s chart, whatever was drawn before',
    async (_, chart) => {
      const first = await drawSvg(chart)
      for (const other of charts) await drawSvg(other)
      expect(await drawSvg(chart)).toBe(first)
      expect(first).toMatch(/^<svg /)
      expect(first).not.toContain('NaN')
      expect(first).not.toMatch(/class=|<style/)
    },
  )

  it('escapes what a title says', async () => {
    expect(await drawSvg(charts[2]!)).toContain('Months &lt;&amp;&gt;')
  })

  it('stays small for a long history', async () => {
    expect((await drawSvg(charts[0]!)).length).toBeLessThan(60_000)
  })
})

describe('downSample', () => {
  it('keeps every spike, the ends and the order', () => {
    const x = Float64Array.from({length: 100_000}, (_, i) => i)
    const y = new Float64Array(100_000)
    y[77_777] = 9
    y[5] = -9
    const kept = downSample(x, y, 1000)
    expect(kept.length).toBeLessThanOrEqual(1100)
    expect(kept).toContainEqual([77_777, 9])
    expect(kept).toContainEqual([5, -9])
    expect(kept[0]).toEqual([0, 0])
    expect(kept.at(-1)).toEqual([99_999, 0])
    expect(kept.every(([at], i) => i === 0 || at > kept[i - 1]![0])).toBe(true)
  })

  it('leaves a gap a gap', () => {
    const y = new Float64Array(10_000).fill(Number.NaN, 4000, 6000)
    const kept = downSample(
      Float64Array.from(y, (_, i) => i),
      y,
      400,
    )
    expect(kept.some(([, value]) => value === '-')).toBe(true)
    expect(downSample([1, 2], [Number.NaN, 3], 10)).toEqual([
      [1, '-'],
      [2, 3],
    ])
  })
})
