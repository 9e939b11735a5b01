/**
 * `redstart check-aof`: looks through append-only files, and cuts one where it is asked to. What is
 * said and which status it ends with follow redis-check-aof of Redis 7.2, so that scripts that read
 * them go on working. Beyond that, checksums are verified (aof/log-walk.ts), and what is cut off is
 * kept beside the file.
 *
 *   redstart check-aof [--fix | --truncate-to-timestamp <seconds>] <file.manifest | file.aof>
 *
 * The status is 0 when all is well or was made so, else 1.
 */
import { basename, dirname, join } from 'node:path'
import { AofError } from '../aof/aof-error.ts'
import { cutFile } from '../aof/aof-loader.ts'
import { LogWalk } from '../aof/log-walk.ts'
import { type ManifestFile, parseManifest } from '../aof/manifest.ts'
import { RequestScan } from '../aof/request-scan.ts'
import { latin1 } from '../bytes/text.ts'
import { errorMessage } from '../config/system-error.ts'
import { Keyspace } from '../keyspace/keyspace.ts'
import { SystemClock } from '../platform/clock.ts'
import type { Files, OpenFile } from '../platform/files.ts'
import { Random } from '../platform/random.ts'
import { RdbError } from '../rdb/rdb-error.ts'
import { RdbWalk } from '../rdb/rdb-walk.ts'
import { Args } from '../resp/args.ts'

const HASH = 0x23
const STEP_BYTES = 1024 * 1024
const SNAPSHOT_MAGIC = 'REDIS'
const SNAPSHOT_MIN_BYTES = 8
const USAGE =
  'Usage: redstart check-aof [--fix|--truncate-to-timestamp $timestamp] <file.manifest|file.aof>\n'

export interface CheckEnvironment {
  files: Files
  print(text: string): void
  /** Reads a line of the user's; '' at the end of input. */
  ask(): string
  /** Unix time. */
  nowMs: number
}

/** What came of one file. */
type Outcome = 'valid' | 'empty' | 'truncated' | 'truncated to timestamp'

/** Ends the check: what is wrong has been said. */
class Abort extends Error {}

/** @returns the status to exit with */
export function checkAof(words: string[], environment: CheckEnvironment): number {
  const check = new AofCheck(environment)
  if (words.length === 2 && words[0] === '--fix') check.fixes = true
  else if (words.length === 3 && words[0] === '--truncate-to-timestamp') {
    if (!/^[+-]?\d+$/.test(words[1])) {
      environment.print('Invalid timestamp, aborting...\n')
      return 1
    }
    check.lastSecond = Number(words[1])
  } else if (words.length !== 1) {
    environment.print(USAGE)
    return 1
  }
  try {
    check.run(words.at(-1)!)
    return 0
  } catch (error) {
    if (error instanceof Abort) return 1
    if (!(error instanceof AofError)) throw error
    environment.print(`${error.message}\n`)
    return 1
  }
}

class AofCheck {
  fixes = false
  /** What was done after this Unix time is to go; 0 for nothing. */
  lastSecond = 0
  private readonly environment: CheckEnvironment
  private readonly files: Files

  constructor(environment: CheckEnvironment) {
    this.environment = environment
    this.files = environment.files
  }

  run(path: string): void {
    if (this.isManifest(path)) return this.checkManifest(path)
    this.say('Start checking Old-Style AOF')
    this.tell('AOF', path, this.checkFile(path, path, true))
  }

  private say(text: string): void {
    this.environment.print(`${text}\n`)
  }

  private abort(text: string): never {
    this.say(text)
    throw new Abort(text)
  }

  private open(path: string): OpenFile {
    try {
      return this.files.open(path, 'read')
    } catch (error) {
      this.abort(`Cannot open file ${path}: ${errorMessage(error)}, aborting...`)
    }
  }

  /** Whether the first line that is no comment begins like a manifest's. */
  private isManifest(path: string): boolean {
    const file = this.open(path)
    const bytes = new Uint8Array(Math.min(file.size(), 64 * 1024))
    const length = file.read(bytes, 0, bytes.length, 0)
    file.close()
    let start = 0
    while (start < length && bytes[start] === HASH) {
      const end = bytes.indexOf(0x0a, start)
      if (end < 0) return false
      start = end + 1
    }
    return latin1(bytes, start, Math.min(start + 4, length)) === 'file'
  }

  private checkManifest(path: string): void {
    this.say('Start checking Multi Part AOF')
    const manifest = parseManifest(this.files.readFile(path), basename(path))
    const { base, increments } = manifest
    const last = manifest.files.at(-1)
    const check = (file: ManifestFile, kind: string) => {
      const filePath = join(dirname(path), file.name)
      this.checkLength(file, filePath)
      this.tell(kind, file.name, this.checkFile(file.name, filePath, file === last))
    }
    if (base !== null) {
      const isSnapshot = this.beginsWithSnapshot(join(dirname(path), base.name))
      this.say(`Start to check BASE AOF (${isSnapshot ? 'RDB' : 'RESP'} format).`)
      check(base, 'BASE AOF')
    }
    if (increments.length > 0) {
      this.say('Start to check INCR files.')
      for (const file of increments) check(file, 'INCR AOF')
    }
    this.say('All AOF files and manifest are valid')
  }

  private checkLength(file: ManifestFile, path: string): void {
    const handle = this.open(path)
    const size = handle.size()
    handle.close()
    if (size >= file.bytes) return
    this.abort(`AOF ${file.name} has lost its end: size=${size}, by the manifest ${file.bytes}`)
  }

