/**
 * Draws a chart as SVG, with ECharts on the server's side. Every text and line has one of the
 * palette's light colours, so that the style within the picture can turn it dark.
 */
import { BarChart, CustomChart, LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components'
import * as echarts from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import type { Chart, Panel, PanelSeries } from './chart-data.ts'
import { BACKGROUND, darkStyle, INK, MUTED, RULE, SERIES } from './palette.ts'

echarts.use([
  BarChart,
  CustomChart,
  LineChart,
  GridComponent,
  LegendComponent,
  TitleComponent,
  SVGRenderer,
])

const WIDTH = 960
/** What stands at the left begins here, in every panel. */
const EDGE = 14
const COLUMNS = 3
const HEAD = 74
const PANEL_HEIGHT = 222
const PANEL = { left: 58, right: 14, top: 34, bottom: 46 }
const FONT = 'system-ui, -apple-system, Segoe UI, Liberation Sans, Arial, sans-serif'
const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond', 'roundRect', 'pin']
const BARS = { barGap: '12%', barCategoryGap: '28%' }
const CAP = 3
/** Whiskers of lines stand beside each other, so that none hides another. */
const WHISKER_GAP = 5
const TICKS = 4

type Option = Record<string, unknown>

/** The picture, with its own style for the dark. */
export function drawChart(chart: Chart): string {
  const rows = Math.ceil(chart.panels.length / COLUMNS)
  const height = HEAD + rows * PANEL_HEIGHT
  const drawing = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height })
  drawing.setOption(optionOf(chart))
  const svg = drawing.renderToSVGString()
  drawing.dispose()
  const label = `${chart.title}: ${chart.note}`
  return svg
    .replace(/<style[^>]*>[\s\S]*?<\/style>/g, '')
    .replace(/ class="[^"]*"/g, '')
    .replace(/ pointer-events="[^"]*"| ecmeta_[a-z_]+="[^"]*"/g, '')
    .replace(/^<svg /, `<svg role="img" aria-label="${label}" `)
    .replace(/(<svg[^>]*>)/, `$1<title>${label}</title><style>${darkStyle()}</style>`)
}

function optionOf(chart: Chart): Option {
  const names = chart.panels[0]?.series.map(({ name }) => name) ?? []
  const text = { fontFamily: FONT, color: INK.light }
  return {
    animation: false,
    backgroundColor: BACKGROUND.light,
    textStyle: text,
    title: [
      {
        text: chart.title,
        subtext: chart.note,
        left: EDGE,
        top: 15,
        padding: 0,
        itemGap: 6,
        textStyle: { ...text, fontSize: 17, fontWeight: 600 },
        subtextStyle: { ...text, color: MUTED.light, fontSize: 12 },
      },
      ...chart.panels.map((panel, i) => panelTitle(chart, panel, i)),
    ],
    legend: {
      data: names,
      right: EDGE,
      top: 12,
      itemGap: 18,
      itemWidth: chart.kind === 'bars' ? 14 : 26,
      textStyle: { ...text, fontSize: 13 },
      selectedMode: false,
      inactiveColor: MUTED.light,
    },
    grid: chart.panels.map((_, i) => place(i)),
    xAxis: chart.panels.map((_, i) => categoryAxis(chart, i)),
    yAxis: chart.panels.map((panel, i) => valueAxis(chart, panel, i)),
    series: chart.panels.flatMap((panel, i) =>
      panel.series.flatMap((each, s) => seriesOf(chart, each, i, s, panel.series.length)),
    ),
  }
}

/** Where a panel's plot lies. */
function place(index: number): { left: number; top: number; width: number; height: number } {
  const panelWidth = WIDTH / COLUMNS
  return {
    left: (index % COLUMNS) * panelWidth + PANEL.left,
    top: HEAD + Math.floor(index / COLUMNS) * PANEL_HEIGHT + PANEL.top,
    width: panelWidth - PANEL.left - PANEL.right,
    height: PANEL_HEIGHT - PANEL.top - PANEL.bottom,
  }
}

/** The command, and what is measured of it. */
function panelTitle(chart: Chart, panel: Panel, index: number): Option {
  const { left, top } = place(index)
  const font = { fontFamily: FONT, fontSize: 13 }
  return {
    text: `{command|${panel.title}}{unit|${chart.valueName}}`,
    left: left - PANEL.left + EDGE,
    top: top - PANEL.top + 2,
    padding: 0,
    textStyle: {
      rich: {
        command: { ...font, color: INK.light, fontWeight: 600 },
        unit: { ...font, color: MUTED.light, fontSize: 11, fontWeight: 400, padding: [0, 0, 0, 9] },
      },
    },
  }
}

function categoryAxis(chart: Chart, index: number): Option {
  return {
    type: 'category',
    gridIndex: index,
    data: chart.categories,
    name: chart.categoryName,
    nameLocation: 'middle',
    nameGap: 26,
    nameTextStyle: { color: MUTED.light, fontSize: 11 },
    boundaryGap: chart.kind === 'bars' || ['8%', '8%'],
    axisTick: { show: false },
    axisLine: { lineStyle: { color: MUTED.light } },
    axisLabel: { color: INK.light, fontSize: chart.categories.length > 6 ? 10 : 11, interval: 0 },
  }
}

