/**
 * What is wrong with a log, its manifest or their directory. The message is one line, fit for the
 * server's log, and holds the words that Redis 7.2 has for the same fault (aof.c), so that whoever
 * looks for them finds them.
 */
import { errorMessage } from '../config/system-error.ts'

export class AofError extends Error {
  /** Name of the file, without its directory. */
  readonly file: string
  /** Where in the file the fault lies, in bytes; -1 if it is no matter of a place. */
  readonly offset: number

  constructor(message: string, file: string, offset = -1) {
    super(message)
    this.name = 'AofError'
    this.file = file
    this.offset = offset
  }
}

/** The error for a system call that failed, with the C library's word for it. */
export function systemFault(what: string, file: string, error: unknown): AofError {
  return new AofError(`${what} ${file}: ${errorMessage(error)}`, file)
}

/** Level and text of a line for the server's log. */
export type LogLine = (level: 'verbose' | 'notice' | 'warning', text: string) => void