  private beginsWithSnapshot(path: string): boolean {
    const file = this.open(path)
    const bytes = new Uint8Array(SNAPSHOT_MAGIC.length)
    if (file.size() >= SNAPSHOT_MIN_BYTES) file.read(bytes, 0, bytes.length, 0)
    file.close()
    return latin1(bytes) === SNAPSHOT_MAGIC
  }

  private tell(kind: string, name: string, outcome: Outcome): void {
    if (outcome === 'truncated') this.say(`Successfully truncated AOF ${name}`)
    else if (outcome === 'truncated to timestamp') {
      this.say(`Successfully truncated AOF ${name} to timestamp ${this.lastSecond}`)
    } else this.say(`${kind} ${name} is ${outcome}`)
  }

  private checkFile(name: string, path: string, isLast: boolean): Outcome {
    const isSnapshot = this.beginsWithSnapshot(path)
    const file = this.open(path)
    try {
      if (file.size() === 0) return 'empty'
      const offset = isSnapshot ? this.checkSnapshot(file) : 0
      return this.checkLog(name, path, isLast, new LogWalk(file, offset))
    } finally {
      file.close()
    }
  }

  /** @returns where the snapshot ends */
  private checkSnapshot(file: OpenFile): number {
    const walk = new SnapshotCheck(file)
    try {
      while (!walk.step(STEP_BYTES));
    } catch (error) {
      if (!(error instanceof RdbError)) throw error
      this.say(`${hex(error.offset)}: ${error.message}`)
      this.abort('RDB preamble of AOF file is not sane, aborting.')
    }
    this.say('RDB preamble is OK, proceeding with AOF tail...')
    return walk.offset
  }

  private checkLog(name: string, path: string, isLast: boolean, walk: LogWalk): Outcome {
    const lines = new LineCount()
    let result = walk.next()
    for (; result === 'unit'; result = walk.next()) {
      const second = lines.add(walk, this.lastSecond)
      if (second) return this.truncateToTimestamp(name, path, isLast, walk)
    }
    const offset = result === 'end' ? walk.size : walk.offset
    if (result !== 'end') {
      const why = walk.isInMulti ? 'Reached EOF before reading EXEC for MULTI' : walk.reason
      this.say(`${hex(offset)}: ${why}`)
    } else if (this.lastSecond !== 0) {
      this.say(`Truncate nothing in AOF ${name} to timestamp ${this.lastSecond}`)
      return 'valid'
    }
    if (walk.number > 0) this.say(`AOF ${name} has checksums: ${walk.number - 1} whole batches`)
    const difference = walk.size - offset
    this.say(
      `AOF analyzed: filename=${name}, size=${walk.size}, ok_up_to=${offset}, ` +
        `ok_up_to_line=${lines.count}, diff=${difference}`,
    )
    if (difference === 0) return 'valid'
    if (!this.fixes) {
      this.abort(`AOF ${name} is not valid. Use the --fix option to try fixing it.`)
    }
    if (!isLast) this.abort(`Failed to truncate AOF ${name} because it is not the last file`)
    this.say(
      `This will shrink the AOF ${name} from ${walk.size} bytes, ` +
        `with ${difference} bytes, to ${offset} bytes`,
    )
    this.environment.print('Continue? [y/N]: ')
    if (!/^y/i.test(this.environment.ask())) this.abort('Aborting...')
    this.cut(path, offset)
    return 'truncated'
  }

  private truncateToTimestamp(name: string, path: string, isLast: boolean, walk: LogWalk): Outcome {
    const { lastSecond } = this
    const { offset } = walk
    const isFirst = walk.isChecked ? walk.number <= 2 : offset === 0
    if (isFirst) {
      this.abort(`AOF ${name} has nothing before timestamp ${lastSecond}, aborting...`)
    }
    if (!isLast) {
      this.say(
        `Failed to truncate AOF ${name} to timestamp ${lastSecond} to offset ${offset} ` +
          'because it is not the last file.',
      )
      this.abort(
        'If it has to be, remove the files after it, and their lines in the manifest, by hand.',
      )
    }
    this.cut(path, offset)
    return 'truncated to timestamp'
  }

  private cut(path: string, offset: number): void {
    const kept = cutFile(this.files, path, offset, this.environment.nowMs)
    this.say(`What was cut off is kept in ${kept}`)
  }
}

/** Counts lines as redis-check-aof does, and looks at the times that comments state. */
class LineCount {
  count = 1
  private readonly scan = new RequestScan()
  private readonly args = new Args()

  /**
   * Counts the lines of the present unit.
   *
   * @returns whether it was done after `lastSecond`, unless that is 0
   */
  add(walk: LogWalk, lastSecond: number): boolean {
    const { bytes, unitEnd } = walk
    for (let at = walk.unitStart; at < unitEnd; ) {
      const isComment = bytes[at] === HASH
      const start = at
      at = this.scan.next(bytes, at, unitEnd, this.args)
      if (!isComment) this.count += 1 + 2 * this.args.count
      else if (lastSecond !== 0 && timeOf(latin1(bytes, start, at)) > lastSecond) return true
    }
    return false
  }
}

/** The time that a comment states, or minus infinity. */
function timeOf(comment: string): number {
  const match = /^#TS:(\d+)\r\n$/.exec(comment)
  return match === null ? Number.NEGATIVE_INFINITY : Number(match[1])
}

function hex(offset: number): string {
  return `0x${offset.toString(16).padStart(16, ' ')}`
}

/** Reads a snapshot with all its values, and keeps nothing. */
class SnapshotCheck extends RdbWalk {
  constructor(file: OpenFile) {
    const clock = new SystemClock()
    super(new Keyspace({ databases: 1, clock, random: new Random(1) }), file)
  }

  protected store(): void {
    this.value.abandon()
  }

  protected selectDatabase(): void {}

  protected expect(): void {}
}
