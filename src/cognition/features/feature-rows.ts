import type {Panel} from '../../contracts/panel.ts'

/** Rows of the lake table `features`, one per asset and bar that has a value. */
export interface FeatureRows {
  readonly count: number
  readonly columns: Readonly<Record<string, Float64Array | readonly string[]>>
}

/**
 * Values -> rows. A value is available when the bar it was computed from is; bars without one leave no row.
 *
 * @param features  identity, name and values [asset][bar] of each feature
 */
export function featureRows(
  panel: Panel,
  features: readonly {readonly feature: string; readonly name: string; readonly values: readonly Float64Array[]}[],
): FeatureRows {
  const count = features.reduce(
    (sum, {values}) => sum + values.reduce((n, row) => n + row.filter(isValue).length, 0),
    0,
  )
  const [feature, name, asset] = [0, 0, 0].map(() => new Array<string>(count)) as [string[], string[], string[]]
  const [ts, value, available] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)]
  let k = 0
  for (const item of features) {
    for (const [a, row] of item.values.entries()) {
      for (let t = 0; t < row.length; t++) {
        if (!isValue(row[t]!)) continue
        feature[k] = item.feature
        name[k] = item.name
        asset[k] = panel.assets[a]!
        ts[k] = panel.ts[t]!
        value[k] = row[t]!
        // A bar without data can still have a value, from other assets or the calendar: it is known at its close.
        const known = panel.availableAt[a]![t]!
        available[k++] = Number.isNaN(known) ? panel.ts[t]! + panel.barMs : known
      }
    }
  }
  return {count, columns: {feature, name, asset, ts, value, available_at: available}}
}

const isValue = (value: number): boolean => Number.isFinite(value)
