/**
 * The errors that commands answer. They are thrown, and made beforehand: a `CommandError` is no
 * `Error`, so none takes a stack trace, and throwing one costs little.
 *
 * The texts are Redis's, since clients match on them.
 */
export class CommandError {
  /** The error line as the client sees it, code first. */
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export const SYNTAX_ERROR = new CommandError('ERR syntax error')
export const WRONG_TYPE = new CommandError(
  'WRONGTYPE Operation against a key holding the wrong kind of value',
)
export const NOT_AN_INTEGER = new CommandError('ERR value is not an integer or out of range')
export const NOT_A_FLOAT = new CommandError('ERR value is not a valid float')
export const OUT_OF_RANGE = new CommandError('ERR value is out of range')
export const INDEX_OUT_OF_RANGE = new CommandError('ERR index out of range')
export const NO_SUCH_KEY = new CommandError('ERR no such key')
export const OUT_OF_MEMORY = new CommandError(
  "OOM command not allowed when used memory > 'maxmemory'.",
)
export const TOO_LONG = new CommandError(
  'ERR string exceeds maximum allowed size (proto-max-bulk-len)',
)

/** `ERR value is out of range, must be positive` and its like. */
export function outOfRange(what: string): CommandError {
  return new CommandError(`ERR value is out of range, ${what}`)
}

export function wrongNumberOfArguments(name: string): CommandError {
  return new CommandError(`ERR wrong number of arguments for '${name}' command`)
}
