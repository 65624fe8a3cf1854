import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {costExhibit} from '../../src/cognition/gauntlet/cost-exhibit.ts'
import {chartOf} from '../../src/cognition/gauntlet/exhibit-chart.ts'
import {curveOf, histogramOf} from '../../src/cognition/gauntlet/exhibits.ts'
import {judgeHypothesis} from '../../src/cognition/gauntlet/judge-hypothesis.ts'
import {junitXml} from '../../src/cognition/gauntlet/junit.ts'
import {plateauExhibit} from '../../src/cognition/gauntlet/plateau-exhibit.ts'
import {type Block, reportBlocks} from '../../src/cognition/gauntlet/report.ts'
import {reportMarkdown} from '../../src/cognition/gauntlet/report-markdown.ts'
import {meaningBlocks} from '../../src/cognition/gauntlet/report-meaning.ts'
import {robustnessInput} from '../../src/cognition/gauntlet/robustness-input.ts'
import {Exhibit} from '../../src/contracts/exhibit.ts'
import {type GauntletVerdict, Stage} from '../../src/contracts/gauntlet.ts'
import {CONFIG as SHIPPED} from './noise-families.ts'
import {caseOf, docket, hypothesis, smallMarket, years} from './small-market.ts'

const CONFIG = {
  ...SHIPPED,
  lookahead: {...SHIPPED.lookahead, cuts: 16, scramble_cuts: 2},
  edge: {...SHIPPED.edge, permutations: 60},
}
const market = smallMarket({days: years(3), assets: 6, edge: 0.16, seed: 'a report'})
const opened = caseOf(
  hypothesis({
    signal: 'ts_mean(log(volume), $n) - $w * ts_mean(log(volume), 20)',
    params: {n: [1, 2, 3, 4], w: [0, 0.1, 0.2]},
    primary: {n: 2, w: 0.1},
  }),
  market,
)
const judged = judgeHypothesis(opened, docket(opened), CONFIG, true)
const named = (name: string): Exhibit =>
  judged.stages.flatMap(({exhibits = []}) => exhibits).find((exhibit) => exhibit.name === name)!

