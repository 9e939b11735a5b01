/**
 * The C library's words for the system errors that files, sockets and connections meet: Redis puts
 * them into its messages. Node has libuv's words only, and half of those are others.
 */

const MESSAGES = new Map<string, string>([
  ['EACCES', 'Permission denied'],
  ['EADDRINUSE', 'Address already in use'],
  ['EADDRNOTAVAIL', 'Cannot assign requested address'],
  ['EAFNOSUPPORT', 'Address family not supported by protocol'],
  ['EBUSY', 'Device or resource busy'],
  ['ECONNABORTED', 'Software caused connection abort'],
  ['ECONNREFUSED', 'Connection refused'],
  ['ECONNRESET', 'Connection reset by peer'],
  ['EDQUOT', 'Disk quota exceeded'],
  ['EEXIST', 'File exists'],
  ['EFBIG', 'File too large'],
  ['EHOSTUNREACH', 'No route to host'],
  ['EINVAL', 'Invalid argument'],
  ['EIO', 'Input/output error'],
  ['EISDIR', 'Is a directory'],
  ['ELOOP', 'Too many levels of symbolic links'],
  ['EMFILE', 'Too many open files'],
  ['ENAMETOOLONG', 'File name too long'],
  ['ENETUNREACH', 'Network is unreachable'],
  ['ENFILE', 'Too many open files in system'],
  ['ENOBUFS', 'No buffer space available'],
  ['ENOENT', 'No such file or directory'],
  ['ENOMEM', 'Cannot allocate memory'],
  ['ENOPROTOOPT', 'Protocol not available'],
  ['ENOSPC', 'No space left on device'],
  ['ENOTDIR', 'Not a directory'],
  ['ENOTSUP', 'Operation not supported'],
  ['EPERM', 'Operation not permitted'],
  ['EPFNOSUPPORT', 'Protocol family not supported'],
  ['EPIPE', 'Broken pipe'],
  ['EPROTONOSUPPORT', 'Protocol not supported'],
  ['EROFS', 'Read-only file system'],
  ['ESOCKTNOSUPPORT', 'Socket type not supported'],
  ['ETIMEDOUT', 'Connection timed out'],
  ['EXDEV', 'Invalid cross-device link'],
])

/** The code of a thrown system error (`ENOENT`), or null when it is none. */
export function errorCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null
  return typeof error.code === 'string' ? error.code : null
}

/** What `strerror` says of a thrown system error, or the error's own message. */
export function errorMessage(error: unknown): string {
  const code = errorCode(error)
  const known = code === null ? undefined : MESSAGES.get(code)
  return known ?? (error instanceof Error ? error.message : String(error))
}

/** What `strerror` says of an error code. */
export function codeMessage(code: string): string {
  return MESSAGES.get(code) ?? code
}
