/** What is thrown where a server cannot listen. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
  /** The system's name of the error: EADDRINUSE and the like. */
  readonly code: string

  constructor(code: string, text: string) {
    super(text)
    this.code = code
  }
}
