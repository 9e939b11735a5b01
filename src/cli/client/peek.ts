/**
 * `peek KEY`: what a key holds, readable and bounded, whatever its type: a line with its type,
 * encoding, size and expiry, and the first elements. It asks only for what it shows, so that a
 * list of millions is as quick as a short one.
 */
import { decoded, encoded } from '../../config/byte-string.ts'
import type { Reply } from '../../resp/reply-parser.ts'
import type { Connection } from './connection.ts'
import { quotedText } from './reply-format.ts'

const MAX_ELEMENTS = 20
const MAX_TEXT_BYTES = 2000
const MAX_ELEMENT_BYTES = 200

/** What one type is asked. */
interface Look {
  readonly size: (key: string) => string[]
  /** Of one of them. */
  readonly unit: string
  readonly read: (key: string) => string[]
  readonly show: (reply: Reply) => string[]
}

const last = String(MAX_ELEMENTS - 1)
const count = ['COUNT', String(MAX_ELEMENTS)]

const LOOKS = new Map<string, Look>([
  [
    'string',
    {
      size: (key) => ['STRLEN', key],
      unit: 'byte',
      read: (key) => ['GETRANGE', key, '0', String(MAX_TEXT_BYTES - 1)],
      show: (reply) => showText(reply.text),
    },
  ],
  [
    'list',
    {
      size: (key) => ['LLEN', key],
      unit: 'element',
      read: (key) => ['LRANGE', key, '0', last],
      show: ({ elements }) => elements.map((each, i) => `${i}: ${short(each.text)}`),
    },
  ],
  [
    'set',
    {
      size: (key) => ['SCARD', key],
      unit: 'member',
      read: (key) => ['SSCAN', key, '0', ...count],
      show: ({ elements }) => elements[1].elements.map((each) => short(each.text)),
    },
  ],
  [
    'hash',
    {
      size: (key) => ['HLEN', key],
      unit: 'field',
      read: (key) => ['HSCAN', key, '0', ...count],
      show: ({ elements }) =>
        pairs(elements[1].elements).map(([a, b]) => `${short(a)}: ${short(b)}`),
    },
  ],
  [
    'zset',
    {
      size: (key) => ['ZCARD', key],
      unit: 'member',
      read: (key) => ['ZRANGE', key, '0', last, 'WITHSCORES'],
      show: ({ elements }) =>
        scored(elements).map(([member, score]) => `${score}  ${short(member)}`),
    },
  ],
  [
    'stream',
    {
      size: (key) => ['XLEN', key],
      unit: 'entry',
      read: (key) => ['XREVRANGE', key, '+', '-', ...count],
      show: ({ elements }) =>
        elements.map(({ elements: [id, fields] }) => {
          const shown = pairs(fields.elements).map(([a, b]) => `${short(a)}=${short(b)}`)
          return `${id.text}  ${shown.join(' ')}`
        }),
    },
  ],
])

/** @returns the lines to show, as bytes */
export async function peek(connection: Connection, key: string): Promise<string> {
  const type = await connection.call('TYPE', key)
  if (type.type === 'error') return `(error) ${type.text}\n`
  if (type.text === 'none') return '(no such key)\n'
  const look = LOOKS.get(type.text)
  const encoding = await connection.call('OBJECT', 'ENCODING', key)
  const ttl = await connection.call('PTTL', key)
  const about = [type.text]
  if (encoding.type !== 'error') about.push(encoding.text)
  const size = look === undefined ? null : await connection.call(...look.size(key))
  if (look !== undefined && size !== null) about.push(counted(size.text, look.unit))
  about.push(shownExpiry(Number(ttl.text)))
  const head = `${about.join(', ')}\n`
  if (look === undefined) return head
  const reply = await connection.call(...look.read(key))
  if (reply.type === 'error') return `${head}(error) ${reply.text}\n`
  if (type.text === 'string' && reply.text.startsWith('HYLL')) {
    const estimate = await connection.call('PFCOUNT', key)
    if (estimate.type === 'integer') {
      return `${head}  HyperLogLog of about ${counted(estimate.text, 'element')}\n`
    }
  }
  const lines = look.show(reply).slice(0, type.text === 'string' ? undefined : MAX_ELEMENTS)
  const rest = Number(size?.text) - (type.text === 'string' ? reply.text.length : lines.length)
  if (rest > 0) lines.push(`... ${rest} more`)
  return head + lines.map((line) => `  ${line}\n`).join('')
}

function counted(size: string, unit: string): string {
  return `${size} ${size === '1' ? unit : unit.replace(/y$/, 'ie').concat('s')}`
}

function shownExpiry(ttlMs: number): string {
  if (ttlMs < 0) return 'no expiry'
  const seconds = ttlMs / 1000
  if (seconds < 120) return `expires in ${seconds.toFixed(1)} s`
  if (seconds < 7200) return `expires in ${(seconds / 60).toFixed(1)} min`
  return seconds < 172_800
    ? `expires in ${(seconds / 3600).toFixed(1)} h`
    : `expires in ${(seconds / 86_400).toFixed(1)} days`
}

/** Whether bytes are text that a terminal can show: UTF-8 without control characters. */
function isReadable(bytes: string): boolean {
  if (!/^[\t\n\r\x20-\x7e\x80-\xff]*$/.test(bytes)) return false
  return !decoded(bytes).includes('\ufffd')
}

function showText(bytes: string): string[] {
  const json = asJson(bytes)
  if (json !== null) return json.split('\n')
  return isReadable(bytes) ? bytes.split(/\r?\n/) : [quotedText(bytes)]
}

/** An object or array of JSON, indented; null if it is none. */
function asJson(bytes: string): string | null {
  if (!/^\s*[{[]/.test(bytes)) return null
  try {
    const value: unknown = JSON.parse(decoded(bytes))
    return encoded(JSON.stringify(value, null, 2))
  } catch {
    return null
  }
}

function short(bytes: string): string {
  const isCut = bytes.length > MAX_ELEMENT_BYTES
  const shown = isCut ? bytes.slice(0, MAX_ELEMENT_BYTES) : bytes
  const isPlain = isReadable(shown) && !/[\t\n\r]/.test(shown) && shown !== ''
  return `${isPlain ? shown : quotedText(shown)}${isCut ? `... (${bytes.length} bytes)` : ''}`
}

function pairs(elements: readonly Reply[]): [string, string][] {
  const found: [string, string][] = []
  for (let i = 0; i + 1 < elements.length; i += 2)
    found.push([elements[i].text, elements[i + 1].text])
  return found
}

/** Members and scores: in turn in RESP2, as pairs in RESP3. */
function scored(elements: readonly Reply[]): [string, string][] {
  if (elements[0]?.type !== 'array') return pairs(elements)
  return elements.map(({ elements: [member, score] }) => [member.text, score.text])
}
