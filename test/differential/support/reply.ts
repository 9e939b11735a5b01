/**
 * What the bytes of a reply mean, in RESP2 and RESP3: where one ends, and how to show it.
 */

/** One reply, taken apart. `raw` holds its own bytes; aggregates hold their elements in order. */
export interface Reply {
  readonly type: string
  readonly raw: Uint8Array
  /** The text after the type byte, up to the end of the line. */
  readonly head: string
  /** A bulk's content; undefined for other types and for nulls. */
  readonly body: Uint8Array | undefined
  /** The elements of an aggregate: keys and values of maps take turns. */
  readonly elements: readonly Reply[]
}

const CR = 0x0d
const LF = 0x0a

export const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

/** The index after the line that starts at `from`, or -1 when its end has not come. */
function lineEnd(bytes: Uint8Array, from: number): number {
  for (let i = bytes.indexOf(CR, from); i >= 0; i = bytes.indexOf(CR, i + 1)) {
    if (bytes[i + 1] === LF) return i + 2
  }
  return -1
}

function lineText(bytes: Uint8Array, from: number, end: number): string {
  return latin1(bytes.subarray(from + 1, end - 2))
}

/** How many replies an aggregate holds, or -1 for types that hold none. */
function elementCount(type: string, head: string): number {
  const count = Math.max(0, Number(head))
  if (type === '*' || type === '~' || type === '>') return count
  if (type === '%') return count * 2
  if (type === '|') return count * 2 + 1 // an attribute comes before the reply it is about
  return -1
}

/**
 * The index after the reply that starts at `from`. When it is not complete, minus the number of
 * bytes that are needed at least before it is worth looking again. Throws at an unknown type.
 */
export function replyEnd(bytes: Uint8Array, from: number): number {
  let position = from
  for (let pending = 1; pending > 0; pending--) {
    const end = lineEnd(bytes, position)
    if (end < 0) return -(bytes.length + 1)
    const type = String.fromCharCode(bytes[position])
    const head = lineText(bytes, position, end)
    if (!'+-:$*_#,(!=%~>|'.includes(type)) throw new Error(`not a RESP type: ${type}${head}`)
    position = end
    const count = elementCount(type, head)
    if (count > 0) pending += count
    else if ((type === '$' || type === '!' || type === '=') && Number(head) >= 0) {
      position += Number(head) + 2
      if (position > bytes.length) return -position
    }
  }
  return position
}

/** Takes one complete reply apart. */
export function parseReply(bytes: Uint8Array, from = 0): Reply {
  const end = lineEnd(bytes, from)
  const type = String.fromCharCode(bytes[from])
  const head = lineText(bytes, from, end)
  const count = elementCount(type, head)
  const elements: Reply[] = []
  let body: Uint8Array | undefined
  let position = end
  for (let i = 0; i < count; i++) {
    const element = parseReply(bytes, position)
    elements.push(element)
    position += element.raw.length
  }
  if (count < 0 && '$!='.includes(type) && Number(head) >= 0) {
    body = bytes.subarray(position, position + Number(head))
    position += body.length + 2
  }
  return { type, raw: bytes.subarray(from, position), head, body, elements }
}

const NAMES: ReadonlyMap<string, string> = new Map([
  ['*', 'array'],
  ['%', 'map'],
  ['~', 'set'],
  ['>', 'push'],
  ['|', 'attribute'],
])

/** The reply for the eyes: one line an element, indented, with the RESP type in front. */
export function showReply(bytes: Uint8Array): string {
  return show(parseReply(bytes), '')
}

function show(reply: Reply, indent: string): string {
  const name = NAMES.get(reply.type)
  if (name === undefined) {
    const shown = reply.body ? JSON.stringify(latin1(reply.body)) : reply.head
    return `${indent}${reply.type}${shown}`
  }
  const lines = reply.elements.map((element) => show(element, `${indent}  `))
  return [`${indent}${name}(${reply.head})`, ...lines].join('\n')
}

/**
 * The reply with the order taken out of it: elements sorted by their bytes, at the top level, as
 * pairs (for maps, and for arrays in which names and values take turns), or at every depth.
 */
export function sortReply(bytes: Uint8Array, how: 'elements' | 'pairs' | 'deep'): Uint8Array {
  return sorted(parseReply(bytes), how)
}

function sorted(reply: Reply, how: 'elements' | 'pairs' | 'deep'): Uint8Array {
  if (!NAMES.has(reply.type) || reply.elements.length === 0) return reply.raw
  const headEnd = lineEnd(reply.raw, 0)
  const parts = reply.elements.map((e) => (how === 'deep' ? sorted(e, how) : e.raw))
  const groupSize = how === 'pairs' || reply.type === '%' ? 2 : 1
  const groups: Buffer[] = []
  for (let i = 0; i < parts.length; i += groupSize) {
    groups.push(Buffer.concat(parts.slice(i, i + groupSize)))
  }
  groups.sort(Buffer.compare)
  return Buffer.concat([reply.raw.subarray(0, headEnd), ...groups])
}
