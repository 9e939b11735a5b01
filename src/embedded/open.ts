/**
 * Opens a store: the same engine as a server's, without its sockets. The directory is locked before
 * anything in it is read, the data is loaded, and from then on everything is logged.
 *
 * The store's timers keep no process alive. A process that ends without `close` has lost nothing
 * that it did before its last round of the event loop; what it did in that round is written as it
 * exits, unless it is killed.
 */
import { join } from 'node:path'
import { targetConnector } from '../net/target-connector.ts'
import { lockDirectory } from '../platform/directory-lock.ts'
import { soon } from '../platform/later.ts'
import { Cron } from '../server/cron.ts'
import { Server } from '../server/server.ts'
import { HostClock } from './host-clock.ts'
import { configOf, NO_DIRECTORY, type OpenOptions } from './options.ts'
import { Store } from './store.ts'

/**
 * Opens a store: in memory, or with `dir` in a directory, whose data is loaded first.
 *
 * @throws TypeError for options that do not fit; DirectoryInUse while another process, or this one,
 * has the directory open; an Error that says what is wrong with data that cannot be loaded, or the
 * one of the system for a directory that cannot be made or read
 */
export async function open(options: OpenOptions = {}): Promise<Store> {
  const config = configOf(options)
  // Later, as it may call the store, which is in the midst of something when it has a word to say.
  const { log } = options
  const lock =
    options.dir === undefined
      ? null
      : await lockDirectory(
          join(config.get('dir'), config.get('appenddirname')),
          config.get('appendfilename'),
        )
  try {
    const server = new Server({
      config,
      clock: options.clock ?? new HostClock(),
      print: (line) => soon(() => log?.(line)),
      debugArena: process.env.REDSTART_ARENA_DEBUG === '1',
    })
    server.migrations.connector = targetConnector(config)
    if (options.dir === undefined) {
      config.onApply(['appendonly'], () => (config.get('appendonly') ? NO_DIRECTORY : null))
    }
    const problem = server.access.loadAtStart()
    if (problem !== null) throw new TypeError(problem)
    const cron = new Cron(server)
    if (options.dir !== undefined) {
      await server.loading.start()
      server.saves.followsSavePoints = true
    }
    cron.start()
    return new Store(server, cron, lock)
  } catch (error) {
    lock?.release()
    throw error
  }
}
