/**
 * The error that a command of the embedded store is refused with: the text is that which a client
 * over the network gets, and `code` is its first word (`WRONGTYPE`, `OOM`, `ERR` …), to be asked
 * for in place of the text.
 */
export class StoreError extends Error {
  readonly code: string

  constructor(text: string) {
    // Over the network it is one line.
    super(text.replaceAll('\r', ' ').replaceAll('\n', ' '))
    this.name = 'StoreError'
    const space = text.indexOf(' ')
    this.code = space < 0 ? text : text.slice(0, space)
  }
}

/** What is said once the store is closed. */
export const CLOSED = 'CLOSED The store is closed'
