import {createRequire} from 'node:module'
import type {BarChart, Chart, HeatChart, LineChart} from '../contracts/chart.ts'
import {sha256} from '../kernel/sha256.ts'
import {downSample} from './down-sample.ts'

/** The package's one-file build: its several hundred modules take six times as long to load, and draw the same bytes. */
const {init} = createRequire(import.meta.url)('echarts/dist/echarts.min.js') as typeof import('echarts')

/** Falls from dark to light, so that a grey print keeps the series apart; dashes say the same a second time. */
const COLOURS = ['#12355b', '#b5482a', '#3f7d6e', '#d39b1e', '#7b6d8d', '#8c8c8c', '#5aa9d6', '#a3a847']
const DASHES = [
  [6, 3],
  [2, 3],
  [10, 3, 2, 3],
  [1, 2],
]
const INK = '#333333'
const FAINT = '#dddddd'
/** No quoted names: the library puts the list into a double-quoted attribute. */
const FONT = 'system-ui, -apple-system, Roboto, Helvetica, Arial, sans-serif'
const TIME_LABELS = {year: '{yyyy}', month: '{MMM}', day: '{d} {MMM}', hour: '{HH}:{mm}', minute: '{HH}:{mm}'}
/** More points than pixels only make a bigger file. */
const MOST_POINTS = 1400

type Option = Record<string, unknown>

/**
 * Draw a chart as SVG on the server: no browser, no fonts to load, the same bytes for the same data.
 *
 * Long lines are thinned to the extremes of each pixel's bucket, so a spike never disappears.
 */
export function drawSvg(chart: Chart): Promise<string> {
  const {width = 920, height = 320} = chart
  const canvas = init(null, null, {renderer: 'svg', ssr: true, width, height})
  try {
    canvas.setOption({...frame(chart), ...body(chart)})
    return Promise.resolve(`${withoutCounters(canvas.renderToSVGString())}\n`)
  } finally {
    canvas.dispose()
  }
}

/**
 * The library numbers clip paths and hover classes through the life of the process: a second chart would differ from the
 * first. A file has nothing to hover, so the classes go; clip paths are named after what is drawn, because pages that
 * hold several charts share one namespace of ids.
 */
function withoutCounters(svg: string): string {
  const plain = svg
    .replaceAll(/<style[^>]*>[\s\S]*?<\/style>\n?/g, '')
    .replaceAll(/ class="zr\d+-cls-\d+"/g, '')
    .replaceAll(/zr\d+-/g, 'clip-')
  const name = sha256(plain).slice(0, 10)
  return plain.replaceAll('clip-c', `clip-${name}-`)
}

function body(chart: Chart): Option {
  switch (chart.kind) {
    case 'line':
      return lines(chart)
    case 'bar':
      return bars(chart)
    case 'heat':
      return heat(chart)
  }
}

function frame(chart: Chart): Option {
  const named = chart.kind !== 'heat' && chart.series.length > 1
  // Widths of text are estimated here and drawn with the reader's font: long names of bars need room to be wrong in.
  const left = chart.kind === 'bar' && chart.horizontal ? 36 : 16
  const labelled =
    chart.kind !== 'heat' && (chart.marks ?? []).some((mark) => mark.label !== '' && isUpright(chart, mark))
  return {
    animation: false,
    useUTC: true,
    backgroundColor: '#ffffff',
    color: COLOURS,
    textStyle: {fontFamily: FONT, color: INK},
    title: {
      text: chart.title,
      left: 12,
      top: 8,
      textStyle: {fontSize: 15, fontWeight: 600, color: INK, fontFamily: FONT},
    },
    grid: {
      left,
      right: 28,
      top: (named ? 64 : 46) + (labelled ? 14 : 0),
      bottom: 16,
      outerBoundsMode: 'same',
      outerBoundsContain: 'all',
    },
    ...(named
      ? {
          legend: {
            left: 10,
            top: 34,
            itemWidth: 26,
            itemHeight: 10,
            itemGap: 28,
            textStyle: {color: INK, fontFamily: FONT},
          },
        }
      : {}),
  }
}

/** Whether a mark is drawn from the bottom to the top. */
const isUpright = (chart: LineChart | BarChart, mark: object): boolean =>
  chart.kind === 'bar' ? chart.horizontal === true : 'axis' in mark && mark.axis === 'x'

const axis = (name: string | undefined, more: Option): Option => ({
  nameLocation: 'middle',
  nameGap: 30,
  nameTextStyle: {color: INK, fontFamily: FONT},
  axisLine: {lineStyle: {color: '#888888'}},
  axisLabel: {color: INK, fontFamily: FONT, hideOverlap: true},
  ...(name === undefined ? {} : {name}),
  ...more,
})

/** A value axis: faint rules, no line of its own; its name stands above it, where no number is. */
const valueAxis = (name: string | undefined, more: Option = {}): Option =>
  axis(name, {
    type: 'value',
    axisLine: {show: false},
    axisTick: {show: false},
    splitLine: {lineStyle: {color: FAINT}},
    nameLocation: 'middle',
    nameRotate: 90,
    nameGap: 46,
    ...more,
  })

