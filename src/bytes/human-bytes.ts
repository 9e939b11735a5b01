/** Sizes as INFO and the command line show them, with the unit that leaves the fewest digits. */
const UNITS = ['B', 'K', 'M', 'G', 'T', 'P']

/** Bytes as people read them: `512B`, `1.50M`. */
export function humanBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`
  let value = bytes
  let unit = 0
  for (; value >= 1024 && unit < UNITS.length - 1; unit++) value /= 1024
  return `${value.toFixed(2)}${UNITS[unit]}`
}
