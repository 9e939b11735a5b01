/**
 * The C library's words for the system errors that files and connections meet:
 * Redis puts them into its messages, Node has only its own.
 */

const MESSAGES = new Map<string, string>([
  ['EACCES', 'Permission denied'],
  ['EBUSY', 'Device or resource busy'],
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
  ['ENFILE', 'Too many open files in system'],
  ['ENOENT', 'No such file or directory'],
  ['ENOSPC', 'No space left on device'],
  ['ENOTDIR', 'Not a directory'],
  ['EPERM', 'Operation not permitted'],
  ['EPIPE', 'Broken pipe'],
  ['EROFS', 'Read-only file system'],
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
