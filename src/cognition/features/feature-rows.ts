import type {Panel} from '../../contracts/panel.ts'

/** Rows of the lake table `features`, one per asset and bar that has a value, in the order of the table. */
export interface FeatureRows {
  readonly count: number
  readonly columns: Readonly<Record<string, Float64Array>>
  /** what the positions in a column of texts stand for */
  readonly names: Readonly<Record<string, readonly string[]>>
}

export interface FeatureColumn {
  /** identity of the values */
  readonly feature: string
  readonly name: string
  /** shape [asset][bar] */
  readonly values: readonly Float64Array[]
}

/**
 * Values -> rows. A value is available when the bar it was computed from is; bars without one leave no row.
 *
 * Texts are positions in short lists, and features and assets come in the order in which the table sorts them: a text per
 * row, and a sort by texts, cost more than all the numbers. Two names of one identity are one feature.
 */
export function featureRows(panel: Panel, features: readonly FeatureColumn[]): FeatureRows {
  const ordered = [...new Map(features.toReversed().map((item) => [item.feature, item])).values()].sort((a, b) =>
    a.feature < b.feature ? -1 : 1,
  )
  const assets = panel.assets.map((asset, a) => ({asset, a})).sort((x, y) => (x.asset < y.asset ? -1 : 1))
  let count = 0
  for (const {values} of ordered) for (const row of values) for (const v of row) if (Number.isFinite(v)) count++
  const column = (): Float64Array => new Float64Array(count)
  const columns = {feature: column(), name: column(), asset: column(), ts: column(), value: column()}
  const available = column()
  let k = 0
  for (const [f, {values}] of ordered.entries()) {
    for (const [place, {a}] of assets.entries()) {
      const row = values[a]!
      const availableAt = panel.availableAt[a]!
      for (let t = 0; t < row.length; t++) {
        const value = row[t]!
        if (!Number.isFinite(value)) continue
        columns.feature[k] = f
        columns.name[k] = f
        columns.asset[k] = place
        columns.ts[k] = panel.ts[t]!
        columns.value[k] = value
        // A bar without data can still have a value, from other assets or the calendar: it is known at its close.
        const known = availableAt[t]!
        available[k++] = Number.isNaN(known) ? panel.ts[t]! + panel.barMs : known
      }
    }
  }
  return {
    count,
    columns: {...columns, available_at: available},
    names: {
      feature: ordered.map(({feature}) => feature),
      name: ordered.map(({name}) => name),
      asset: assets.map(({asset}) => asset),
    },
  }
}
