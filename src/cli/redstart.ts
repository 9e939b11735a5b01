#!/usr/bin/env node
/** The `redstart` executable: a check of files, a flag that only asks, or else the server. */
import fs from 'node:fs'
import { argv, exit } from 'node:process'
import { SystemFiles } from '../platform/files.ts'
import { checkAof } from './check-aof.ts'
import { checkRdb } from './check-rdb.ts'
import { inform } from './information.ts'
import { runServer } from './server-process.ts'

const status = answer(argv[2], argv.slice(3))
if (status !== null) exit(status)
// An error in starting is an unhandled rejection, which ends the process with its stack.
void runServer(argv.slice(2))

/** @returns the status to exit with, null if the server is to run */
function answer(word: string | undefined, words: string[]): number | null {
  if (word === 'check-aof') return runCheckAof(words)
  if (word === 'check-rdb') {
    return checkRdb(words, { files: new SystemFiles(), print: (text) => fs.writeSync(1, text) })
  }
  return inform(word)
}

function runCheckAof(words: string[]): number {
  return checkAof(words, {
    files: new SystemFiles(),
    print: (text) => fs.writeSync(1, text),
    ask: readLine,
    nowMs: Date.now(),
  })
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
