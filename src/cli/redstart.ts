#!/usr/bin/env node
/**
 * The `redstart` executable: a subcommand, a flag that only asks, or else the server. Each is
 * loaded when it is called for, so that none waits for the modules of the others.
 */
import { argv, exit } from 'node:process'

/** What each subcommand does with the words behind it; answers the status to exit with. */
const SUBCOMMANDS: Record<string, (words: string[]) => Promise<number>> = {
  benchmark: async (words) => (await import('./benchmark/benchmark.ts')).runBenchmark(words),
  cli: async (words) => (await import('./client/client.ts')).runClient(words),
  'check-aof': async (words) => (await import('./check-files.ts')).runCheckAof(words),
  'check-rdb': async (words) => (await import('./check-files.ts')).runCheckRdb(words),
}

const word = argv[2] ?? ''
const run = Object.hasOwn(SUBCOMMANDS, word) ? SUBCOMMANDS[word]! : null
const status =
  run === null ? (await import('./information.ts')).inform(word) : await run(argv.slice(3))
if (status !== null) exit(status)
const { runServer } = await import('./server-process.ts')
// An error in starting is an unhandled rejection, which ends the process with its stack.
void runServer(argv.slice(2))
