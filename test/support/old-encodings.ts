/**
 * Builds the encodings of Redis's small collections by hand, also those that no Redis writes any
 * more. Elements are strings of Latin-1, or integers where the encoding has forms for them.
 */

export type Element = string | number | bigint

function concat(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces))
}

function little(value: number | bigint, bytes: number): Uint8Array {
  const target = Buffer.alloc(8)
  target.writeBigInt64LE(BigInt(value))
  return target.subarray(0, bytes)
}

/** An RDB length. */
export function rdbLength(length: number): Uint8Array {
  if (length < 64) return Uint8Array.of(length)
  if (length < 16384) return Uint8Array.of(0x40 | (length >> 8), length & 255)
  return Uint8Array.of(0x80, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255)
}

/** An RDB string in its plain form. */
export function rdbString(content: string | Uint8Array): Uint8Array {
  const bytes = Buffer.from(content as string, 'latin1')
  return concat([rdbLength(bytes.length), bytes])
}

function fits(value: number | bigint, bits: number): boolean {
  return BigInt.asIntN(bits, BigInt(value)) === BigInt(value)
}

function ziplistBody(element: Element): Uint8Array {
  if (typeof element === 'string') {
    const bytes = Buffer.from(element, 'latin1')
    const { length } = bytes
    if (length < 64) return concat([Uint8Array.of(length), bytes])
    if (length < 16384) return concat([Uint8Array.of(0x40 | (length >> 8), length & 255), bytes])
    const head = Buffer.alloc(5, 0x80)
    head.writeUInt32BE(length, 1)
    return concat([head, bytes])
  }
  if (element >= 0 && element <= 12) return Uint8Array.of(0xf1 + Number(element))
  if (fits(element, 8)) return concat([Uint8Array.of(0xfe), little(element, 1)])
  if (fits(element, 16)) return concat([Uint8Array.of(0xc0), little(element, 2)])
  if (fits(element, 24)) return concat([Uint8Array.of(0xf0), little(element, 3)])
  if (fits(element, 32)) return concat([Uint8Array.of(0xd0), little(element, 4)])
  return concat([Uint8Array.of(0xe0), little(element, 8)])
}

export function ziplist(elements: readonly Element[]): Uint8Array {
  const parts: Uint8Array[] = []
  let previous = 0
  let end = 10
  let tail = 10
  for (const element of elements) {
    const before =
      previous < 254 ? Uint8Array.of(previous) : concat([Uint8Array.of(254), little(previous, 4)])
    const entry = concat([before, ziplistBody(element)])
    tail = end
    end += entry.length
    previous = entry.length
    parts.push(entry)
  }
  const head = concat([little(end + 1, 4), little(tail, 4), little(elements.length, 2)])
  return concat([head, ...parts, Uint8Array.of(255)])
}

function listpackBody(element: Element): Uint8Array {
  if (typeof element === 'string') {
    const bytes = Buffer.from(element, 'latin1')
    const { length } = bytes
    if (length < 64) return concat([Uint8Array.of(0x80 | length), bytes])
    if (length < 4096) return concat([Uint8Array.of(0xe0 | (length >> 8), length & 255), bytes])
    return concat([Uint8Array.of(0xf0), little(length, 4), bytes])
  }
  if (element >= 0 && element <= 127) return Uint8Array.of(Number(element))
  if (fits(element, 13)) {
    const bits = Number(element) & 0x1fff
    return Uint8Array.of(0xc0 | (bits >> 8), bits & 255)
  }
  if (fits(element, 16)) return concat([Uint8Array.of(0xf1), little(element, 2)])
  if (fits(element, 24)) return concat([Uint8Array.of(0xf2), little(element, 3)])
  if (fits(element, 32)) return concat([Uint8Array.of(0xf3), little(element, 4)])
  return concat([Uint8Array.of(0xf4), little(element, 8)])
}

/** The length behind an element of a listpack. */
function lengthBehind(length: number): Uint8Array {
  const sizes = [128, 16383, 2097151, 268435455]
  const size = sizes.filter((limit) => length >= limit).length + 1
  const bytes = new Uint8Array(size)
  let rest = length
  for (let i = size - 1; i >= 0; i--) {
    bytes[i] = (rest & 127) | (i > 0 ? 128 : 0)
    rest = Math.floor(rest / 128)
  }
  return bytes
}

export function listpack(elements: readonly Element[]): Uint8Array {
  const parts = elements.map((element) => {
    const body = listpackBody(element)
    return concat([body, lengthBehind(body.length)])
  })
  const body = concat(parts)
  return concat([little(body.length + 7, 4), little(elements.length, 2), body, Uint8Array.of(255)])
}

/** A zipmap of fields and values in turn. @param free unused bytes behind each value */
export function zipmap(elements: readonly string[], free = 0): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(Math.min(254, elements.length / 2))]
  elements.forEach((element, i) => {
    const bytes = Buffer.from(element, 'latin1')
    parts.push(
      bytes.length < 254
        ? Uint8Array.of(bytes.length)
        : concat([Uint8Array.of(254), little(bytes.length, 4)]),
    )
    if (i % 2 === 1) parts.push(Uint8Array.of(free))
    parts.push(bytes)
    if (i % 2 === 1) parts.push(new Uint8Array(free))
  })
  return concat([...parts, Uint8Array.of(255)])
}

export function intset(members: readonly (number | bigint)[], bytes: 2 | 4 | 8): Uint8Array {
  const head = concat([little(bytes, 4), little(members.length, 4)])
  return concat([head, ...members.map((member) => little(member, bytes))])
}
