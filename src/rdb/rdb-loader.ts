/**
 * Loads an RDB file into a keyspace, in steps, so that others may be served meanwhile.
 *
 * Keys whose time has passed are left out, as a master of Redis does, unless the file is the base
 * of an append-only log: what the log does to such keys was done while they were there.
 */
import { NULL } from '../arena/arena.ts'
import { lfuWithCounter, lruAfterIdle } from '../keyspace/access.ts'
import type { Database } from '../keyspace/database.ts'
import { NO_EXPIRY, setAccess } from '../keyspace/entry.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import { LABEL_AUTO } from '../keyspace/string-value.ts'
import { Args } from '../resp/args.ts'
import { RdbMemoryError } from './rdb-error.ts'
import type { RdbInput } from './rdb-reader.ts'
import { RdbWalk, type RdbWalkOptions } from './rdb-walk.ts'

export interface RdbLoaderOptions extends RdbWalkOptions {
  /** Keeps keys whose time has passed. */
  keepExpired?: boolean
  /** Lets a key take the place of one that is there; otherwise that is an error. */
  replace?: boolean
}

export class RdbLoader extends RdbWalk {
  keysLoaded = 0
  /** Keys left out since their time had passed. */
  keysExpired = 0
  private readonly keyspace: Keyspace
  private readonly keepExpired: boolean
  private readonly replace: boolean
  private target: Database
  /** The key, as the methods of a database take it. */
  private readonly args = new Args()

  constructor(keyspace: Keyspace, input: RdbInput, options: RdbLoaderOptions = {}) {
    super(keyspace, input, options)
    this.keyspace = keyspace
    this.keepExpired = options.keepExpired ?? false
    this.replace = options.replace ?? false
    this.target = keyspace.databases[0]
    this.args.push(0, 0)
  }

  protected selectDatabase(index: number): void {
    const { databases } = this.keyspace
    if (index >= databases.length) {
      this.reader.fail(
        `there are keys of database ${index}, and only ${databases.length} databases`,
      )
    }
    this.target = databases[index]
  }

  protected store(): void {
    const { args, expireAtMs, key, keyspace, reader, target, value } = this
    const hasPassed = expireAtMs !== NO_EXPIRY && expireAtMs < keyspace.clock.nowMs
    if (hasPassed && !this.keepExpired) {
      this.keysExpired++
      value.abandon()
      return
    }
    args.bytes = key.bytes
    args.view = key.view
    args.ends[0] = key.length
    if (target.find(args, 0) !== NULL) {
      if (!this.replace) reader.fail('a key comes twice')
      target.removeFound()
    }
    const collection = value.built
    if (collection === null) {
      const { bytes, view, start, end } = reader
      const length = end - start
      if (!target.setString(args, 0, bytes, view, start, length, expireAtMs, LABEL_AUTO)) {
        throw new RdbMemoryError(reader.offset)
      }
    } else {
      if (!target.addCollection(args, 0, value.type, collection)) {
        throw new RdbMemoryError(reader.offset)
      }
      value.take()
      if (expireAtMs !== NO_EXPIRY && !target.setExpiryOfFound(expireAtMs)) {
        throw new RdbMemoryError(reader.offset)
      }
    }
    this.setAccess()
    this.keysLoaded++
  }

  /** Sets how much the key at hand has been used, if the file says so and the policy cares. */
  private setAccess(): void {
    const { frequency, idleSeconds, keyspace, target } = this
    const { nowMs } = keyspace.clock
    if (keyspace.lfu) {
      if (frequency >= 0) setAccess(keyspace.arena, target.found, lfuWithCounter(frequency, nowMs))
    } else if (idleSeconds >= 0) {
      setAccess(keyspace.arena, target.found, lruAfterIdle(idleSeconds, nowMs))
    }
  }
}
