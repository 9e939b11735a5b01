/**
 * One MIGRATE: the conversation with the target, from the connection to its last reply.
 *
 * AUTH and SELECT go first, and keys only when the target has agreed to both; Redis sends all at
 * once, and a target that has no such database puts the keys into another one. Keys are serialized
 * one after the other, as the target takes them, so that of many keys only a few are in memory
 * twice. Nobody changes them meanwhile (`Migrations.holds`).
 *
 * What fails before the target has answered for any key is tried once more over a new connection,
 * unless the time was over. Error texts are those of Redis 7.2 (cluster.c).
 */
import { NULL } from '../arena/arena.ts'
import { dumped } from '../commands/generic/dump.ts'
import type { Database } from '../keyspace/database.ts'
import { exactExpireAtMsOf, hasExpiry } from '../keyspace/entry.ts'
import type { Args } from '../resp/args.ts'
import { encodeRequest } from '../resp/request-encoder.ts'
import type { LinkCache } from './link-cache.ts'
import type { Server } from './server.ts'
import type { Session } from './session.ts'
import {
  CHUNK_BYTES,
  type Connector,
  LinkFailure,
  NO_DATABASE,
  type TargetLink,
} from './target-link.ts'
import type { Watcher } from './watches.ts'

export const NOT_CONNECTED = 'IOERR error or timeout connecting to the client'

/** What a MIGRATE asks for. */
export interface MigrationRequest {
  readonly host: string
  readonly port: number
  readonly database: number | bigint
  readonly timeoutMs: number
  /** Whether the keys stay here, too. */
  readonly isCopy: boolean
  /** Whether keys that the target has are replaced. */
  readonly replaces: boolean
  readonly user: Uint8Array | null
  readonly password: Uint8Array | null
  /** Indexes of the keys among the arguments: those that are there. */
  readonly keys: readonly number[]
}

/** A key on its way, by the index of its argument. */
export interface MovedKey {
  readonly index: number
  /** Tells whether somebody has changed it all the same. */
  readonly watcher: Watcher
  /** The target has it. */
  isAccepted: boolean
}

export class Migration {
  readonly session: Session
  readonly database: Database
  /** The request, in memory of its own. */
  readonly args: Args
  readonly request: MigrationRequest
  readonly keys: readonly MovedKey[]
  private readonly server: Server
  /** The first error that the target has replied. */
  private error: string | null = null
  private hasAnswered = false
  private link: TargetLink | null = null

  constructor(server: Server, session: Session, args: Args, request: MigrationRequest) {
    this.server = server
    this.session = session
    this.database = session.db
    this.args = args
    this.request = request
    this.keys = request.keys.map((index) => {
      const { db } = session
      const watcher = {
        db,
        isDirty: false,
        ignoresExpiry: true,
        watches: [],
        watchedNameBytes: 0,
      }
      return { index, watcher, isAccepted: false }
    })
  }

  /** Whom the link speaks to, and as whom. */
  private get target(): string {
    const { host, password, port, user } = this.request
    const login = [user, password].map((word) =>
      word === null ? '' : Buffer.from(word).toString('hex'),
    )
    return [host, port, ...login].join(' ')
  }

  /** Sends the keys. @returns the text of the error, or null */
  async run(links: LinkCache, connect: Connector): Promise<string | null> {
    const { target } = this
    const { host, port, timeoutMs } = this.request
    for (let mayRetry = true; ; mayRetry = false) {
      let link: TargetLink | null = null
      try {
        link = await links.take(target, connect, host, port, timeoutMs)
        if (link === null) return NOT_CONNECTED
        this.link = link
        await this.converse(link)
        links.give(target, link)
        return this.error
      } catch (failure) {
        link?.close()
        if (!(failure instanceof LinkFailure)) throw failure
        if (this.error !== null) return this.error
        if (mayRetry && !failure.isTimeout && !this.hasAnswered) continue
        const what = failure.isWriting ? 'writing' : 'reading'
        return `IOERR error or timeout ${what} to target instance`
      } finally {
        this.link = null
      }
    }
  }

  /** Gives up. */
  stop(): void {
    this.hasAnswered = true
    this.link?.close()
  }

  private async converse(link: TargetLink): Promise<void> {
    const { database, timeoutMs } = this.request
    if (!(await this.prepare(link))) return
    const sent = await this.send(link)
    for (const key of sent) {
      const line = await link.readLine(timeoutMs)
      this.hasAnswered = true
      if (line[0] === '-') this.refused(link, line)
      else key.isAccepted = true
    }
    if (this.error === null) link.database = database
  }

  /** Logs in and selects the database. @returns whether the target has agreed */
  private async prepare(link: TargetLink): Promise<boolean> {
    const { database, password, timeoutMs, user } = this.request
    const requests: Buffer[] = []
    if (password !== null) {
      requests.push(encodeRequest(user === null ? ['AUTH', password] : ['AUTH', user, password]))
    }
    if (link.database !== database) requests.push(encodeRequest(['SELECT', String(database)]))
    if (requests.length === 0) return true
    await link.write(Buffer.concat(requests), timeoutMs)
    for (let i = 0; i < requests.length; i++) {
      const line = await link.readLine(timeoutMs)
      if (line[0] === '-') this.refused(link, line)
    }
    return this.error === null
  }

  private refused(link: TargetLink, line: string): void {
    link.database = NO_DATABASE
    this.error ??= `ERR Target instance replied with error: ${line.slice(1)}`
  }

  /** Sends the keys that are there still. @returns them, in the order of their replies */
  private async send(link: TargetLink): Promise<MovedKey[]> {
    const { timeoutMs } = this.request
    const sent: MovedKey[] = []
    let batch: Buffer[] = []
    let batchBytes = 0
    for (const key of this.keys) {
      const request = this.requestFor(key)
      if (request === null) continue
      sent.push(key)
      batch.push(request)
      batchBytes += request.length
      if (batchBytes < CHUNK_BYTES) continue
      await link.write(Buffer.concat(batch), timeoutMs)
      batch = []
      batchBytes = 0
    }
    if (batchBytes > 0) await link.write(Buffer.concat(batch), timeoutMs)
    return sent
  }

  /** The RESTORE of a key; null if it has expired by now. */
  private requestFor({ index }: MovedKey): Buffer | null {
    const { args, database, request, server } = this
    const { keyspace } = server
    keyspace.tick()
    const entry = database.peek(args, index)
    if (entry === NULL) return null
    let ttl = 0n
    if (hasExpiry(keyspace.arena, entry)) {
      ttl = exactExpireAtMsOf(keyspace.arena, entry) - BigInt(Math.floor(keyspace.clock.nowMs))
      if (ttl < 0n) return null
      if (ttl < 1n) ttl = 1n
    }
    const { bytes, length } = dumped(server, database, entry)
    const words = ['RESTORE', args.slice(index), String(ttl), bytes.subarray(0, length)]
    return encodeRequest(request.replaces ? [...words, 'REPLACE'] : words)
  }
}
