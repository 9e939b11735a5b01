/**
 * Removals that no command has asked for: keys and fields of hashes whose time is over, and keys
 * that had to make room. Whoever has to know of a change is told of these too.
 */
import type { Address } from '../arena/arena.ts'
import type { Database } from '../keyspace/database.ts'
import { keySliceOf } from '../keyspace/entry.ts'
import type { KeyspaceListener } from '../keyspace/keyspace.ts'
import type { Server } from './server.ts'

export class Removals implements KeyspaceListener {
  private readonly server: Server

  constructor(server: Server) {
    this.server = server
  }

  /** A key has been removed because its time is over. */
  expired(database: Database, entry: Address): void {
    this.tell(database, entry, 'expired')
    const { keyspace, propagation } = this.server
    if (!propagation.active) return
    propagation.add(database.index, [this.deletionByExpiry, keySliceOf(keyspace.arena, entry)])
  }

  /** A key has been removed to make room. */
  evicted(database: Database, entry: Address): void {
    this.tell(database, entry, 'evicted')
    const { config, keyspace, propagation } = this.server
    if (!propagation.active) return
    const command = config.get('lazyfree-lazy-eviction') ? 'UNLINK' : 'DEL'
    propagation.add(database.index, [command, keySliceOf(keyspace.arena, entry)])
  }

  private tell(database: Database, entry: Address, event: 'expired' | 'evicted'): void {
    const { notifications, tracking, watches } = this.server
    if (watches.isActive) watches.removing(database, entry)
    if (tracking.isActive) tracking.removing(entry)
    if (notifications.isActive) notifications.notifyOfEntry(database, entry, event)
  }

  /** Fields of a hash have been removed because their time is over. */
  fieldsExpired(
    database: Database,
    entry: Address,
    fields: readonly Uint8Array[],
    isGone: boolean,
  ): void {
    const { keyspace, notifications, propagation, tracking, watches } = this.server
    if (watches.isActive) watches.changed(database, entry)
    if (tracking.isActive) tracking.removing(entry)
    if (notifications.isActive) {
      notifications.notifyOfEntry(database, entry, 'hexpired')
      if (isGone) notifications.notifyOfEntry(database, entry, 'del')
    }
    if (!propagation.active) return
    propagation.add(database.index, ['HDEL', keySliceOf(keyspace.arena, entry), ...fields])
  }

  /** The command that the deletion of an expired key is passed on as. */
  get deletionByExpiry(): 'DEL' | 'UNLINK' {
    return this.server.config.get('lazyfree-lazy-expire') ? 'UNLINK' : 'DEL'
  }
}
