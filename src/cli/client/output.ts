/**
 * Where the client writes: standard output and standard error, as bytes. Texts are Latin-1 unless
 * a name says otherwise, so that what a server sent reaches the terminal as it was.
 *
 * A reader that goes away (`redstart cli … | head`) ends the program quietly, as SIGPIPE would.
 */

export interface Output {
  /** Whether replies are shown to a person. The variable FAKETTY says so too, as for redis-cli. */
  readonly isTerminal: boolean
  /** Bytes for standard output. */
  write(text: string): void
  /** Bytes for standard error. */
  error(text: string): void
  /** Text for standard output, as UTF-8. */
  print(text: string): void
  /** Resolves when everything has been handed over. */
  flush(): Promise<void>
}

/** The program ends, with a status; what had to be said has been said. */
export class Exit extends Error {
  readonly status: number
  constructor(status: number) {
    super(`exit with ${status}`)
    this.status = status
  }
}

export class ProcessOutput implements Output {
  readonly isTerminal: boolean

  constructor() {
    this.isTerminal = process.stdout.isTTY === true || process.env.FAKETTY !== undefined
    process.stdout.on('error', endQuietly)
    process.stderr.on('error', endQuietly)
  }

  write(text: string): void {
    if (text !== '') process.stdout.write(Buffer.from(text, 'latin1'))
  }

  error(text: string): void {
    process.stderr.write(Buffer.from(text, 'latin1'))
  }

  print(text: string): void {
    process.stdout.write(text)
  }

  flush(): Promise<void> {
    return new Promise((resolve) => process.stdout.write('', () => resolve()))
  }
}

function endQuietly(error: NodeJS.ErrnoException): void {
  process.exit(error.code === 'EPIPE' ? 0 : 1)
}
