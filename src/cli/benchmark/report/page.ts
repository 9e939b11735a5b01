/**
 * The page that holds a whole report: one file without anything from elsewhere, light or dark as
 * the reader prefers, to be read with or without a pointer.
 */
import type { Chart } from './chart-data.ts'
import type { Outcome } from './outcome.ts'
import { BACKGROUND, type Colour, INK, MUTED, RULE, SERIES } from './palette.ts'
import { settings, summaryMarkdown } from './summary.ts'

export interface DrawnChart {
  chart: Chart
  svg: string
}

export function reportPage(outcome: Outcome, drawn: readonly DrawnChart[]): string {
  const sections = [...new Set(drawn.map(({ chart }) => chart.section))]
  const tables = tablesOf(summaryMarkdown(outcome))
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Redstart benchmark report</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Benchmark report</h1>
<ul class="settings">${settings(outcome)
    .map((line) => `<li>${escapeHtml(line)}</li>`)
    .join('')}</ul>
${sections.map((section) => chartSection(section, drawn)).join('\n')}
<h2>All figures</h2>
${tables}
</main>
</body>
</html>
`
}

function chartSection(section: string, drawn: readonly DrawnChart[]): string {
  const figures = drawn
    .filter(({ chart }) => chart.section === section)
    .map(({ svg }) => `<figure>${svg.replace(/<style>[\s\S]*?<\/style>/, '')}</figure>`)
  return `<h2>${escapeHtml(section)}</h2>\n${figures.join('\n')}`
}

/** The headings and tables of a Markdown text that summary.ts has written. */
function tablesOf(markdown: string): string {
  const html: string[] = []
  let rows: string[][] = []
  const flush = (): void => {
    if (rows.length > 0) html.push(tableHtml(rows))
    rows = []
  }
  for (const line of markdown.split('\n')) {
    if (line.startsWith('| ')) {
      rows.push(line.slice(2, -2).split(' | '))
      continue
    }
    flush()
    if (line.startsWith('## ')) html.push(`<h3>${escapeHtml(line.slice(3))}</h3>`)
    else if (/^[A-Z]/.test(line)) html.push(`<p>${escapeHtml(line)}</p>`)
  }
  flush()
  return html.join('\n')
}

function tableHtml([head, , ...body]: readonly string[][]): string {
  const row = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell, i) => cellHtml(cell, i === 0 ? 'th' : tag)).join('')}</tr>`
  const rows = body.map((cells) => row(cells, 'td')).join('\n')
  return `<div class="table"><table>\n<thead>${row(head!, 'th')}</thead>\n${rows}</table></div>`
}

function cellHtml(cell: string, tag: string): string {
  const text = escapeHtml(cell).replace(/ \((.*)\)$/, ' <small>$1</small>')
  return `<${tag}>${text}</${tag}>`
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function svgRules(pick: (colour: Colour) => string): string {
  return [BACKGROUND, INK, MUTED, RULE, ...SERIES]
    .map((colour) => {
      const { light } = colour
      return `[fill="${light}"]{fill:${pick(colour)}}[stroke="${light}"]{stroke:${pick(colour)}}`
    })
    .join('')
}

function variables(pick: (colour: Colour) => string): string {
  const named = { background: BACKGROUND, ink: INK, muted: MUTED, rule: RULE }
  return Object.entries(named)
    .map(([name, colour]) => `--${name}:${pick(colour)};`)
    .join('')
}

const STYLE = `
:root{${variables(({ light }) => light)}color-scheme:light dark}
body{margin:0;background:var(--background);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Arial,sans-serif}
main{max-width:1100px;margin:0 auto;padding:1.5rem}
h1,h2,h3{line-height:1.25}
h2{margin-top:2.5rem;border-bottom:1px solid var(--rule);padding-bottom:.3rem}
.settings{color:var(--muted);padding-left:1.2rem}
figure{margin:1rem 0;overflow-x:auto}
figure svg{width:100%;min-width:640px;height:auto;border:1px solid var(--rule);border-radius:6px}
.table{overflow-x:auto}
table{border-collapse:collapse;font-size:.85rem;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid var(--rule);white-space:nowrap}
th:first-child{text-align:left}
tbody th{font-weight:400}
small{color:var(--muted);white-space:nowrap}
@media (prefers-color-scheme:dark){:root{${variables(({ dark }) => dark)}}
${svgRules(({ dark }) => dark)}}
`
