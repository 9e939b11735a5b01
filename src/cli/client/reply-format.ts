/**
 * Replies as text, in the formats of redis-cli 7.2 and to its bytes: the numbered one for people,
 * the raw one for scripts, CSV, and JSON. All texts are bytes as Latin-1.
 *
 * Where redis-cli gives up (big numbers, which its library knows and it does not), the digits are
 * shown. Colours are asked of a `Palette`, so that without one the bytes are redis-cli's.
 */
import { quoted } from '../../bytes/quote.ts'
import { fromLatin1 } from '../../bytes/text.ts'
import type { Reply } from '../../resp/reply-parser.ts'
import type { OutputFormat } from './client-options.ts'

/** Puts a colour around a part of a reply. */
export interface Palette {
  error(text: string): string
  number(text: string): string
  text(text: string): string
  status(text: string): string
  nothing(text: string): string
  index(text: string): string
}

const same = (text: string): string => text
export const PLAIN: Palette = {
  error: same,
  number: same,
  text: same,
  status: same,
  nothing: same,
  index: same,
}

export interface FormatOptions {
  readonly format: OutputFormat
  readonly elementDelimiter: string
  readonly replyDelimiter: string
  readonly palette: Palette
}

/** A reply in a format, with what ends it. */
export function formatReply(reply: Reply, options: FormatOptions): string {
  switch (options.format) {
    case 'standard':
      return formatStandard(reply, '', options.palette)
    case 'raw':
      return formatRaw(reply, options.elementDelimiter) + options.replyDelimiter
    case 'csv':
      return `${formatCsv(reply)}\n`
    default:
      return `${formatJson(reply, options.format)}\n`
  }
}

/** Bytes in double quotes, every unprintable one escaped. */
export function quotedText(text: string): string {
  return quoted(fromLatin1(text))
}

function isAggregate(reply: Reply): boolean {
  const { type } = reply
  return type === 'array' || type === 'set' || type === 'push' || type === 'map'
}

/** Whether the numbered format shows the reply in several lines. */
function isMultiline(reply: Reply): boolean {
  if (!isAggregate(reply) || reply.elements.length === 0) return false
  const own = reply.type === 'map' ? 2 : 1
  if (reply.elements.length > own) return true
  return isMultiline(reply.elements[own - 1])
}

const EMPTY = new Map([
  ['array', '(empty array)'],
  ['map', '(empty hash)'],
  ['set', '(empty set)'],
  ['push', '(empty push)'],
])
const SEPARATORS = new Map([
  ['map', '#'],
  ['set', '~'],
])

/** The text up to its first NUL: redis-cli prints errors and statuses as C strings. */
function cString(text: string): string {
  const end = text.indexOf('\0')
  return end < 0 ? text : text.slice(0, end)
}

function formatStandard(reply: Reply, prefix: string, palette: Palette): string {
  const { type, text } = reply
  switch (type) {
    case 'error':
      return `${palette.error(`(error) ${cString(text)}`)}\n`
    case 'status':
      return `${palette.status(cString(text))}\n`
    case 'integer':
    case 'double':
    case 'big number':
      return `${palette.number(`(${type}) ${text}`)}\n`
    case 'string':
      return `${palette.text(quotedText(text))}\n`
    case 'verbatim':
      return `${text}\n`
    case 'null':
      return `${palette.nothing('(nil)')}\n`
    case 'boolean':
      return `${palette.number(text === 't' ? '(true)' : '(false)')}\n`
    default:
      return formatAggregate(reply, prefix, palette)
  }
}

