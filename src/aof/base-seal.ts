/**
 * Puts the lines with checksums (checksum-line.ts) into a log that is made in one go: the base of
 * commands that a rewrite writes. Batches end between two commands, about every 64 KB.
 *
 * What has been taken away of a batch is in the checksum already; what has not, begins at `start`.
 */
import { Crc64 } from '../bytes/crc64.ts'
import { MAX_LINE_BYTES, writeChecksumLine } from './checksum-line.ts'

const BATCH_BYTES = 64 * 1024

/** A growable memory that the log is written into. */
export interface LogOutput {
  readonly bytes: Uint8Array
  readonly view: DataView
  length: number
  reserve(moreBytes: number): void
}

export class BaseSeal {
  private readonly crc = new Crc64()
  private number = 0
  /** Where the part of the batch begins that is still in the output. */
  private start = 0
  /** How many bytes of the batch have been taken away. */
  private takenBytes = 0

  /** The line by which a file is known to have checksums. */
  begin(output: LogOutput): void {
    this.writeLine(output)
  }

  /** The output ends between two commands. */
  between(output: LogOutput): void {
    if (this.takenBytes + output.length - this.start >= BATCH_BYTES) this.writeLine(output)
  }

  /** All of the output is about to be taken away. */
  taken(output: LogOutput): void {
    this.crc.update(output.bytes, this.start, output.length)
    this.takenBytes += output.length - this.start
    this.start = 0
  }

  /** The log has been written to its end. */
  end(output: LogOutput): void {
    if (this.takenBytes + output.length > this.start) this.writeLine(output)
  }

  private writeLine(output: LogOutput): void {
    output.reserve(MAX_LINE_BYTES)
    const { length } = output
    const batchBytes = this.takenBytes + length - this.start
    const { bytes } = output
    output.length = writeChecksumLine(
      bytes,
      this.start,
      length,
      this.number++,
      this.crc,
      output.view,
      batchBytes,
    )
    this.start = output.length
    this.takenBytes = 0
  }
}
