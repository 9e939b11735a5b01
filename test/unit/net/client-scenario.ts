/**
 * What the scenarios of the client libraries share: a server behind real sockets, and the proof
 * that a scenario has called everything there is.
 *
 * The server's own statistics are that proof, not what a library claims to have sent: a call that
 * was rejected for its arity or its name would not be among them.
 */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { COMMANDS } from '../../../src/commands/all.ts'
import { Listener } from '../../../src/net/listener.ts'
import type { Server } from '../../../src/server/server.ts'
import { checkServer, type TestServerOptions, testServer } from '../../support/in-process-client.ts'
import { SimulatedDisk } from '../../support/simulated-disk.ts'
import { eventually } from './raw-client.ts'

/** The time that the servers' clock shows, for as long as a test lasts. */
export const NOW_MS = 1_700_000_000_000

export interface ServedServer {
  readonly server: Server
  readonly port: number
  /** The path of the unix socket; '' if there is none. */
  readonly path: string
  /** Ends what is left of connections and checks that the data are sound. */
  close(): Promise<void>
}

/** Listens on a port that the system chooses and, if asked to, on a unix socket. */
export function serve(options: TestServerOptions = {}, hasUnixSocket = false): ServedServer {
  const server = testServer(options)
  const listeners = [Listener.open(server, { host: '127.0.0.1', port: 0, backlog: 511 })]
  const directory = hasUnixSocket ? fs.mkdtempSync(path.join(os.tmpdir(), 'redstart-client-')) : ''
  const socketPath = hasUnixSocket ? path.join(directory, 'socket') : ''
  if (hasUnixSocket) {
    listeners.push(Listener.open(server, { path: socketPath, mode: 0, backlog: 511 }))
  }
  return {
    server,
    port: listeners[0].port,
    path: socketPath,
    async close() {
      for (const listener of listeners) listener.close()
      for (const session of server.sessions.values()) session.destroy()
      await eventually(() => server.sessions.size === 0)
      checkServer(server)
      if (hasUnixSocket) fs.rmSync(directory, { recursive: true })
    },
  }
}

/** A disk in memory with the directory /data, on which everything is done soon. */
export function simulatedDisk(): SimulatedDisk {
  const disk = new SimulatedDisk({ directories: ['/data'] })
  disk.later = 'soon'
  return disk
}

/** Every command and subcommand that has something to run, as `commandstats` names it. */
export const EVERY_COMMAND: readonly string[] = COMMANDS.flatMap((spec) => [
  ...(spec.run === undefined ? [] : [spec.name]),
  ...(spec.subcommands ?? []).map((sub) => `${spec.name}|${sub.name}`),
])
  .map((name) => name.toLowerCase())
  .sort()

/** Which of all commands the server has run until now, those that answered an error included. */
export function commandsRun(server: Server): string[] {
  const names: string[] = []
  for (const command of server.commands.all()) {
    for (const each of [command, ...(command.subcommands?.values() ?? [])]) {
      if (each.calls > 0) names.push(each.fullName)
    }
  }
  return names.sort()
}

/** Ten megabytes that are not alike anywhere, so that a lost or doubled piece shows. */
export function bigValue(): Buffer {
  const bytes = Buffer.alloc(10_000_000)
  for (let i = 0; i + 4 <= bytes.length; i += 4)
    bytes.writeUInt32LE(Math.imul(i, 2654435761) >>> 0, i)
  return bytes
}

/** The value of a field of INFO. */
export function infoField(info: string, name: string): string | undefined {
  const line = info.split('\r\n').find((each) => each.startsWith(`${name}:`))
  return line?.slice(name.length + 1)
}