describe('what a verdict is drawn from', () => {
  it('is in the verdict, by stage, and is what its schema says', () => {
    const seen = judged.stages.map((stage) => [stage.id, (stage.exhibits ?? []).map(({name}) => name)] as const)
    expect(new Map(seen.filter(([, names]) => names.length > 0))).toEqual(
      new Map([
        [3, ['cost-curve']],
        [5, ['permutation-bars', 'permutation-blocks']],
        [7, ['cscv', 'walk-forward', 'paths']],
        [8, ['plateau', 'regimes']],
      ]),
    )
    for (const stage of judged.stages) expect(Stage.parse(stage)).toEqual(stage)
    expect(JSON.stringify(judged.stages.map(({exhibits}) => exhibits)).length).toBeLessThan(30_000)
  })

  it('gives a picture each, every mark inside it', () => {
    for (const {exhibits = []} of judged.stages)
      for (const exhibit of exhibits) {
        const chart = chartOf(exhibit)
        if (chart.kind !== 'line') continue
        const x = chart.series.flatMap((series) => Array.from(series.x))
        for (const {axis, at} of chart.marks ?? []) {
          if (axis === 'x') expect(at >= Math.min(...x) && at <= Math.max(...x), `${exhibit.name} at ${at}`).toBe(true)
        }
      }
  })

  it('shows the Sharpe that gates: the plateau holds the declared one where it says declared', () => {
    const plateau = named('plateau')
    if (plateau.kind !== 'heat') throw new Error('no map')
    const row = plateau.rows.findIndex((text) => text.includes('declared'))
    const column = plateau.columns.findIndex((text) => text.includes('declared'))
    expect([plateau.yLabel, plateau.xLabel]).toEqual(['n', 'w'])
    expect([plateau.rows[row], plateau.columns[column]]).toEqual(['2 ◂ declared', '0.1 ◂ declared'])
    expect(plateau.values[row]![column]).toBeCloseTo(judged.figures.sharpeAnnual!, 3)
  })

  it('counts every split of the CSCV once, and the share left of zero is the PBO', () => {
    const logits = named('cscv')
    if (logits.kind !== 'histogram') throw new Error('no histogram')
    expect(logits.counts.reduce((total, count) => total + count, 0)).toBe(252)
    const pbo = judged.stages[7]!.checks.find(({name}) => name === 'probability of backtest overfitting')!.value
    const left = logits.counts.filter((_, i) => logits.from + (i + 0.5) * logits.width < 0).reduce((a, b) => a + b, 0)
    expect(Math.abs(left / 252 - (pbo as number))).toBeLessThan(0.15)
  })

  it('holds for any values', () => {
    fc.assert(
      fc.property(fc.array(fc.double({min: -1e6, max: 1e6, noNaN: true}), {minLength: 1}), (values) => {
        const made = histogramOf(values, [], {name: 'x', title: 'x', xLabel: '', yLabel: ''})
        expect(made.counts.reduce((total, count) => total + count, 0)).toBe(values.length)
        expect(Exhibit.parse(made)).toEqual(made)
      }),
    )
  })

  it('thins a curve to what a picture shows, and keeps its ends', () => {
    const returns = Float64Array.from({length: 26_280}, (_, t) => (t % 2 === 0 ? 0.001 : -0.0005))
    const ts = returns.map((_, t) => t * 3_600_000)
    const {x, y} = curveOf('net', ts, returns)
    const [at, value] = [x, y].map((text) => text.split(' ').map(Number))
    expect(at!.length).toBeLessThanOrEqual(101)
    expect([at![0], at!.at(-1)]).toEqual([0, ts.at(-1)])
    expect(value!.at(-1)).toBeCloseTo(
      returns.reduce((total, r) => total + r, 0),
      3,
    )
  })

  it('draws no cost curve for a rule that pays nothing, and no map of a single point', () => {
    expect(costExhibit({beforeCosts: 0.1, costs: 0, stress: {multiplier: 2, net: 0.1}})).toBeNull()
    expect(costExhibit({beforeCosts: Number.NaN, costs: 0.1, stress: {multiplier: 2, net: 0}})).toBeNull()
    expect(plateauExhibit([{name: 'n', values: [3]}], [0.1], 0, 19)).toBeNull()
  })

  it('cuts a long axis to what is near the declared point, and names what is held', () => {
    const axes = [
      {name: 'a', values: [1, 2]},
      {name: 'b', values: [1, 2, 3]},
      {name: 'n', values: Array.from({length: 60}, (_, i) => i)},
    ]
    const map = plateauExhibit(
      axes,
      Array.from({length: 360}, (_, k) => k),
      60 * 4 + 50,
      1,
    )
    expect(map).toMatchObject({title: expect.stringContaining('at a = 2'), yLabel: 'b', xLabel: 'n'})
    if (map?.kind !== 'heat') throw new Error('no map')
    expect(map.columns).toHaveLength(24)
    expect(map.values[1]![map.columns.indexOf('50 ◂ declared')]).toBe(290)
  })
})

describe('the map of the grid', () => {
  it('names its places in the order of the grid, whatever the order in the file', () => {
    const {hypothesis} = opened
    const params = Object.fromEntries(
      Object.entries(hypothesis.params).map(([name, values]) => [name, [...values].reverse()]),
    )
    const {grid} = robustnessInput({...opened, hypothesis: {...hypothesis, params}}, [], 'x')
    expect(grid).toEqual(robustnessInput(opened, [], 'x').grid)
    expect(grid!.every(({values}) => values.every((value, i) => i === 0 || value > values[i - 1]!))).toBe(true)
  })
})

describe('the return of an asset', () => {
  it('is a fraction of the equity it was earned on: over assets it sums to the net return', () => {
    const {assetTotals, net} = robustnessInput(opened, [], 'x')
    const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0)
    expect(sum(assetTotals)).toBeCloseTo(sum(net), 9)
  })
})

