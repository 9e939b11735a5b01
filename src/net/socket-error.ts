/**
 * The C library's words for the system errors of sockets. Node's handles answer with negative error
 * numbers of the system; Redis puts the C library's text for them into its messages.
 */
import { getSystemErrorName } from 'node:util'
import { codeMessage } from '../config/system-error.ts'

const MESSAGES = new Map<string, string>([
  ['EADDRINUSE', 'Address already in use'],
  ['EADDRNOTAVAIL', 'Cannot assign requested address'],
  ['EAFNOSUPPORT', 'Address family not supported by protocol'],
  ['ECONNABORTED', 'Software caused connection abort'],
  ['ECONNRESET', 'Connection reset by peer'],
  ['ENOBUFS', 'No buffer space available'],
  ['ENOMEM', 'Cannot allocate memory'],
  ['ENOPROTOOPT', 'Protocol not available'],
  ['ENOTSUP', 'Operation not supported'],
  ['EPFNOSUPPORT', 'Protocol family not supported'],
  ['EPROTONOSUPPORT', 'Protocol not supported'],
  ['ESOCKTNOSUPPORT', 'Socket type not supported'],
])

/** A socket that cannot be listened on. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
  /** The system's name of the error: EADDRINUSE and the like. */
  readonly code: string

  constructor(code: string, text: string) {
    super(text)
    this.code = code
  }
}

/** The name of a negative error number of the system. */
export function errorName(errorNumber: number): string {
  return getSystemErrorName(errorNumber)
}

/** What `strerror` says of a named error. */
export function errorText(code: string): string {
  return MESSAGES.get(code) ?? codeMessage(code)
}
