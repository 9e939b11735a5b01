/**
 * The end of a server, whatever it runs in: what has been changed comes to the disk first.
 *
 * The log is written and synced; then a dump is saved, if that is asked for or save points are
 * configured. That may go in slices, between which the process hears signals; nobody is served
 * meanwhile, so that nothing changes that would not be saved. Log lines are those of Redis 7.2.
 */
import type { Server, ShutdownOptions } from './server.ts'

/**
 * Brings the data to the disk.
 *
 * @param inSlices whether the event loop goes on during the save
 * @param then told whether all is there, or the end is forced; else the server should go on
 */
export function prepareEnd(
  server: Server,
  options: ShutdownOptions,
  inSlices: boolean,
  then: (canEnd: boolean) => void,
): void {
  if (server.isLoading) {
    // Nothing has changed, and what is there is not all.
    server.log('warning', 'Received a request to shut down while loading, exiting now.')
    return then(true)
  }
  // Within a turn, what that has replied so far goes first.
  const { sessionInTurn } = server
  if (sessionInTurn === null) server.output.flush()
  else server.sendSoFar(sessionInTurn)
  if (server.appendOnly.isInitial) {
    const end = options.force ? 'exit anyway' : "can't exit"
    server.log('warning', `Writing initial AOF, ${end}.`)
    if (!options.force) return then(false)
  }
  server.appendOnly.whenSafe((isLogSafe) => {
    if (!isLogSafe) {
      server.log('warning', 'Error trying to write the AOF: it lacks what came last.')
    }
    saveLast(server, options, inSlices, (isSaved) => {
      then((isSaved && isLogSafe) || options.force)
    })
  })
}

/** Saves a dump, if so asked or configured. @param then told whether all went well */
function saveLast(
  server: Server,
  { save }: ShutdownOptions,
  inSlices: boolean,
  then: (isSaved: boolean) => void,
): void {
  const { config, pause, saves } = server
  if (save === false || (save === null && config.get('save').length === 0)) return then(true)
  server.log('notice', 'Saving the final RDB snapshot before exiting.')
  const end = (isSaved: boolean): void => {
    if (!isSaved) server.log('warning', "Error trying to save the DB, can't exit.")
    then(isSaved)
  }
  if (!inSlices) return end(saves.save())
  pause.freeze()
  saves.saveInSlices((isSaved) => {
    end(isSaved)
    pause.thaw()
  })
}
