/** A chart as data: layers describe it, `io/charts.ts` draws it as SVG. Readable in grey. */
export type Chart = LineChart | BarChart | HeatChart

interface ChartBase {
  readonly title: string
  readonly xLabel?: string
  readonly yLabel?: string
  readonly width?: number
  readonly height?: number
}

export interface LineChart extends ChartBase {
  readonly kind: 'line'
  /** `time`: x is epoch ms */
  readonly xKind: 'time' | 'value'
  readonly logY?: boolean
  readonly series: readonly {
    readonly name: string
    readonly x: ArrayLike<number>
    readonly y: ArrayLike<number>
    readonly area?: boolean
    readonly dashed?: boolean
  }[]
  readonly marks?: readonly {readonly axis: 'x' | 'y'; readonly at: number; readonly label: string}[]
}

export interface BarChart extends ChartBase {
  readonly kind: 'bar'
  readonly categories: readonly string[]
  readonly stacked?: boolean
  readonly horizontal?: boolean
  readonly series: readonly {readonly name: string; readonly values: ArrayLike<number>}[]
  readonly marks?: readonly {readonly at: number; readonly label: string}[]
}

export interface HeatChart extends ChartBase {
  readonly kind: 'heat'
  readonly xCategories: readonly string[]
  readonly yCategories: readonly string[]
  /** shape [y][x] */
  readonly values: readonly (readonly (number | null)[])[]
}
