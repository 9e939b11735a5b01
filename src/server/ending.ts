/**
 * The end of a server, whatever it runs in: what has been changed comes to the disk first.
 *
 * The log is written and synced; then a dump is saved, if that is asked for or save points are
 * configured. Log lines are those of Redis 7.2.
 */
import type { Server, ShutdownOptions } from './server.ts'

/**
 * Brings the data to the disk.
 *
 * @param then told whether all is there, or the end is forced; else the server should go on
 */
export function prepareEnd(
  server: Server,
  options: ShutdownOptions,
  then: (canEnd: boolean) => void,
): void {
  if (server.isLoading) {
    // Nothing has changed, and what is there is not all.
    server.log('warning', 'Received a request to shut down while loading, exiting now.')
    return then(true)
  }
  server.output.flush()
  if (server.appendOnly.isInitial) {
    const end = options.force ? 'exit anyway' : "can't exit"
    server.log('warning', `Writing initial AOF, ${end}.`)
    if (!options.force) return then(false)
  }
  server.appendOnly.whenSafe((isLogSafe) => {
    if (!isLogSafe) {
      server.log('warning', 'Error trying to write the AOF: it lacks what came last.')
    }
    then((saveLast(server, options) && isLogSafe) || options.force)
  })
}

/** Saves a dump, if so asked or configured. @returns whether all went well */
function saveLast(server: Server, { save }: ShutdownOptions): boolean {
  const hasPoints = server.config.get('save').length > 0
  if (save === false || (save === null && !hasPoints)) return true
  server.log('notice', 'Saving the final RDB snapshot before exiting.')
  if (server.saves.save()) return true
  server.log('warning', "Error trying to save the DB, can't exit.")
  return false
}
