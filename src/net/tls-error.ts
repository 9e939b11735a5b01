/**
 * OpenSSL's errors in the form in which its programs print them, `error:CODE:LIBRARY::REASON`, as
 * they stand in Redis's log. Node puts more around the same facts, or words of its own.
 */
import os from 'node:os'
import { errorMessage } from '../config/system-error.ts'

/** Code, library, function and reason, in a text by OpenSSL or by Node. */
const OPENSSL_ERROR = /error:([0-9A-F]{8}):([^:]*):[^:]*:([^:\n]*)/

export const VERIFY_FAILED = 'error:0A000086:SSL routines::certificate verify failed'
const UNEXPECTED_END = 'error:0A000126:SSL routines::unexpected eof while reading'
/** OpenSSL marks an error number of the system with this bit. */
const SYSTEM_BIT = 0x80000000

/** What OpenSSL says of an error. */
export function tlsErrorText(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  const found = OPENSSL_ERROR.exec(message)
  if (found !== null) return `error:${found[1]}:${found[2]}::${found[3]}`
  // Node's name for a connection that has ended too early; a reset has a number besides.
  if (code === 'ECONNRESET' && !message.includes('ECONNRESET')) return UNEXPECTED_END
  if (code === 'ECONNRESET') return 'Connection reset by peer'
  return message
}

/** What OpenSSL says of a file that cannot be read; undefined for any other error. */
export function systemErrorText(error: unknown): string | undefined {
  const { errno, syscall } = error as NodeJS.ErrnoException
  if (errno === undefined || syscall === undefined) return undefined
  const systemNumber = process.platform === 'win32' ? os.constants.errno.ENOENT : Math.abs(errno)
  const hexadecimal = (SYSTEM_BIT + systemNumber).toString(16).toUpperCase()
  return `error:${hexadecimal}:system library::${errorMessage(error)}`
}
