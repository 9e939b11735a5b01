/**
 * `redstart check-rdb`: reads an RDB file from its first byte to its checksum, under the validation
 * that loading it would do, and keeps nothing. What is said and which status it ends with follow
 * redis-check-rdb of Redis 7.2, so that scripts that read them go on working.
 *
 *   redstart check-rdb <rdb-file-name>
 *
 * The status is 0 when the file may be loaded, else 1.
 */
import { latin1 } from '../bytes/text.ts'
import { errorMessage } from '../config/system-error.ts'
import { NO_EXPIRY } from '../keyspace/entry.ts'
import { Keyspace } from '../keyspace/keyspace.ts'
import { SystemClock } from '../platform/clock.ts'
import type { Files, OpenFile } from '../platform/files.ts'
import { Random } from '../platform/random.ts'
import { RdbError } from '../rdb/rdb-error.ts'
import { RdbWalk } from '../rdb/rdb-walk.ts'

const STEP_BYTES = 4 * 1024 * 1024
const USAGE = 'Usage: redstart check-rdb <rdb-file-name>\n'

/** The names of redis-check-rdb for the types of values. */
const TYPE_NAMES: readonly string[] = [
  'string',
  'list-linked',
  'set-hashtable',
  'zset-v1',
  'hash-hashtable',
  'zset-v2',
  'module-pre-release',
  'module-value',
  '',
  'hash-zipmap',
  'list-ziplist',
  'set-intset',
  'zset-ziplist',
  'hash-ziplist',
  'quicklist',
  'stream',
  'hash-listpack',
  'zset-listpack',
  'quicklist-v2',
  'stream-v2',
  'set-listpack',
  'stream-v3',
  'hash-hashtable-md-pre-release',
  'hash-listpack-md-pre-release',
  'hash-hashtable-md',
  'hash-listpack-md',
]

export interface CheckRdbEnvironment {
  files: Files
  print(text: string): void
}

/** @returns the status to exit with */
export function checkRdb(words: readonly string[], environment: CheckRdbEnvironment): number {
  const { files, print } = environment
  if (words.length !== 1) {
    print(USAGE)
    return 1
  }
  const [path] = words
  print(`[offset 0] Checking RDB file ${path}\n`)
  let file: OpenFile
  try {
    file = files.open(path, 'read')
  } catch (error) {
    print(`Cannot open the file: ${errorMessage(error)}\n`)
    return 1
  }
  try {
    return new RdbCheck(file, print).run()
  } finally {
    file.close()
  }
}

class RdbCheck extends RdbWalk {
  private readonly print: (text: string) => void
  private readonly nowMs: number
  private keys = 0
  private expires = 0
  private alreadyExpired = 0

  constructor(file: OpenFile, print: (text: string) => void) {
    const clock = new SystemClock()
    super(new Keyspace({ databases: 1, clock, random: new Random(1) }), file, {
      warn: (text) => this.info(text),
    })
    this.print = print
    this.nowMs = clock.nowMs
  }

  run(): number {
    try {
      while (!this.step(STEP_BYTES)) {
        // There is more to read.
      }
    } catch (error) {
      this.sayError(error)
      return 1
    }
    if (this.version >= 5) {
      this.info(
        this.hasChecksum
          ? 'Checksum OK'
          : 'RDB file was saved with checksum disabled: no check performed.',
      )
    }
    this.info('\\o/ RDB looks OK! \\o/')
    this.sayCounts()
    return 0
  }

  protected override auxRead(name: string, value: string): void {
    this.info(`AUX FIELD ${name} = '${value}'`)
  }

  protected selectDatabase(index: number): void {
    this.info(`Selecting DB ID ${index}`)
  }

  protected expect(): void {}

  protected store(): void {
    this.keys++
    if (this.expireAtMs !== NO_EXPIRY) {
      this.expires++
      if (this.expireAtMs < this.nowMs) this.alreadyExpired++
    }
    this.value.abandon()
  }

  private info(text: string): void {
    this.print(`[offset ${this.offset}] ${text}\n`)
  }

  private sayError(error: unknown): void {
    const isRdb = error instanceof RdbError
    const offset = isRdb ? error.offset : this.offset
    this.print('--- RDB ERROR DETECTED ---\n')
    this.print(`[offset ${offset}] ${isRdb ? error.message : errorMessage(error)}\n`)
    this.print(`[additional info] While doing: ${this.doing}\n`)
    if (this.doing === 'read-object-value') {
      const key = latin1(this.key.bytes, 0, this.key.length)
      this.print(`[additional info] Reading key '${key}'\n`)
    }
    if (this.doing === 'read-key' || this.doing === 'read-object-value') {
      const name = TYPE_NAMES[this.rdbType] ?? 'unknown'
      this.print(`[additional info] Reading type ${this.rdbType} (${name})\n`)
    }
    this.sayCounts()
  }

  private sayCounts(): void {
    this.print(`[info] ${this.keys} keys read\n`)
    this.print(`[info] ${this.expires} expires\n`)
    this.print(`[info] ${this.alreadyExpired} already expired\n`)
  }
}
