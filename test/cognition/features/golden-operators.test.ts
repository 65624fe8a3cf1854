import {expect, it} from 'vitest'
import {BAR, type InputName, type Panel} from '../../../src/contracts/panel.ts'
import {againstGolden} from '../../against-golden.ts'
import {computed} from './panels.ts'

interface Reference {
  symbols: string[]
  rows: number
  values: Record<string, Record<string, (number | null)[]>>
}

/** The reference candles as a panel in which every asset is live at every bar. */
function referencePanel(csv: string, assets: string[]): Panel {
  const [head, ...lines] = csv.trim().split('\n')
  const names = head!.split(',')
  const rows = lines.map((line) => line.split(',').map(Number))
  const column = (name: string): Float64Array => Float64Array.from(rows, (row) => row[names.indexOf(name)]!)
  const fields: InputName[] = ['open', 'high', 'low', 'close', 'volume']
  const ts = column('ts')
  return {
    venue: 'hyperliquid',
    interval: '1h',
    barMs: 3_600_000,
    ts,
    assets,
    series: new Map(fields.map((field) => [field, assets.map((asset) => column(`${field}:${asset}`))])),
    state: assets.map(() => new Uint8Array(ts.length).fill(BAR.live)),
    availableAt: assets.map(() => ts.map((open) => open + 3_600_000)),
    sizeDecimals: assets.map(() => null),
    universe: 'derived',
    completeFrom: null,
    survivorSource: false,
    aggregatedFrom: null,
    dataSha: '0'.repeat(64),
  }
}

againstGolden('the 37 reference expressions', ['features/input.csv', 'features/operators.json'], (csv, json) => {
  const reference = JSON.parse(json!) as Reference
  const panel = referencePanel(csv!, reference.symbols)

  it('are 37', () => expect(Object.keys(reference.values)).toHaveLength(37))

  it.each(Object.keys(reference.values))('%s', (expression) => {
    const values = computed(expression, panel)
    let worst = 0
    for (const [a, asset] of panel.assets.entries()) {
      for (const [t, wanted] of reference.values[expression]![asset]!.entries()) {
        const got = values[a]![t]!
        if (Number.isNaN(got) !== (wanted === null)) expect.fail(`${asset} at ${t} is ${got}, not ${wanted}`)
        if (wanted === null) continue
        const error = Math.abs(got - wanted)
        // Correlations are absolute to 1e-8, everything else relative to 1e-9.
        worst = Math.max(worst, expression.includes('ts_corr') ? error / 10 : error / Math.abs(wanted || 1))
      }
    }
    expect(worst).toBeLessThanOrEqual(1e-9)
  })
})
