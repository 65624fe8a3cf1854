import type {Chart, LineChart} from '../../contracts/chart.ts'
import type {Exhibit} from '../../contracts/exhibit.ts'

/** The picture of an exhibit. */
export function chartOf(exhibit: Exhibit): Chart {
  const {title} = exhibit
  const labels = {
    ...(exhibit.xLabel === '' ? {} : {xLabel: exhibit.xLabel}),
    ...(exhibit.yLabel === '' ? {} : {yLabel: exhibit.yLabel}),
  }
  switch (exhibit.kind) {
    case 'curves':
      return {
        kind: 'line',
        title,
        ...labels,
        xKind: exhibit.xKind,
        series: exhibit.curves.map(({x, y, ...look}) => ({...look, x: read(x), y: read(y)})),
        marks: exhibit.marks,
        height: 300,
      }
    case 'histogram':
      return {...outline(exhibit), title, ...labels, height: 260}
    case 'bars':
      return {
        ...{kind: 'bar', title, ...labels, categories: exhibit.categories, horizontal: true},
        series: [{name: title, values: exhibit.values.map((value) => value ?? Number.NaN)}],
        marks: exhibit.marks,
        height: 90 + 24 * exhibit.categories.length,
      }
    case 'heat':
      return {
        ...{kind: 'heat', title, ...labels, xCategories: exhibit.columns, yCategories: exhibit.rows},
        values: exhibit.values,
        height: 120 + 34 * exhibit.rows.length,
      }
  }
}

/** A histogram as the line around its bars, wide enough that every mark lies inside. */
function outline({from, width, counts, marks}: Extract<Exhibit, {kind: 'histogram'}>): Omit<LineChart, 'title'> {
  const to = from + width * counts.length
  const spots = marks.map(({at}) => at)
  const [first, last] = [Math.min(from, ...spots), Math.max(to, ...spots)]
  // The label of a mark is centred on it: half of it needs room.
  const room = (last - first) / 10
  const [left, right] = [first - room, last + room]
  const x = [left, ...counts.flatMap((_, i) => [from + i * width, from + (i + 1) * width]), right]
  const y = [0, ...counts.flatMap((count) => [count, count]), 0]
  x.splice(1, 0, from)
  y.splice(1, 0, 0)
  x.splice(-1, 0, to)
  y.splice(-1, 0, 0)
  return {
    kind: 'line',
    xKind: 'value',
    series: [{name: 'count', x, y, area: true}],
    marks: marks.map((mark) => ({axis: 'x', ...mark})),
  }
}

const read = (numbers: string): number[] => (numbers === '' ? [] : numbers.split(' ').map(Number))
