/**
 * Signals and crashes of the server's process.
 *
 * SIGTERM and SIGINT shut down in order, between two turns of the event loop; a SIGINT before that
 * is over exits at once with 1. SIGHUP, which a closing terminal sends, is ignored.
 * An exception that nobody catches means that the state of the server is not known any more: it is
 * told in the log, and the process exits with 1. What DEBUG ends by a signal is told there as well.
 * Other signals end it as they end any process: Node could not hear them in the midst of a crash.
 */
import os from 'node:os'
import { REDIS_VERSION } from '../config/config.ts'
import type { Server } from '../server/server.ts'

/** Lets signals end the server through `shutDown`, which tells if that could not be done. */
export function followSignals(
  server: Server,
  shutDown: (signal: 'SIGINT' | 'SIGTERM', whenFailed: () => void) => void,
): void {
  let isBegun = false
  const begin = (signal: 'SIGINT' | 'SIGTERM'): void => {
    isBegun = true
    shutDown(signal, () => {
      isBegun = false
    })
  }
  const onSignal = (signal: 'SIGINT' | 'SIGTERM'): void => {
    const isAsked = isBegun || server.dueShutdown.isSet
    if (isAsked && signal === 'SIGINT') {
      server.log('warning', 'You insist... exiting now.')
      server.saves.abandon()
      process.exit(1)
    }
    server.log('warning', `Received ${signal} scheduling shutdown...`)
    if (!isAsked) server.dueShutdown.set(() => begin(signal))
  }
  process.on('SIGTERM', () => onSignal('SIGTERM'))
  process.on('SIGINT', () => onSignal('SIGINT'))
  process.on('SIGHUP', () => {})
}

/** Ends the process with a report when an exception is caught by nobody. */
export function reportCrashes(server: Server, version: string, beforeExit: () => void): void {
  const report = (reason: string, stack: string): void => {
    for (const line of crashReport(server, version, reason, stack)) server.log('warning', line)
    beforeExit()
  }
  server.crashReporter = (reason) => report(reason, new Error(reason).stack ?? '')
  process.on('uncaughtException', (error: unknown) => {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
    report('An exception was thrown that nothing caught', stack)
    process.exit(1)
  })
}

function crashReport(server: Server, version: string, reason: string, stack: string): string[] {
  const uptimeSeconds = Math.floor((Date.now() - server.startedMs) / 1000)
  const { rss, heapUsed } = process.memoryUsage()
  return [
    '=== REDSTART BUG REPORT: begin. Please report this, with all lines up to its end ===',
    `Redstart ${version} (Redis ${REDIS_VERSION}), Node ${process.version}, ${os.type()} ` +
      `${os.release()} ${process.arch}`,
    `Up for ${uptimeSeconds} s, ${server.sessions.size} clients, ` +
      `${server.commandsProcessed} commands, ${server.keyspace.arena.liveBytes} bytes of data, ` +
      `${heapUsed} bytes of heap, ${rss} bytes resident`,
    `${reason}:`,
    ...stack.split('\n'),
    '=== REDSTART BUG REPORT: end ===',
  ]
}
