/**
 * `--latency-dist`: the latencies of an interval as one line of characters, each for a range of
 * times, coloured by how many fell into it. For terminals of 256 colours; `--mono` keeps to greys.
 */
import { type ClientSession, pause } from '../client-session.ts'
import { callReconnecting } from './reconnecting.ts'

const SAMPLE_EVERY_MS = 10
const LEGEND_EVERY = 20
const COLORS = [0, 233, 234, 235, 237, 239, 241, 243, 245, 247, 144, 143, 142, 184, 226, 214]
const COLORS_END = [208, 202, 196]
const GREYS = [0, 233, 234, 235, 237, 239, 241, 243, 245, 247, 249, 251, 253]

const ms = 1000
const second = 1_000_000
/** The upper ends of the ranges in µs, and their characters; the last has none. */
const RANGES: readonly (readonly [number, string])[] = [
  [10, '.'],
  [125, '-'],
  [250, '*'],
  [500, '#'],
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => [n * ms, String(n)] as const),
  ...['A', 'B', 'C', 'D', 'E'].map((letter, i) => [(i + 1) * 10 * ms, letter] as const),
  ...['F', 'G', 'H', 'I', 'J'].map((letter, i) => [(i + 1) * 100 * ms, letter] as const),
  [second, 'K'],
  [2 * second, 'L'],
  [4 * second, 'M'],
  [8 * second, 'N'],
  [16 * second, 'O'],
  [30 * second, 'P'],
  [60 * second, 'Q'],
  [Number.POSITIVE_INFINITY, '?'],
]

export async function latencySpectrumMode(session: ClientSession): Promise<number> {
  const { options, output } = session
  const palette = options.monochrome ? GREYS : [...COLORS, ...COLORS_END]
  const intervalMs = options.intervalMs || 1000
  let counts = RANGES.map(() => 0)
  let total = 0
  let beganMs = performance.now()
  for (let lines = 0; ; ) {
    const startMs = performance.now()
    await callReconnecting(session, 'PING')
    const us = (performance.now() - startMs) * 1000
    counts[RANGES.findIndex(([end]) => us <= end)]++
    total++
    if (performance.now() - beganMs > intervalMs) {
      if (lines++ % LEGEND_EVERY === 0) output.write(legend(palette))
      output.write(spectrum(counts, total, palette))
      counts = RANGES.map(() => 0)
      total = 0
      beganMs = performance.now()
    }
    await pause(SAMPLE_EVERY_MS)
  }
}

function spectrum(counts: number[], total: number, palette: number[]): string {
  const cells = counts.map((count, i) => {
    const color = palette[Math.ceil((count / total) * (palette.length - 1))]
    return `\x1b[48;5;${color}m${RANGES[i][1]}`
  })
  return `\x1b[38;5;0m${cells.join('')}\x1b[0m\n`
}

function legend(palette: number[]): string {
  const line = `${'-'.repeat(45)}\n`
  return (
    line +
    '. - * #          up to .01 .125 .25 .5 milliseconds\n' +
    '1,2,3,...,9      up to 1 to 9 milliseconds\n' +
    'A,B,C,D,E        up to 10 to 50 milliseconds\n' +
    'F,G,H,I,J        up to .1 to .5 seconds\n' +
    'K,L,M,N,O,P,Q,?  up to 1,2,4,8,16,30,60 seconds, and more\n' +
    `Share of all:    ${palette.map((color) => `\x1b[48;5;${color}m `).join('')}\x1b[0m\n` +
    line
  )
}
