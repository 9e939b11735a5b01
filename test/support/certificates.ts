/**
 * Certificates for tests of TLS, made here (X.509 v3 as in RFC 5280, keys on P-256), so that no
 * test depends on a program or on a file that runs out. They are valid from 2000 to 2100.
 */
import {
  createPrivateKey,
  generateKeyPairSync,
  getDiffieHellman,
  type KeyObject,
  sign,
} from 'node:crypto'

export interface Certificate {
  /** The certificate and its private key, as PEM. */
  readonly cert: string
  readonly key: string
}

interface Issuer {
  readonly name: string
  readonly key: KeyObject
}

const INTEGER = 0x02
const BIT_STRING = 0x03
const OCTET_STRING = 0x04
const OBJECT_ID = 0x06
const UTF8_STRING = 0x0c
const GENERALIZED_TIME = 0x18
const SEQUENCE = 0x30
const SET = 0x31
/** Context-specific tags: constructed ones of the certificate, plain ones of a general name. */
const VERSION = 0xa0
const EXTENSIONS = 0xa3
const DNS_NAME = 0x82
const IP_ADDRESS = 0x87

const ECDSA_WITH_SHA256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]
const COMMON_NAME = [0x55, 0x04, 0x03]
const BASIC_CONSTRAINTS = [0x55, 0x1d, 0x13]
const SUBJECT_ALT_NAME = [0x55, 0x1d, 0x11]
const TRUE = Buffer.from([0x01, 0x01, 0xff])

/** An authority, and what it issues; another one of the same name is not the same. */
export class Authority {
  readonly cert: string
  readonly key: string
  private readonly issuer: Issuer
  private serial = 1

  constructor(name: string) {
    const { privateKey, publicKey } = newKeys()
    this.issuer = { name, key: privateKey }
    const extension = der(SEQUENCE, objectId(BASIC_CONSTRAINTS), TRUE, octets(der(SEQUENCE, TRUE)))
    this.cert = certificate(this.issuer, name, publicKey, this.serial++, extension)
    this.key = pemOf(privateKey)
  }

  /** A certificate for a server on this machine, or for a client. */
  issue(name: string): Certificate {
    const { privateKey, publicKey } = newKeys()
    const names = [
      der(DNS_NAME, Buffer.from('localhost')),
      der(IP_ADDRESS, Buffer.from([127, 0, 0, 1])),
    ]
    const extension = der(SEQUENCE, objectId(SUBJECT_ALT_NAME), octets(der(SEQUENCE, ...names)))
    const cert = certificate(this.issuer, name, publicKey, this.serial++, extension)
    return { cert, key: pemOf(privateKey) }
  }
}

/** The same key behind a password. */
export function encryptedKey(key: string, passphrase: string): string {
  const options = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase } as const
  return createPrivateKey(key).export(options).toString()
}

/** Diffie-Hellman parameters: the 2048-bit group of RFC 3526. */
export function dhParameters(): string {
  const group = getDiffieHellman('modp14')
  const numbers = [group.getPrime(), group.getGenerator()].map(unsigned)
  return pem('DH PARAMETERS', der(SEQUENCE, ...numbers))
}

function newKeys(): { privateKey: KeyObject; publicKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

function certificate(
  issuer: Issuer,
  subject: string,
  publicKey: KeyObject,
  serial: number,
  extension: Buffer,
): string {
  const algorithm = der(SEQUENCE, objectId(ECDSA_WITH_SHA256))
  const validity = [
    der(GENERALIZED_TIME, '20000101000000Z'),
    der(GENERALIZED_TIME, '21000101000000Z'),
  ]
  const body = der(
    SEQUENCE,
    der(VERSION, unsigned(Buffer.from([2]))),
    unsigned(Buffer.from([serial])),
    algorithm,
    distinguishedName(issuer.name),
    der(SEQUENCE, ...validity),
    distinguishedName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(EXTENSIONS, der(SEQUENCE, extension)),
  )
  const signature = sign('sha256', body, issuer.key)
  return pem(
    'CERTIFICATE',
    der(SEQUENCE, body, algorithm, der(BIT_STRING, Buffer.of(0), signature)),
  )
}

function distinguishedName(name: string): Buffer {
  return der(SEQUENCE, der(SET, der(SEQUENCE, objectId(COMMON_NAME), der(UTF8_STRING, name))))
}

function objectId(bytes: readonly number[]): Buffer {
  return der(OBJECT_ID, Buffer.from(bytes))
}

function octets(bytes: Buffer): Buffer {
  return der(OCTET_STRING, bytes)
}

/** A number that must not be read as a negative one. */
function unsigned(bytes: Buffer): Buffer {
  return der(INTEGER, bytes[0]! >= 0x80 ? Buffer.of(0) : Buffer.alloc(0), bytes)
}

/** One value: its tag, the length of its content, and the content. */
function der(tag: number, ...parts: readonly (Buffer | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part as string, 'latin1')))
  const { length } = content
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content])
  if (length < 0x100) return Buffer.concat([Buffer.of(tag, 0x81, length), content])
  return Buffer.concat([Buffer.of(tag, 0x82, length >> 8, length & 0xff), content])
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').replace(/.{1,64}/g, '$&\n')
  return `-----BEGIN ${label}-----\n${lines}-----END ${label}-----\n`
}
