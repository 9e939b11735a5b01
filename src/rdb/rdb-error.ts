/** Why an RDB file or a DUMP payload cannot be read, and where. */
export class RdbError extends Error {
  /** Offset in the file or payload, in bytes, at which reading stopped. */
  readonly offset: number

  constructor(text: string, offset: number) {
    super(text)
    this.name = 'RdbError'
    this.offset = offset
  }
}

/** There is no memory for what is being loaded. */
export class RdbMemoryError extends RdbError {
  constructor(offset: number) {
    super('there is no memory for the value', offset)
    this.name = 'RdbMemoryError'
  }
}
