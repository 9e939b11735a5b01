/**
 * TLS by the flags of Redis's tools, which `redstart cli` and `redstart benchmark` have alike. As
 * there, the server's certificate has to come from a known authority, and its host name is not
 * compared.
 */
import fs from 'node:fs'
import nodePath from 'node:path'
import type { ConnectionOptions } from 'node:tls'

export interface TlsFlags {
  enabled: boolean
  serverName: string | null
  caFile: string | null
  caDirectory: string | null
  certificateFile: string | null
  keyFile: string | null
  ciphers: string | null
  cipherSuites: string | null
  insecure: boolean
}

export function noTlsFlags(): TlsFlags {
  return {
    enabled: false,
    serverName: null,
    caFile: null,
    caDirectory: null,
    certificateFile: null,
    keyFile: null,
    ciphers: null,
    cipherSuites: null,
    insecure: false,
  }
}

interface HasTlsFlags {
  readonly tls: TlsFlags
}

/** Flags without a value. */
export const TLS_SWITCHES: readonly [string, (options: HasTlsFlags) => void][] = [
  ['--tls', ({ tls }) => void (tls.enabled = true)],
  ['--insecure', ({ tls }) => void (tls.insecure = true)],
]

/** Flags with a value. */
export const TLS_VALUES: readonly [string, (options: HasTlsFlags, value: string) => undefined][] = [
  ['--sni', ({ tls }, value) => void (tls.serverName = value)],
  ['--cacert', ({ tls }, value) => void (tls.caFile = value)],
  ['--cacertdir', ({ tls }, value) => void (tls.caDirectory = value)],
  ['--cert', ({ tls }, value) => void (tls.certificateFile = value)],
  ['--key', ({ tls }, value) => void (tls.keyFile = value)],
  ['--tls-ciphers', ({ tls }, value) => void (tls.ciphers = value)],
  ['--tls-ciphersuites', ({ tls }, value) => void (tls.cipherSuites = value)],
]

/** What the flags come to, with the files' contents; it can be passed to a thread. */
export type TlsSettings = Pick<
  ConnectionOptions,
  'rejectUnauthorized' | 'servername' | 'ca' | 'cert' | 'key' | 'ciphers'
>

/** Reads the files that the flags name. Throws the system's error if one cannot be read. */
export function readTlsSettings(flags: TlsFlags): TlsSettings {
  const settings: TlsSettings = { rejectUnauthorized: !flags.insecure }
  if (flags.serverName !== null) settings.servername = flags.serverName
  if (flags.caFile !== null || flags.caDirectory !== null) {
    const files = flags.caFile === null ? [] : [flags.caFile]
    if (flags.caDirectory !== null) files.push(...filesOf(flags.caDirectory))
    settings.ca = files.map(readPem)
  }
  if (flags.certificateFile !== null) settings.cert = readPem(flags.certificateFile)
  if (flags.keyFile !== null) settings.key = readPem(flags.keyFile)
  const ciphers = [flags.cipherSuites, flags.ciphers].filter((list) => list !== null)
  if (ciphers.length > 0) settings.ciphers = ciphers.join(':')
  return settings
}

function filesOf(folder: string): string[] {
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => nodePath.join(folder, entry.name))
}

function readPem(path: string): string {
  return fs.readFileSync(path, 'latin1')
}
