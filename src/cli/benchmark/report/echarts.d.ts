/**
 * What charts.ts uses of ECharts. The package is bundled when Redstart is built; its own types are
 * many times what is needed here, and would be needed to compile anything else.
 */
declare module 'echarts/core' {
  export function use(parts: readonly unknown[]): void
  export function init(
    element: null,
    theme: null,
    options: { renderer: 'svg'; ssr: true; width: number; height: number },
  ): {
    setOption(option: Readonly<Record<string, unknown>>): void
    renderToSVGString(): string
    dispose(): void
  }
}

declare module 'echarts/charts' {
  export const BarChart: unknown
  export const CustomChart: unknown
  export const LineChart: unknown
}

declare module 'echarts/components' {
  export const GridComponent: unknown
  export const LegendComponent: unknown
  export const TitleComponent: unknown
}

declare module 'echarts/renderers' {
  export const SVGRenderer: unknown
}