function formatAggregate(reply: Reply, prefix: string, palette: Palette): string {
  const { type, elements } = reply
  if (elements.length === 0) return `${palette.nothing(EMPTY.get(type)!)}\n`
  const isMap = type === 'map'
  const step = isMap ? 2 : 1
  const width = String(elements.length / step).length
  const inner = prefix + ' '.repeat(width + 2)
  const separator = SEPARATORS.get(type) ?? ')'
  const parts: string[] = []
  for (let i = 0; i < elements.length; i += step) {
    // Before the first element stands the number that the aggregate around it has written.
    const number = String(i / step + 1).padStart(width)
    parts.push((i === 0 ? '' : prefix) + palette.index(`${number}${separator}`) + ' ')
    const element = formatStandard(elements[i], inner, palette)
    if (!isMap) {
      parts.push(element)
      continue
    }
    const value = elements[i + 1]
    parts.push(element.slice(0, -1), ' => ', isMultiline(value) ? `\n${inner}` : '')
    parts.push(formatStandard(value, inner, palette))
  }
  return parts.join('')
}

/** The raw format without a delimiter behind it; INFO and its like are always shown so. */
export function formatRaw(reply: Reply, delimiter: string): string {
  const { type, text, elements } = reply
  switch (type) {
    case 'null':
      return ''
    case 'error':
      return `${text}\n`
    case 'boolean':
      return text === 't' ? '(true)' : '(false)'
    case 'map': {
      const pairs: string[] = []
      for (let i = 0; i < elements.length; i += 2) {
        const value = formatRaw(elements[i + 1], delimiter)
        pairs.push(`${formatRaw(elements[i], delimiter)} ${value}`)
      }
      return pairs.join(delimiter)
    }
    case 'array':
    case 'set':
    case 'push':
      return elements.map((element) => formatRaw(element, delimiter)).join(delimiter)
    default:
      return text
  }
}

function formatCsv(reply: Reply): string {
  const { type, text } = reply
  switch (type) {
    case 'error':
      return `ERROR,${quotedText(cString(text))}`
    case 'status':
    case 'string':
    case 'verbatim':
      return quotedText(text)
    case 'null':
      return 'NULL'
    case 'boolean':
      return text === 't' ? 'true' : 'false'
    case 'integer':
    case 'double':
    case 'big number':
      return text
    default:
      return reply.elements.map(formatCsv).join(',')
  }
}

function formatJson(reply: Reply, format: OutputFormat): string {
  const { type, text } = reply
  const { elements } = reply
  switch (type) {
    case 'error':
      return `error:${jsonString(cString(text), format)}`
    case 'status':
    case 'string':
    case 'verbatim':
      return jsonString(text, format)
    case 'null':
      return 'null'
    case 'boolean':
      return text === 't' ? 'true' : 'false'
    case 'integer':
    case 'double':
    case 'big number':
      return text
    case 'map': {
      const pairs: string[] = []
      for (let i = 0; i < elements.length; i += 2) {
        const key = formatJson(elements[i], format)
        const isText = key.startsWith('"') || key.startsWith('error:')
        const value = formatJson(elements[i + 1], format)
        pairs.push(`${isText ? key : `"${key}"`}:${value}`)
      }
      return `{${pairs.join(',')}}`
    }
    default:
      return `[${elements.map((element) => formatJson(element, format)).join(',')}]`
  }
}

const JSON_ESCAPES = new Map([
  ['\\', '\\\\'],
  ['"', '\\"'],
  ['\n', '\\n'],
  ['\f', '\\f'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\b', '\\b'],
])

function jsonString(text: string, format: OutputFormat): string {
  // The quoted form has Redis's escapes, whose backslashes JSON wants doubled.
  if (format === 'quoted-json') return quotedText(text).replaceAll('\\', '\\\\')
  const escaped = text.replace(/[\\"\x00-\x1f]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0')
    return JSON_ESCAPES.get(character) ?? `\\u${code}`
  })
  return `"${escaped}"`
}

/** A push of `invalidate` as redis-cli tells it, or null if it is another one. */
export function formatInvalidation(reply: Reply): string | null {
  const [name, keys] = reply.elements
  const isOne =
    reply.type === 'push' && reply.elements.length === 2 && name.text.startsWith('invalidate')
  if (!isOne || keys.type !== 'array') return null
  return `-> invalidate: ${keys.elements.map((key) => `'${key.text}'`).join(', ')}\n`
}
