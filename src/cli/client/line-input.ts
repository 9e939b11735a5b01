/**
 * Where the lines of a session come from: a terminal with an editor, or a pipe or file. Lines are
 * text for the editor; what runs them wants bytes, which a pipe's lines are already.
 */

/** What a session reads its lines from. */
export interface LineInput {
  /** The next line as bytes (Latin-1); null at the end, or when the user wants to leave. */
  readLine(prompt: string): Promise<string | null>
  /** Resolves when something has been typed or has come, which stays to be read. */
  whenInput(): Promise<void>
  /** Shows something while a line may be being edited. */
  printAbove(text: string): void
  /** Lets a function have the terminal to itself. */
  lend<Result>(use: () => Result): Result
  close(): void
}

const LF = 10

/** Lines of a pipe or a file, without a prompt; or of a terminal that can do nothing else. */
export class PipeInput implements LineInput {
  private readonly lines: string[] = []
  private rest: Buffer = Buffer.alloc(0)
  private isEnded = false
  private wake: (() => void) | null = null
  private readonly isPrompting: boolean

  /** @param isPrompting whether somebody sees the prompt */
  constructor(isPrompting: boolean) {
    this.isPrompting = isPrompting
    process.stdin.on('data', (chunk: Buffer) => this.receive(chunk))
    process.stdin.on('end', () => this.end())
    process.stdin.on('error', () => this.end())
  }

  async readLine(prompt: string): Promise<string | null> {
    if (this.isPrompting) process.stdout.write(prompt)
    await this.whenInput()
    return this.lines.shift() ?? null
  }

  async whenInput(): Promise<void> {
    while (this.lines.length === 0 && !this.isEnded) {
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    }
  }

  printAbove(text: string): void {
    process.stdout.write(text)
  }

  lend<Result>(use: () => Result): Result {
    return use()
  }

  close(): void {
    process.stdin.destroy()
  }

  private receive(chunk: Buffer): void {
    let begin = 0
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, begin)) {
      const part = chunk.subarray(begin, end)
      this.lines.push(Buffer.concat([this.rest, part]).toString('latin1'))
      this.rest = Buffer.alloc(0)
      begin = end + 1
    }
    this.rest = Buffer.concat([this.rest, chunk.subarray(begin)])
    this.stir()
  }

  private end(): void {
    if (this.rest.length > 0) this.lines.push(this.rest.toString('latin1'))
    this.rest = Buffer.alloc(0)
    this.isEnded = true
    this.stir()
  }

  private stir(): void {
    const { wake } = this
    this.wake = null
    wake?.()
  }
}
