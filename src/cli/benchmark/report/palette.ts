/**
 * The colours of charts and of the page, in light and in dark.
 *
 * The series' are Okabe and Ito's, which people with any colour blindness tell apart, made darker
 * or lighter until each has a contrast of 3 to its background (WCAG 1.4.11); text has 4.5 or more.
 * A chart is drawn in the light colours; a style in it puts the dark ones in their place, element
 * by element, where the reader prefers that.
 */
export interface Colour {
  light: string
  dark: string
}

export const BACKGROUND: Colour = { light: '#ffffff', dark: '#0d1117' }
export const INK: Colour = { light: '#1f2328', dark: '#e6edf3' }
export const MUTED: Colour = { light: '#59636e', dark: '#9198a1' }
export const RULE: Colour = { light: '#d8dee4', dark: '#30363d' }

export const SERIES: readonly Colour[] = [
  { light: '#0072b2', dark: '#56b4e9' },
  { light: '#c75400', dark: '#f0903c' },
  { light: '#007f5f', dark: '#2fc79b' },
  { light: '#a8478c', dark: '#e39bcb' },
  { light: '#6e6a00', dark: '#d9cf3f' },
  { light: '#4b4fc4', dark: '#a5a8ff' },
]

const ALL = [BACKGROUND, INK, MUTED, RULE, ...SERIES]

/** The style that puts the dark colours in, for attributes of SVG. */
export function darkStyle(): string {
  const rules = ALL.flatMap(({ light, dark }) => [
    `[fill="${light}"]{fill:${dark}}`,
    `[stroke="${light}"]{stroke:${dark}}`,
  ])
  return `@media (prefers-color-scheme: dark){${rules.join('')}}`
}
