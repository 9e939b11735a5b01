/** `redstart check-aof` and `redstart check-rdb`, on the real files and the terminal. */
import fs from 'node:fs'
import { SystemFiles } from '../platform/files.ts'
import { checkAof } from './check-aof.ts'
import { checkRdb } from './check-rdb.ts'

export function runCheckAof(words: string[]): number {
  return checkAof(words, {
    files: new SystemFiles(),
    print,
    ask: readLine,
    nowMs: Date.now(),
  })
}

export function runCheckRdb(words: string[]): number {
  return checkRdb(words, { files: new SystemFiles(), print })
}

function print(text: string): void {
  fs.writeSync(1, text)
}

/** A short line of standard input, '' where there is none. */
function readLine(): string {
  const line = Buffer.alloc(64)
  try {
    return line.toString('latin1', 0, fs.readSync(0, line))
  } catch {
    return ''
  }
}
