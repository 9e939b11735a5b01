/**
 * How many files the system lets this process have open, and what that leaves for clients.
 *
 * As in Redis, `maxclients` is lowered at the start to what the limit allows, and the log says so;
 * CONFIG SET refuses more than that. Redis raises the limit itself where it may; Node has raised it
 * to the hard limit before any of our code runs, and offers no way beyond.
 */
import fs from 'node:fs'
import type { Server } from '../server/server.ts'

/** Descriptors that are not clients': the log, the data, listeners, the event loop. */
const RESERVED_FILES = 32

/** The limit of open files; null where it is not known or there is none. */
export function openFilesLimit(): number | null {
  if (process.platform === 'win32') return null
  try {
    const limit = process.platform === 'linux' ? limitOfProc() : limitOfReport()
    return Number.isSafeInteger(limit) && limit > 0 ? limit : null
  } catch {
    return null
  }
}

function limitOfProc(): number {
  const found = /^Max open files +(\d+)/m.exec(fs.readFileSync('/proc/self/limits', 'utf8'))
  return Number(found?.[1])
}

function limitOfReport(): number {
  const report = process.report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } }
  return Number(report.userLimits?.open_files?.soft)
}

/**
 * Keeps `maxclients` within the limit from now on.
 *
 * @returns null, or the line of the log before the server gives up
 */
export function followFileLimit(server: Server, limit: number | null): string | null {
  const { config } = server
  if (limit === null) return null
  const most = limit - RESERVED_FILES
  const asked = config.get('maxclients')
  if (asked > most) {
    const needed = asked + RESERVED_FILES
    if (most <= 0) {
      return (
        `Your current 'ulimit -n' of ${limit} is not enough for the server to start. ` +
        `Please increase your open file limit to at least ${needed}. Exiting.`
      )
    }
    config.assign('maxclients', [String(most)])
    for (const line of [
      `You requested maxclients of ${asked} requiring at least ${needed} max file descriptors.`,
      `Server can't set maximum open files to ${needed}: the hard limit is ${limit}.`,
      `Current maximum open files is ${limit}. maxclients has been reduced to ${most} to ` +
        "compensate for low ulimit. If you need higher maxclients increase 'ulimit -n'.",
    ]) {
      server.log('warning', line)
    }
  }
  config.onApply(['maxclients'], () =>
    config.get('maxclients') <= most
      ? null
      : 'The operating system is not able to handle the specified number of clients, ' +
        `try with ${most}`,
  )
  return null
}
