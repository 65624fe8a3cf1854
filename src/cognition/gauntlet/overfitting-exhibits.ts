import type {Exhibit} from '../../contracts/exhibit.ts'
import type {Cscv} from '../statistics/cscv.ts'
import type {Series} from '../statistics/series.ts'
import type {Window} from '../statistics/walk-forward.ts'
import {curveOf, histogramOf} from './exhibits.ts'

/** When bar t of the research window opened: windowFrom + t · barMs, epoch ms. */
interface Calendar {
  readonly windowFrom: number
  readonly barMs: number
}

const times = (length: number, {windowFrom, barMs}: Calendar): Float64Array =>
  Float64Array.from({length}, (_, t) => windowFrom + t * barMs)

/** Where the winner of one half of the blocks ranks in the other: left of zero it is in the worse half. */
export function logitExhibit({logits, pbo}: Pick<Cscv, 'logits' | 'pbo'>): Exhibit {
  return histogramOf(logits, [{at: 0, label: `the median; ${(100 * pbo).toFixed(0)} % lie left of it`}], {
    name: 'cscv',
    title: 'Rank of the chosen point where it was not chosen (CSCV)',
    xLabel: 'logit of its relative rank',
    yLabel: 'splits',
  })
}

/** Histories in which every bar was earned by a point chosen without it. */
export function pathsExhibit(paths: readonly Series[], declared: Series, calendar: Calendar): Exhibit {
  const ts = times(declared.length, calendar)
  return {
    kind: 'curves',
    ...{name: 'paths', title: 'Purged paths (CPCV): every bar earned by a point chosen without it'},
    ...{xKind: 'time', xLabel: '', yLabel: 'sum of returns'},
    curves: [
      curveOf('the declared point', ts, declared),
      ...paths.map((path, p) => curveOf(`path ${p + 1}`, ts, path, true)),
    ],
    marks: [],
  }
}

/** The test windows end to end, beside what the declared point earned on the same bars. */
export function forwardExhibit(
  windows: readonly Window[],
  stitched: Series,
  declared: Series,
  calendar: Calendar,
): Exhibit | null {
  const bars = windows.flatMap(({test: [from, to]}) => Array.from({length: to - from}, (_, i) => from + i))
  if (bars.length !== stitched.length) return null
  const ts = times(declared.length, calendar)
  const [x, same] = [bars.map((t) => ts[t]!), bars.map((t) => declared[t]!)]
  return {
    kind: 'curves',
    ...{name: 'walk-forward', title: `Walk-forward: ${windows.length} test windows, stitched`},
    ...{xKind: 'time', xLabel: '', yLabel: 'sum of returns'},
    curves: [
      curveOf('chosen on the bars before', x, stitched),
      curveOf('the declared point, same bars', x, same, true),
    ],
    marks: windows.map(({test: [from]}) => ({axis: 'x' as const, at: ts[from]!, label: ''})),
  }
}