function lines({xKind, logY, series, marks = [], xLabel, yLabel}: LineChart): Option {
  const looks = looksOf(series.map(({dashed}) => dashed === true))
  return {
    xAxis: axis(xLabel, {
      type: xKind,
      min: 'dataMin',
      max: 'dataMax',
      splitLine: {show: false},
      ...(xKind === 'time'
        ? {axisLabel: {color: INK, fontFamily: FONT, hideOverlap: true, formatter: TIME_LABELS}}
        : {axisLabel: {color: INK, fontFamily: FONT, hideOverlap: true, formatter: shortNumber}}),
    }),
    yAxis: valueAxis(yLabel, logY ? logAxis(series) : {scale: true}),
    series: series.map(({name, x, y, area}, i) => ({
      type: 'line',
      name,
      ...looks[i],
      data: downSample(x, y, MOST_POINTS),
      symbol: x.length === 1 ? 'circle' : 'none',
      ...(area ? {areaStyle: {opacity: 0.18}} : {}),
      ...(i === 0 && marks.length > 0
        ? {
            markLine: markLines(
              marks.map(({axis: side, at, label}) => ({
                label,
                [`${side}Axis`]: at,
                position: side === 'x' ? 'end' : IN_PLOT,
              })),
            ),
          }
        : {}),
    })),
  }
}

/** Powers of two for less than two decades, of ten for more: a curve that doubles twice should fill its picture. */
function logAxis(series: LineChart['series']): Option {
  let [least, most] = [Number.POSITIVE_INFINITY, 0]
  for (const {y} of series) {
    for (let i = 0; i < y.length; i++) {
      const value = y[i]!
      if (!(value > 0 && value < Infinity)) continue
      least = Math.min(least, value)
      most = Math.max(most, value)
    }
  }
  if (!(most > 0 && most < 100 * least)) return {type: 'log'}
  const top = 2 ** Math.ceil(Math.log2(most))
  return {type: 'log', logBase: 2, min: Math.min(2 ** Math.floor(Math.log2(least)), top / 2), max: top}
}

/** What counts is solid and takes the dark colours; what it is compared with is dashed and takes the rest. */
function looksOf(dashed: readonly boolean[]): Option[] {
  let strong = 0
  let faint = dashed.filter((dash) => !dash).length
  return dashed.map((dash) => {
    const at = dash ? faint++ : strong++
    const color = COLOURS[at % COLOURS.length]
    return {
      color,
      lineStyle: dash ? {color, width: 1.3, type: DASHES[at % DASHES.length]} : {color, width: 1.8},
      z: dash ? 2 : 3,
    }
  })
}

function bars({categories, stacked, horizontal, series, marks = [], xLabel, yLabel}: BarChart): Option {
  const names = axis(horizontal ? yLabel : xLabel, {
    type: 'category',
    data: categories,
    axisTick: {show: false},
    ...(horizontal ? {inverse: true, nameRotate: 90} : {}),
  })
  const values = horizontal ? axis(xLabel, {type: 'value', splitLine: {lineStyle: {color: FAINT}}}) : valueAxis(yLabel)
  return {
    xAxis: horizontal ? values : names,
    yAxis: horizontal ? names : values,
    series: series.map(({name, values: numbers}, i) => ({
      type: 'bar',
      name,
      data: Array.from(numbers, numberOrGap),
      barMaxWidth: 42,
      ...(stacked ? {stack: 'all'} : {}),
      ...(i === 0 && marks.length > 0
        ? {
            markLine: markLines(
              marks.map(({at, label}) =>
                // Categories that run downwards turn the line around: its start is at the top.
                horizontal ? {label, xAxis: at, position: 'start'} : {label, yAxis: at, position: IN_PLOT},
              ),
            ),
          }
        : {}),
    })),
  }
}

/** Red below zero, blue above, white at zero; the number stands in every cell, so that colour is not needed to read it. */
function heat({xCategories, yCategories, values, xLabel, yLabel}: HeatChart): Option {
  const cells = values.flatMap((row, y) => row.map((value, x) => [x, y, value === null ? '-' : value] as const))
  const size = Math.max(...cells.map(([, , value]) => (typeof value === 'number' ? Math.abs(value) : 0)), 1e-12)
  const small = xCategories.length > 16
  return {
    xAxis: axis(xLabel, {type: 'category', data: xCategories, axisTick: {show: false}, axisLine: {show: false}}),
    yAxis: axis(yLabel, {
      type: 'category',
      data: yCategories,
      axisTick: {show: false},
      axisLine: {show: false},
      inverse: true,
    }),
    visualMap: {show: false, min: -size, max: size, inRange: {color: ['#c8603f', '#ffffff', '#5b8fc0']}},
    series: [
      {
        type: 'heatmap',
        data: cells,
        label: {
          show: !small,
          color: INK,
          fontFamily: FONT,
          formatter: ({value}: {value: readonly unknown[]}) =>
            typeof value[2] === 'number' ? shortNumber(value[2]) : '',
        },
        itemStyle: {borderColor: '#ffffff', borderWidth: 1},
      },
    ],
  }
}

/** A label on a level line lies on it; one on an upright line stands above it, where it reads without turning the head. */
const IN_PLOT = 'insideEndTop'

function markLines(data: readonly ({label: string; position: string} & Option)[]): Option {
  return {
    symbol: 'none',
    silent: true,
    lineStyle: {color: INK, width: 1, type: [4, 3]},
    data: data.map(({label, position, ...at}) => ({
      ...at,
      label: {formatter: label, position, rotate: 0, color: INK, fontFamily: FONT},
    })),
  }
}

/** Three significant digits: `12.3`, `-0.042`, `1,240`. */
const shortNumber = (value: number): string =>
  Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)))

const numberOrGap = (value: number): number | '-' => (Number.isFinite(value) ? value : '-')