const verdict = {
  hypothesis: 'report',
  verdict: 'INVALID',
  decidesOn: null,
  sentence: 'Stage 2 (look-ahead): The rule knows the future.\nsignal:1:3\n  lead(close | 1)\n  ^',
  trials: {N: 12, grid: 12, Neff: 7, ledger: 12, git: 1, programme: 12, family: ['report'], kin: []},
  window: null,
  vault: null,
  figures: judged.figures,
  warnings: [],
  notRun: [],
  reproduce: 'qo gauntlet report',
  stages: judged.stages.map((stage) =>
    stage.id === 2 ? {...stage, verdict: 'INVALID', sentence: 'It leaks.\n  lead(close | 1)\n  ^'} : stage,
  ),
} as unknown as GauntletVerdict

describe('the report', () => {
  it('opens with one sentence, and shows a leak as code with its caret', () => {
    const [first, second] = reportBlocks(verdict, [])
    expect(first).toEqual({kind: 'text', text: 'INVALID. Stage 2 (look-ahead): The rule knows the future.'})
    expect(second).toEqual({kind: 'code', text: 'signal:1:3\n  lead(close | 1)\n  ^'})
  })

  it('puts the picture of a stage below its checks', () => {
    const blocks = reportBlocks(verdict, [
      {title: 'Equity', file: 'equity.svg'},
      {title: 'Costs', file: 'cost-curve.svg', stage: 3},
    ])
    const at = (found: (block: Block) => boolean): number => blocks.findIndex(found)
    const heading = at((block) => block.kind === 'heading' && block.text.startsWith('Stage 3'))
    expect(blocks[heading + 2]).toEqual({kind: 'picture', title: 'Costs', file: 'cost-curve.svg'})
    expect(at((block) => block.kind === 'picture')).toBeLessThan(heading)
  })

  it('keeps its Markdown tables whole, whatever a sentence holds', () => {
    const page = reportMarkdown(verdict, reportBlocks(verdict, []))
    expect(page).toContain('It leaks.<br>  lead(close \\| 1)<br>  ^')
    let width = 0
    for (const line of page.split('\n')) {
      const cells = line.replaceAll('\\|', '').split('|').length
      if (!line.startsWith('|')) width = 0
      else if (width === 0) width = cells
      else expect([cells, line.endsWith('|')], line).toEqual([width, true])
    }
  })

  it('says what a PASS means: 1 to 19 before, and the odds times power over alpha after the vault', () => {
    const vault = {nextAlpha: 0.02, powerAtTarget: 0.8} as GauntletVerdict['vault']
    const figures = {...judged.figures, prior: 0.05, posteriorFalseDiscovery: 0.2}
    const table = meaningBlocks({...verdict, vault, figures}).find((block) => block.kind === 'table')
    if (table?.kind !== 'table') throw new Error('no table')
    expect(table.rows.map((row) => row.slice(1, 3))).toEqual([
      ['1 to 19', '5 %'],
      ['4 to 1', '80 %'],
      ['160 to 1', '99.4 %'],
      ['1 to 1.23', '44.9 %'],
    ])
    expect(meaningBlocks({...verdict, figures: {...figures, posteriorFalseDiscovery: null}})).toEqual([])
  })

  it('never calls a chance certain', () => {
    fc.assert(
      fc.property(fc.double({min: 0, max: 1, noNaN: true}), (doubt) => {
        const text = JSON.stringify(
          meaningBlocks({...verdict, figures: {...judged.figures, posteriorFalseDiscovery: doubt}}),
        )
        expect(text).not.toContain('"100 %"')
        expect(text).not.toMatch(/NaN|Infinity/)
      }),
    )
  })
})

describe('junit.xml', () => {
  const broken = {...verdict.stages[2]!, sentence: 'It leaks \u0000 \u001b[31m"here" & <there>.\n  ^'}
  const xml = junitXml([{hypothesis: 'report', verdict: 'INVALID', stages: [verdict.stages[0]!, broken]}])

  it('counts at the root as the suites do', () => {
    expect(xml).toContain('<testsuites name="qo gauntlet" tests="2" failures="1" errors="0">')
  })

  it('has the first line as message, all of it as text, and no character that XML forbids', () => {
    expect(xml).toContain('message="It leaks \ufffd \ufffd[31m&quot;here&quot; &amp; &lt;there&gt;."')
    expect(xml).toContain('&lt;there&gt;.\n  ^</failure>')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/)
  })
})
