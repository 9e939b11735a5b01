/**
 * What the `tls-…` directives make of Node's TLS: the options of a server, all of them tried out.
 *
 * Files are read anew with every change, so that CONFIG SET with the same path takes up a renewed
 * certificate. Each step is tried in a context of its own, in the order of Redis 7.2, so that the
 * log says which of the directives is wrong, in Redis's words with OpenSSL's error.
 */
import { constants, X509Certificate } from 'node:crypto'
import fs from 'node:fs'
import nodePath from 'node:path'
import type { ConnectionOptions, SecureContextOptions, TlsOptions } from 'node:tls'
import type { Config } from '../config/config.ts'
import type { DirectiveName } from '../config/directives.ts'
import { errorMessage } from '../config/system-error.ts'
import { systemErrorText, tlsErrorText } from './tls-error.ts'

type Tls = typeof import('node:tls')

/** The directives that a context is made of. */
export const TLS_DIRECTIVES: readonly DirectiveName[] = [
  'tls-session-cache-size',
  'tls-session-cache-timeout',
  'tls-session-caching',
  'tls-prefer-server-ciphers',
  'tls-cert-file',
  'tls-key-file',
  'tls-key-file-pass',
  'tls-client-cert-file',
  'tls-client-key-file',
  'tls-client-key-file-pass',
  'tls-dh-params-file',
  'tls-ca-cert-file',
  'tls-ca-cert-dir',
  'tls-protocols',
  'tls-ciphers',
  'tls-ciphersuites',
  'tls-cluster',
]

/** A directive that is wrong: the line for the log. */
export class TlsSettingError extends Error {
  override readonly name = 'TlsSettingError'
}

const PROTOCOLS = new Map<string, number>([
  ['tlsv1', constants.SSL_OP_NO_TLSv1],
  ['tlsv1.1', constants.SSL_OP_NO_TLSv1_1],
  ['tlsv1.2', constants.SSL_OP_NO_TLSv1_2],
  ['tlsv1.3', constants.SSL_OP_NO_TLSv1_3],
])
const DEFAULT_PROTOCOLS = 'TLSv1.2 TLSv1.3'

/** What OpenSSL takes where nothing is configured; Node has lists of its own. */
const DEFAULT_CIPHERS = 'DEFAULT'
const DEFAULT_SUITES = 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256'

/** Names by which OpenSSL finds a certificate in a directory: a hash and a number. */
const HASHED_NAME = /^[0-9a-f]{8}\.\d+$/

/** Binds sessions to this kind of server, as Redis names it. */
const SESSION_ID_CONTEXT = 'redis'

/** Makes the options of a TLS server of the configuration. Throws a TlsSettingError. */
export function tlsOptions(tls: Tls, config: Config): TlsOptions {
  if (config.get('tls-cert-file') === '') throw new TlsSettingError('No tls-cert-file configured!')
  if (config.get('tls-key-file') === '') throw new TlsSettingError('No tls-key-file configured!')
  const common = commonOptions(tls, config)
  const pair = keyPair(
    tls,
    config.get('tls-cert-file'),
    config.get('tls-key-file'),
    config.get('tls-key-file-pass'),
  )
  // For connections to other servers; that it can be used is made sure of here.
  clientPair(tls, config)
  const options: TlsOptions = { ...common, ...pair, ...sessionOptions(config) }
  options.secureOptions =
    (common.secureOptions ?? 0) |
    constants.SSL_OP_NO_COMPRESSION |
    constants.SSL_OP_NO_RENEGOTIATION |
    (config.get('tls-session-caching') ? 0 : constants.SSL_OP_NO_TICKET)
  options.honorCipherOrder = config.get('tls-prefer-server-ciphers')
  options.dhparam = dhParameters(tls, config.get('tls-dh-params-file'))
  return options
}

/**
 * Makes the options of a connection to another server, which has to show a certificate of the
 * authority: whatever name is in it, as in Redis. Throws a TlsSettingError.
 */
export function tlsClientOptions(tls: Tls, config: Config): ConnectionOptions {
  const pair =
    clientPair(tls, config) ??
    keyPair(
      tls,
      config.get('tls-cert-file'),
      config.get('tls-key-file'),
      config.get('tls-key-file-pass'),
    )
  return { ...commonOptions(tls, config), ...pair, checkServerIdentity: () => undefined }
}

function commonOptions(tls: Tls, config: Config): SecureContextOptions {
  checkAuthority(config)
  const base = protocolOptions(config.get('tls-protocols'))
  return { ...base, ...authority(tls, config), ...cipherOptions(tls, config) }
}

/** The certificate that this server shows to others, if it has one of its own for that. */
function clientPair(tls: Tls, config: Config): SecureContextOptions | null {
  const [cert, key] = [config.get('tls-client-cert-file'), config.get('tls-client-key-file')]
  if (cert === '' || key === '') return null
  return keyPair(tls, cert, key, config.get('tls-client-key-file-pass'))
}

function checkAuthority(config: Config): void {
  if (config.get('tls-auth-clients') === 'no' && !config.get('tls-cluster')) return
  if (config.get('tls-ca-cert-file') !== '' || config.get('tls-ca-cert-dir') !== '') return
  throw new TlsSettingError(
    'Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-cluster, ' +
      'tls-replication or tls-auth-clients are enabled!',
  )
}

