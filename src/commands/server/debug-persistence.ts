/** DEBUG RELOAD and LOADAOF: the data is written and read again, or read again from the log. */
import { errorMessage } from '../../config/system-error.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../errors.ts'

const FAILED = new CommandError('ERR')
const UNKNOWN_OPTION = new CommandError(
  'ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.',
)
const NOT_LOADED = new CommandError('ERR Error trying to load the RDB dump, check server logs.')
const LOG_NOT_LOADED = new CommandError(
  'ERR Error trying to load the AOF files, check server logs.',
)
const CHANGING_FILES = new CommandError(
  'ERR The files of a rewrite are being put in place, try again.',
)

/** `RELOAD [MERGE] [NOFLUSH] [NOSAVE]` */
export function reload({ args, server, reply }: Context): void {
  let saves = true
  let flushes = true
  let replaces = false
  for (let i = 2; i < args.count; i++) {
    if (args.is(i, 'merge')) replaces = true
    else if (args.is(i, 'noflush')) flushes = false
    else if (args.is(i, 'nosave')) saves = false
    else throw UNKNOWN_OPTION
  }
  if (saves && !server.saves.save()) throw FAILED
  if (flushes) server.keyspace.flushAll()
  try {
    server.loading.loadSnapshotNow(server.saves.path, { replace: replaces })
  } catch (error) {
    server.log('warning', errorMessage(error))
    throw NOT_LOADED
  }
  server.log('warning', 'DB reloaded by DEBUG RELOAD')
  reply.ok()
}

/** `LOADAOF` */
export function loadLog({ server, reply }: Context): void {
  if (server.appendOnly.isChangingFiles) throw CHANGING_FILES
  if (server.appendOnly.log.isOpen) server.appendOnly.flush()
  server.keyspace.flushAll()
  try {
    server.loading.loadLogNow()
  } catch (error) {
    server.log('warning', errorMessage(error))
    throw LOG_NOT_LOADED
  }
  server.dirty = 0
  server.log('warning', 'Append Only File loaded by DEBUG LOADAOF')
  reply.ok()
}
