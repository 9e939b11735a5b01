/**
 * Server addresses as URIs: `redis://[[user:]password@][host[:port]][/db]`, `rediss://` for TLS.
 * Read as redis-cli and redis-benchmark 7.2 read them: without a query, percent signs as escapes in
 * the user's name and the password only, and a host in brackets for IPv6.
 */
import { leadingInteger } from '../bytes/integers.ts'
import { encoded } from '../config/byte-string.ts'

export interface ServerUri {
  isTls: boolean
  user: string | null
  password: string | null
  host: string | null
  port: number | null
  database: number | null
}

/** @returns the parts, or what is wrong */
export function parseUri(text: string): ServerUri | string {
  const scheme = /^rediss?:\/\//i.exec(text)?.[0]
  if (scheme === undefined) return 'Invalid URI scheme'
  const uri: ServerUri = {
    isTls: scheme.length === 9,
    user: null,
    password: null,
    host: null,
    port: null,
    database: null,
  }
  let rest = text.slice(scheme.length)
  const at = rest.indexOf('@')
  if (at >= 0) {
    const colon = rest.indexOf(':')
    const hasUser = colon >= 0 && colon < at
    const user = hasUser ? percentDecoded(rest.slice(0, colon)) : { bytes: null }
    const password = percentDecoded(rest.slice(hasUser ? colon + 1 : 0, at))
    if (typeof user === 'string') return user
    if (typeof password === 'string') return password
    uri.user = user.bytes
    uri.password = password.bytes
    rest = rest.slice(at + 1)
  }
  if (rest === '') return uri
  const slash = rest.indexOf('/')
  const address = slash < 0 ? rest : rest.slice(0, slash)
  if (slash !== 0) {
    const bracket = address.startsWith('[') ? address.indexOf(']') : -1
    const colon = bracket < 0 ? address.indexOf(':') : address.indexOf(':', bracket)
    if (colon >= 0) uri.port = leadingInteger(address.slice(colon + 1))
    if (bracket >= 0) uri.host = address.slice(1, bracket)
    else uri.host = colon < 0 ? address : address.slice(0, colon)
  }
  if (slash >= 0 && slash < rest.length - 1) uri.database = leadingInteger(rest.slice(slash + 1))
  return uri
}

/** The bytes, or what is wrong. */
function percentDecoded(text: string): { bytes: string } | string {
  const source = encoded(text)
  let bytes = ''
  for (let i = 0; i < source.length; i++) {
    if (source[i] !== '%') {
      bytes += source[i]
      continue
    }
    const digits = source.slice(i + 1, i + 3)
    if (digits.length < 2) return 'Incomplete URI encoding'
    if (!/^[0-9a-f]{2}$/i.test(digits)) return 'Illegal character in URI encoding'
    bytes += String.fromCharCode(Number.parseInt(digits, 16))
    i += 2
  }
  return { bytes }
}