/** The versions that are spoken; those that are not named are switched off one by one. */
function protocolOptions(text: string): SecureContextOptions {
  const named = new Set<number>()
  for (const word of (text === '' ? DEFAULT_PROTOCOLS : text).split(' ')) {
    const option = PROTOCOLS.get(word.toLowerCase())
    if (option === undefined) {
      const versions = "'TLSv1', 'TLSv1.1', 'TLSv1.2' and 'TLSv1.3'"
      throw new TlsSettingError(
        `Invalid tls-protocols specified. Use a combination of ${versions}.`,
      )
    }
    named.add(option)
  }
  let secureOptions = 0
  for (const option of PROTOCOLS.values()) if (!named.has(option)) secureOptions |= option
  return { minVersion: 'TLSv1', maxVersion: 'TLSv1.3', secureOptions }
}

/** A certificate with its chain, and its key, which must fit. */
function keyPair(
  tls: Tls,
  certPath: string,
  keyPath: string,
  passphrase: string,
): SecureContextOptions {
  const pair: SecureContextOptions = {}
  attempt(`Failed to load certificate: ${certPath}`, () => {
    pair.cert = fs.readFileSync(certPath)
    tls.createSecureContext(pair)
  })
  attempt(`Failed to load private key: ${keyPath}`, () => {
    pair.key = fs.readFileSync(keyPath)
    if (passphrase !== '') pair.passphrase = passphrase
    tls.createSecureContext(pair)
  })
  return pair
}

/** The certificates that those of clients must go back to. */
function authority(tls: Tls, config: Config): SecureContextOptions {
  const file = config.get('tls-ca-cert-file')
  const directory = config.get('tls-ca-cert-dir')
  // Without any, Node would trust all authorities of the world.
  const ca: Buffer[] = []
  attempt('Failed to configure CA certificate(s) file/directory', () => {
    if (file !== '') ca.push(certificatesOf(file))
    if (directory !== '') ca.push(...hashedCertificates(directory))
    tls.createSecureContext({ ca })
  })
  return { ca }
}

function certificatesOf(path: string): Buffer {
  const bytes = fs.readFileSync(path)
  try {
    // Node itself would pass over what is none.
    new X509Certificate(bytes)
  } catch {
    throw new Error('error:05800088:x509 certificate routines::no certificate or crl found')
  }
  return bytes
}

/** As in OpenSSL, a directory that is not there is one without certificates. */
function hashedCertificates(directory: string): Buffer[] {
  let names: string[] = []
  try {
    names = fs.readdirSync(directory)
  } catch {
    return []
  }
  const hashed = names.filter((name) => HASHED_NAME.test(name)).sort()
  return hashed.map((name) => fs.readFileSync(nodePath.join(directory, name)))
}

/** Node takes the ciphers of TLS 1.2 and the suites of 1.3 as one list, and tells them by name. */
function cipherOptions(tls: Tls, config: Config): SecureContextOptions {
  const ciphers = config.get('tls-ciphers') || DEFAULT_CIPHERS
  const suites = config.get('tls-ciphersuites') || DEFAULT_SUITES
  const tried = (text: string) => () => void tls.createSecureContext({ ciphers: text })
  attemptPlainly(`Failed to configure ciphers: ${ciphers}`, tried(ciphers))
  attemptPlainly(`Failed to configure ciphersuites: ${suites}`, () => {
    if (!suites.split(':').every((suite) => suite.startsWith('TLS_'))) throw new Error(suites)
    tried(suites)()
  })
  return { ciphers: `${suites}:${ciphers}` }
}

function sessionOptions(config: Config): TlsOptions {
  return {
    sessionIdContext: SESSION_ID_CONTEXT,
    sessionTimeout: config.get('tls-session-cache-timeout'),
  }
}

function dhParameters(tls: Tls, path: string): 'auto' | Buffer {
  if (path === '') return 'auto'
  let dhparam: Buffer
  try {
    dhparam = fs.readFileSync(path)
  } catch (error) {
    throw new TlsSettingError(`Failed to load ${path}: ${errorMessage(error)}`)
  }
  attemptPlainly(`${path}: failed to read DH params.`, () => {
    // Node passes over a file that holds none.
    if (!holdsDhParameters(dhparam.toString('latin1'))) throw new Error(path)
    tls.createSecureContext({ dhparam })
  })
  return dhparam
}

const DH_PARAMETERS = /-----BEGIN DH PARAMETERS-----([A-Za-z0-9+/=\s]+)-----END DH PARAMETERS-----/
const DER_SEQUENCE = 0x30

/** Whether a PEM file has a block of Diffie-Hellman parameters: a sequence of two numbers. */
function holdsDhParameters(text: string): boolean {
  const found = DH_PARAMETERS.exec(text)
  if (found === null) return false
  const bytes = Buffer.from(found[1]!, 'base64')
  const lengthBytes = bytes[1]! < 0x80 ? 0 : bytes[1]! & 0x7f
  if (bytes[0] !== DER_SEQUENCE || lengthBytes > 4 || bytes.length < 2 + lengthBytes) return false
  const length = lengthBytes === 0 ? bytes[1]! : bytes.readUIntBE(2, lengthBytes)
  return bytes.length === 2 + lengthBytes + length
}

/** Runs a step; its error becomes `what` with the error's text. */
function attempt(what: string, step: () => void): void {
  try {
    step()
  } catch (error) {
    throw new TlsSettingError(`${what}: ${systemErrorText(error) ?? tlsErrorText(error)}`)
  }
}

/** Runs a step; its error becomes `what`. */
function attemptPlainly(what: string, step: () => void): void {
  try {
    step()
  } catch {
    throw new TlsSettingError(what)
  }
}