function valueAxis(chart: Chart, panel: Panel, index: number): Option {
  const points = panel.series.flatMap((each) => each.points.filter((point) => point !== null))
  const values = points.flatMap(({ min, max }) => [min, max].map((value) => shown(chart, value)))
  return {
    type: chart.isLog ? 'log' : 'value',
    gridIndex: index,
    ...(chart.isLog ? decades(values) : fromZero(values)),
    axisLabel: {
      color: INK.light,
      fontSize: 11,
      formatter: chart.isLog ? String : (value: number) => shortNumber(value, 3),
    },
    axisLine: { show: false },
    splitLine: { lineStyle: { color: RULE.light } },
  }
}

/** A value in the unit of the chart. */
function shown(chart: Chart, value: number): number {
  return chart.unit === 'milliseconds' ? value / 1000 : value
}

/** Whole powers of ten around the values. */
function decades(values: readonly number[]): Option {
  if (values.length === 0) return {}
  const low = Math.floor(Math.log10(Math.min(...values)))
  const high = Math.ceil(Math.log10(Math.max(...values)))
  return { min: 10 ** low, max: 10 ** Math.max(high, low + 1) }
}

/** From zero to above the longest whisker and its label, in round steps. */
function fromZero(values: readonly number[]): Option {
  const top = Math.max(1, ...values) * 1.12
  const power = 10 ** Math.floor(Math.log10(top / TICKS))
  const interval = [1, 2, 2.5, 5, 10]
    .map((step) => step * power)
    .find((step) => step * TICKS >= top)!
  return { min: 0, max: Math.ceil(top / interval) * interval, interval }
}

/** A bar or a line, and its whiskers. */
function seriesOf(
  chart: Chart,
  { name, points }: PanelSeries,
  panel: number,
  index: number,
  count: number,
): Option[] {
  const color = SERIES[index % SERIES.length]!.light
  const axes = { xAxisIndex: panel, yAxisIndex: panel, silent: true, name }
  const medians = points.map((point) => (point === null ? null : shown(chart, point.median)))
  const main =
    chart.kind === 'bars'
      ? { type: 'bar', ...BARS, itemStyle: { color }, data: medians }
      : {
          type: 'line',
          symbol: SYMBOLS[index % SYMBOLS.length],
          symbolSize: 7,
          lineStyle: { color, width: 2, type: index % 2 === 0 ? 'solid' : [7, 3] },
          itemStyle: { color },
          data: medians,
        }
  const whiskers = points.flatMap((point, i) =>
    point === null
      ? []
      : [[i, ...[point.min, point.max, point.median].map((value) => shown(chart, value))]],
  )
  return [
    { ...axes, ...main },
    {
      ...axes,
      type: 'custom',
      z: 5,
      clip: true,
      data: whiskers,
      renderItem: (_: unknown, api: CustomApi) => whisker(chart, api, index, count, color),
    },
  ]
}

/** What ECharts gives to a series that draws itself. */
interface CustomApi {
  value(dimension: number): number
  coord(point: [number, number]): [number, number]
  barLayout(options: Option): { offsetCenter: number; width: number }[]
}

function whisker(chart: Chart, api: CustomApi, index: number, count: number, color: string) {
  const isBars = chart.kind === 'bars'
  const layout = isBars ? api.barLayout({ ...BARS, count })[index]! : { offsetCenter: 0, width: 0 }
  const [x, low] = api.coord([api.value(0), api.value(1)])
  const [, high] = api.coord([api.value(0), api.value(2)])
  const beside = isBars ? layout.offsetCenter : (index - (count - 1) / 2) * WHISKER_GAP
  const at = Math.round(x + beside) + 0.5
  const stroke = isBars ? INK.light : color
  const style = { stroke, lineWidth: 1.2, fill: undefined }
  const line = (x1: number, y1: number, x2: number, y2: number) => ({
    type: 'line',
    shape: { x1, y1, x2, y2 },
    style,
  })
  const children: Option[] = []
  if (low - high >= 1) {
    children.push(line(at, low, at, high))
    children.push(line(at - CAP, low, at + CAP, low), line(at - CAP, high, at + CAP, high))
  }
  if (isBars && layout.width >= 22) {
    const text = shortNumber(api.value(3), 2)
    const place = { x: at, y: high - 4, align: 'center', verticalAlign: 'bottom' }
    const font = `10px ${FONT}`
    children.push({ type: 'text', style: { text, ...place, font, fill: INK.light } })
  }
  return { type: 'group', children }
}

/** `950`, `1.2k`, `142k`, `1.05M`: so many digits, or all that are before the point. */
export function shortNumber(value: number, digits: number): string {
  const [divisor, suffix] = value >= 999_500 ? [1e6, 'M'] : value >= 999.5 ? [1e3, 'k'] : [1, '']
  const scaled = value / divisor
  const whole = scaled >= 99.5 ? 3 : scaled >= 9.95 ? 2 : 1
  return `${Number(scaled.toFixed(Math.max(0, digits - whole)))}${suffix}`
}
