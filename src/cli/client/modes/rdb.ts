/**
 * `--rdb FILE` and `--functions-rdb FILE`: a dump as the server would send it to a replica. The
 * server has to answer SYNC; what it answers instead is told. `-` as the file is standard output.
 *
 * What follows SYNC is no RESP: empty lines while the dump is being made, then `$bytes` and the
 * dump, or `$EOF:` with a mark of 40 bytes that stands again behind the dump.
 */
import fs from 'node:fs'
import type { Duplex } from 'node:stream'
import { encoded } from '../../../config/byte-string.ts'
import { errorMessage } from '../../../config/system-error.ts'
import type { ClientSession } from '../client-session.ts'
import { ConnectionError } from '../connection.ts'

const MARK_BYTES = 40

export async function rdbMode(session: ClientSession): Promise<number> {
  const { options, output } = session
  const isFunctions = options.mode === 'functions-rdb'
  await configure(session, 'capa', 'eof')
  await configure(session, 'rdb-only', '1')
  if (isFunctions && !(await configure(session, 'rdb-filter-only', 'functions'))) {
    output.error('Failed requesting functions only RDB from server, aborting\n')
    return 1
  }
  const stream = session.connection!.stream
  stream.removeAllListeners('data')
  stream.write('SYNC\r\n')
  const isStandardOutput = options.modeArgument === '-'
  let file = 1
  try {
    const head = await readHead(stream)
    if (!head.line.startsWith('$')) {
      output.error(`SYNC with master failed: ${head.line}\n`)
      return 1
    }
    const isMarked = head.line.startsWith('$EOF:')
    const mark = isMarked ? Buffer.from(head.line.slice(5), 'latin1') : null
    const size = isMarked ? 0 : Number(head.line.slice(1))
    const what = isMarked ? 'bytes of bulk transfer until EOF marker' : `${size} bytes`
    output.error(`SYNC sent to master, writing ${what} to '${encoded(options.modeArgument)}'\n`)
    if (!isStandardOutput) file = fs.openSync(options.modeArgument, 'w')
    const written = await copy(stream, head.rest, file, size, mark)
    if (!isStandardOutput) {
      fs.fsyncSync(file)
      fs.closeSync(file)
    }
    const marked = isMarked ? ` after ${written} bytes` : ''
    output.error(`Transfer finished with success${marked}\n`)
    return 0
  } catch (error) {
    output.error(`${error instanceof ConnectionError ? error.message : errorMessage(error)}\n`)
    return 1
  }
}

async function configure(session: ClientSession, name: string, value: string): Promise<boolean> {
  session.output.error(`sending REPLCONF ${name} ${value}\n`)
  const reply = await session.connection!.call('REPLCONF', name, value)
  if (reply.type !== 'error') return true
  // Servers that lack it send all the same.
  session.output.error(`REPLCONF ${name} error: ${reply.text}\n`)
  return false
}

/** The first line that is not empty, and what has come behind it. */
async function readHead(stream: Duplex): Promise<{ line: string; rest: Buffer }> {
  let bytes = Buffer.alloc(0)
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    bytes = Buffer.concat([bytes, chunk as Buffer])
    let begin = 0
    while (bytes[begin] === 10 || bytes[begin] === 13) begin++
    const end = bytes.indexOf(10, begin)
    if (end < 0) continue
    const line = bytes.toString('latin1', begin, end).replace(/\r$/, '')
    return { line, rest: bytes.subarray(end + 1) }
  }
  throw new ConnectionError('I/O error reading bulk count from SYNC: the server hung up', 'lost')
}

/** Copies the dump to a file. @returns its bytes */
async function copy(
  stream: Duplex,
  first: Buffer,
  file: number,
  size: number,
  mark: Buffer | null,
): Promise<number> {
  let written = 0
  /** With a mark, its length of bytes is held back: they may be the mark. */
  let held = first
  const take = (): boolean => {
    if (mark === null) {
      written += fs.writeSync(file, held.subarray(0, size - written))
      held = held.subarray(held.length)
      return written === size
    }
    const ready = Math.max(0, held.length - MARK_BYTES)
    for (let done = 0; done < ready; ) done += fs.writeSync(file, held, done, ready - done)
    written += ready
    held = held.subarray(ready)
    return held.equals(mark)
  }
  if (take()) return written
  for await (const chunk of stream) {
    held = Buffer.concat([held, chunk as Buffer])
    if (take()) return written
  }
  throw new ConnectionError('I/O error reading the dump: the server hung up', 'lost')
}
