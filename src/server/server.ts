/**
 * The server: the keyspace with its commands, the sessions that use it, and what is counted.
 *
 * It knows nothing of sockets. A transport gives it bytes through a `Session`; all that arrives at
 * once is one turn: `beginTurn` reads the clock, `endTurn` has the replies of all its
 * commands sent in one write.
 */
import { randomBytes } from 'node:crypto'
import { COMMANDS } from '../commands/all.ts'
import { CommandTable } from '../commands/command-table.ts'
import { loggedClientLine } from '../commands/connection/client-line.ts'
import { Config } from '../config/config.ts'
import type { BufferLimit } from '../config/special.ts'
import { ActiveExpiry } from '../keyspace/active-expiry.ts'
import { Keyspace } from '../keyspace/keyspace.ts'
import { type Clock, SystemClock } from '../platform/clock.ts'
import { type Files, SystemFiles } from '../platform/files.ts'
import { Random } from '../platform/random.ts'
import { Args } from '../resp/args.ts'
import { isSilent } from '../resp/reply-mode.ts'
import { RespReply } from '../resp/resp-reply.ts'
import { AccessControl } from './access-control.ts'
import { AppendOnly } from './append-only.ts'
import { BackgroundSnapshot } from './background-snapshot.ts'
import { Blocking } from './blocking.ts'
import { CallWatch } from './call-watch.ts'
import { ClientMemory } from './client-memory.ts'
import { Dispatcher } from './dispatcher.ts'
import { DueShutdown } from './due-shutdown.ts'
import { followDirectives } from './followed-directives.ts'
import { Guard } from './guard.ts'
import { infoReport } from './info.ts'
import { Instantaneous } from './instantaneous.ts'
import { LatencyMonitor } from './latency-monitor.ts'
import { Loading } from './loading.ts'
import { Log, type LogLevel } from './log.ts'
import { MemoryLimit } from './memory-limit.ts'
import { Migrations } from './migrations.ts'
import { Monitors } from './monitors.ts'
import { Notifications } from './notifications.ts'
import { OutputQueue } from './output-queue.ts'
import { Pause } from './pause.ts'
import { Propagation } from './propagation.ts'
import { PubSub } from './pubsub.ts'
import { Removals } from './removals.ts'
import { Saves } from './saves.ts'
import { Session, type Transport } from './session.ts'
import { Tracking } from './tracking.ts'
import { Transactions } from './transaction.ts'
import { Watches } from './watches.ts'

export interface ServerOptions {
  config?: Config
  clock?: Clock
  files?: Files
  /** Seed of the server's random choices; drawn unless given. */
  seed?: number
  hashKey?: readonly [number, number]
  debugArena?: boolean
  /** Where log lines go when no log file is set. */
  print?: (line: string) => void
}

/** What SHUTDOWN asks for beyond the shutdown itself. */
export interface ShutdownOptions {
  /** Whether to save the data first; null leaves it to the configured save points. */
  readonly save: boolean | null
  /** Does not wait for replicas that lag behind. */
  readonly now: boolean
  /** Goes on although saving failed. */
  readonly force: boolean
}

/** Ends what the server runs in, now or a little later; calls back only if that cannot be done. */
export type ShutdownListener = (options: ShutdownOptions, whenFailed: () => void) => void

/** Replies of a turn below this are not held against the limits before the kernel has had them. */
const LONG_REPLY_BYTES = 64 * 1024

/** Longer words are no codes of errors, and of codes so many are counted. */
const ERROR_CODE_MAX = 31
const ERROR_CODES_MAX = 128

/** What may wait for a client that has not said who it is; as in Redis since 7.2.8. */
const STRANGERS_OUTPUT_BYTES = 1024

export class Server {
  readonly config: Config
  readonly clock: Clock
  readonly files: Files
  readonly random: Random
  readonly keyspace: Keyspace
  readonly commands = new CommandTable(COMMANDS)
  readonly dispatcher: Dispatcher
  /** The replies of the turn under way, behind those that are not sent yet. */
  readonly reply = new RespReply()
  /** Sends the replies at the end of each round of the event loop. */
  readonly output = new OutputQueue(this.reply)
  readonly sessions = new Map<number, Session>()
  readonly activeExpiry: ActiveExpiry
  readonly memory: MemoryLimit
  readonly clientMemory = new ClientMemory(this)
  readonly logger: Log
  readonly pause: Pause
  readonly blocking: Blocking
  readonly latency: LatencyMonitor
  readonly callWatch: CallWatch
  readonly monitors = new Monitors(this)
  readonly watches: Watches
  readonly transactions: Transactions
  readonly pubsub = new PubSub(this)
  /** The users and their rights. */
  readonly access = new AccessControl(this)
  readonly notifications: Notifications
  readonly tracking: Tracking
  /** The writes, for the append only file. */
  readonly propagation = new Propagation()
  readonly snapshots = new BackgroundSnapshot(this)
  readonly saves: Saves
  readonly appendOnly: AppendOnly
  readonly loading = new Loading(this)
  readonly migrations = new Migrations(this)
  readonly guard = new Guard(this)
  readonly removals: Removals
  readonly startedMs: number
  readonly startedUs: number
  /** 40 hexadecimal digits that tell this run of the server from all others. */
  readonly runId = randomBytes(20).toString('hex')
  readonly errorCounts = new Map<string, number>()
  /** Tells this history of the data from others, for replicas. */
  replicationId = randomBytes(20).toString('hex')
  /** Rates of the moment, sampled every 100 ms. */
  readonly instantaneous = new Instantaneous()

  // What the configuration says, where it is asked for at every request.
  protoMaxBulkLength = 0
  clientQueryBufferLimit = 0
  /** Whether commands keep count of how long their calls take. */
  tracksLatency = true
  /** Hard limit of `client-output-buffer-limit pubsub`; 0 for none. */
  pubsubHardBytes = 0

  /** Changes since the last save. */
  dirty = 0
  commandsProcessed = 0
  connectionsReceived = 0
  connectionsRejected = 0
  netInputBytes = 0
  netOutputBytes = 0
  /** Turns of all kinds, those of the cron among them, and the time they took. */
  turns = 0
  turnMicroseconds = 0
  /** Turns that began with a read, the time they took, and how many of them had replies. */
  reads = 0
  readMicroseconds = 0
  writes = 0
  mostCommandsInTurn = 0
  errorReplies = 0
  queryBufferLimitDisconnections = 0
  outputBufferLimitDisconnections = 0
  peakMemoryBytes = 0
  /** The longest time in µs for which nobody else was served, since the last RESETSTAT. */
  longestTurnUs = 0

  /** Set by what the server runs in; null where there is no process to end. */
  shutdownListener: ShutdownListener | null = null
  /** What a signal has asked for and that has not begun. */
  readonly dueShutdown = new DueShutdown(this)
  /** Ends what the server runs in because it can't go on, with an exit code. */
  crashListener: ((code: number) => void) | null = null
  /** Tells in the log why the process is about to end, and what it was like. */
  crashReporter: ((reason: string) => void) | null = null
  /** The data is being loaded: most commands are refused. */
  isLoading = false
  /** DEBUG SET-SKIP-CHECKSUM-VALIDATION: checksums of RDB files and DUMP payloads do not count. */
  skipsChecksums = false
  /** DEBUG PAUSE-CRON: the regular work is not done, apart from keeping the time. */
  cronPaused = false

  private nextSessionId = 1
  private spareArgs: Args | null = new Args()
  private turnSession: Session | null = null
  /** Pushes to the session whose turn it is, for behind the reply of its command. */
  private ownPushes: Buffer[] = []
  /** Whether there are such: asked for after every command. */
  hasOwnPushes = false
  private turnStartUs = 0
  /** `commandsProcessed` at the beginning of the turn. */
  private turnFirstCommand = 0
  /** How much earlier turns have written. */
  private turnMark = 0

  constructor(options: ServerOptions = {}) {
    this.files = options.files ?? new SystemFiles()
    this.config = options.config ?? new Config(this.files)
    this.clock = options.clock ?? new SystemClock()
    this.random = new Random(options.seed ?? randomBytes(4).readInt32LE(0))
    this.keyspace = new Keyspace({
      databases: this.config.get('databases'),
      clock: this.clock,
      random: this.random,
      debugArena: options.debugArena ?? false,
      ...(options.hashKey ? { hashKey: options.hashKey } : {}),
    })
    const print = options.print ?? ((line: string) => process.stdout.write(line))
    this.logger = new Log(this.clock, this.files, print)
    this.latency = new LatencyMonitor(this.clock)
    this.callWatch = new CallWatch(this.latency)
    this.dispatcher = new Dispatcher(this)
    this.pause = new Pause(this.keyspace)
    this.blocking = new Blocking(this)
    this.watches = new Watches(this.keyspace)
    this.transactions = new Transactions(this.watches)
    this.notifications = new Notifications(this.keyspace, this.pubsub)
    this.saves = new Saves(this)
    this.appendOnly = new AppendOnly(this)
    this.tracking = new Tracking(this)
    this.output.beforeSend = () => {
      if (this.tracking.broadcasts.isPending && this.turnSession === null) this.tracking.broadcast()
      this.appendOnly.flush()
    }
    this.activeExpiry = new ActiveExpiry(this.keyspace)
    this.memory = new MemoryLimit(this)
    this.startedMs = this.clock.nowMs
    this.startedUs = this.clock.monotonicMicroseconds()
    this.removals = new Removals(this)
    this.keyspace.listener = this.removals
    this.callWatch.follow(this)
    followDirectives(this)
  }

  /** Bytes in use, as `maxmemory` counts them: of the arena, and for clients as last looked at. */
  get usedMemoryBytes(): number {
    this.notePeakMemory()
    return this.keyspace.arena.liveBytes + this.clientMemory.totalBytes
  }

  private notePeakMemory(): void {
    const usedBytes = this.keyspace.arena.liveBytes + this.clientMemory.totalBytes
    if (usedBytes > this.peakMemoryBytes) this.peakMemoryBytes = usedBytes
  }

  /** The report of INFO: see `infoReport`. */
  info(sections: readonly string[]): string {
    return infoReport(this, sections)
  }

  /** Whether a session comes from this machine, which counts for `local` rights. */
  isLocal({ transport }: Session): boolean {
    const { isUnixSocket, remoteAddress } = transport
    return isUnixSocket || remoteAddress === '' || /^(127\.0\.0\.1|\[::1\]):/.test(remoteAddress)
  }

  log(level: LogLevel, text: string): void {
    this.logger.write(level, text)
  }

  addSession(transport: Transport): Session {
    this.keyspace.tick()
    const session = new Session(this, this.nextSessionId++, transport)
    this.sessions.set(session.id, session)
    if (transport.isHandshaking !== true) this.connectionsReceived++
    return session
  }

  removeSession(session: Session): void {
    this.sessions.delete(session.id)
    this.pause.forget(session)
    this.blocking.forget(session)
    this.transactions.discard(session)
    this.pubsub.forget(session)
    this.monitors.forget(session)
    this.tracking.disable(session)
    this.guard.forget(session)
    this.snapshots.forget(session)
    this.migrations.forget(session)
    this.clientMemory.forget(session)
  }

  /** The arguments object that requests are parsed into; to be given back after use. */
  takeArgs(): Args {
    const args = this.spareArgs ?? new Args()
    this.spareArgs = null
    return args
  }

  giveArgs(args: Args): void {
    this.spareArgs = args
  }

  /** Begins a turn for what has arrived from `session`. */
  beginTurn(session: Session): void {
    this.keyspace.tick()
    this.turnTo(session)
    this.turnStartUs = this.clock.tickUs
    this.turnFirstCommand = this.commandsProcessed
    this.dispatcher.timer.beginTurn(this.turnStartUs)
  }

  /** Has what is replied from now on go to a session, behind what has been pushed to it. */
  private turnTo(session: Session): void {
    if (session.pushBytes > LONG_REPLY_BYTES) this.output.flush()
    this.turnMark = this.reply.length
    this.turnSession = session
    this.reply.protocol = session.protocol
    this.keyspace.touching = !session.noTouch
    if (session.firstPush !== null) this.output.settle(session)
  }

  /** The session whose requests are being done; null between turns. */
  get sessionInTurn(): Session | null {
    return this.turnSession
  }

  /** Ends the turn: its replies are to be sent. */
  endTurn(session: Session): void {
    this.dispatcher.timer.settle()
    if (this.hasOwnPushes) this.writeOwnPushes()
    const turnUs = this.dispatcher.timer.startUs - this.turnStartUs
    this.noteTurn(turnUs)
    this.reads++
    this.readMicroseconds += turnUs
    const commands = this.commandsProcessed - this.turnFirstCommand
    if (commands > this.mostCommandsInTurn) this.mostCommandsInTurn = commands
    this.turnSession = null
    const written = this.noteWritten(session)
    if (written > 0 || session.closing) this.output.endTurn(session)
    else if (this.propagation.length > 0) this.output.schedule()
    if (this.clientMemory.isFollowed) this.clientMemory.afterTurn(session)
    this.blocking.readOn()
  }

  /** Within the turn of one session, between its commands: has `write` reply to another. */
  writeTo(session: Session, write: () => void): void {
    const { output } = this
    const turnSession = this.turnSession!
    if (this.noteWritten(turnSession) > 0) output.endTurn(turnSession)
    this.turnTo(session)
    write()
    if (this.noteWritten(session) > 0 || session.closing) output.endTurn(session)
    this.turnTo(turnSession)
  }

  /**
   * Sends bytes that answer no request, in RESP as they are, in order with the session's replies;
   * within its own turn, behind the reply of the command under way.
   *
   * @param bytes shared by all who are sent the same, so never to be changed
   */
  pushTo(session: Session, bytes: Buffer): void {
    if (session.closing) return
    if (session === this.turnSession) {
      this.ownPushes.push(bytes)
      this.hasOwnPushes = true
      return
    }
    this.output.push(session, bytes)
    const { isMonitor, subscriptions } = session
    const normalHardBytes = isMonitor ? this.outputLimits(session).hardBytes : 0
    const hardBytes = subscriptions === null ? normalHardBytes : this.pubsubHardBytes
    if (hardBytes === 0) return
    if (session.pushBytes + session.transport.queuedBytes >= hardBytes)
      this.closeSlowReader(session)
  }

  /**
   * After a command: writes the pushes that it has caused to its own session. What this has tracked
   * comes first, as in Redis 7.2.
   */
  writeOwnPushes(): void {
    const { output, turnSession } = this
    const others = this.ownPushes
    this.ownPushes = []
    this.tracking.tellOwn()
    const ownPushes = this.ownPushes.length === 0 ? others : [...this.ownPushes, ...others]
    this.ownPushes = []
    this.hasOwnPushes = false
    let length = 0
    for (const bytes of ownPushes) length += bytes.length
    if (length <= LONG_REPLY_BYTES) {
      for (const bytes of ownPushes) this.reply.raw(bytes)
      return
    }
    // What is long is not copied behind the replies, but sent as it is.
    this.sendSoFar(turnSession!)
    for (const bytes of ownPushes) output.push(turnSession!, bytes)
    output.flush()
  }

  /** Within a turn: sends what it has replied, so that no pipeline gathers more than a part. */
  sendSoFar(session: Session): void {
    this.dispatcher.timer.end()
    this.noteWritten(session)
    this.output.endTurn(session)
    this.output.flush()
    this.turnMark = 0
    // What the disk and the network take is no command's.
    this.dispatcher.timer.disregard()
  }

  /** Counts what the turn has written. A reply beyond the client's limit is not even tried. */
  private noteWritten(session: Session): number {
    const written = this.reply.length - this.turnMark
    this.netOutputBytes += written
    if (written > 0) this.writes++
    if (written > LONG_REPLY_BYTES && !session.closed) {
      const { hardBytes } = this.outputLimits(session)
      const queued = session.transport.queuedBytes + written
      if (hardBytes > 0 && queued >= hardBytes) this.closeSlowReader(session)
    }
    return written
  }

  private outputLimits(session: Session): BufferLimit {
    const { normal, pubsub } = this.config.get('client-output-buffer-limit')
    return session.subscriptions === null ? normal : pubsub
  }

  /** Checks the limits of a client's output, after some of it had to be queued. */
  outputQueued(session: Session): void {
    if (this.clientMemory.isFollowed) this.clientMemory.outputChanged(session)
    const limits = this.outputLimits(session)
    const queued = session.transport.queuedBytes
    const isBeyond = limits.hardBytes > 0 && queued >= limits.hardBytes
    if (isBeyond || (queued > STRANGERS_OUTPUT_BYTES && session.needsAuth)) {
      return this.closeSlowReader(session)
    }
    if (limits.softBytes === 0 || queued < limits.softBytes) {
      session.softLimitSinceMs = 0
    } else if (session.softLimitSinceMs === 0) {
      session.softLimitSinceMs = this.clock.nowMs
    } else if (this.clock.nowMs - session.softLimitSinceMs > limits.softSeconds * 1000) {
      this.closeSlowReader(session)
    }
  }

  /** Ends a connection that would take more memory for its replies than it may. */
  closeSlowReader(session: Session): void {
    if (session.transport.isReadAtOnce) return
    this.outputBufferLimitDisconnections++
    this.log(
      'warning',
      `Client ${loggedClientLine(session, null)} closed for overcoming of output buffer limits.`,
    )
    session.destroy()
  }

  /** Called by the cron ten times a second: takes the samples that rates and peaks are made of. */
  everyHundredMs(): void {
    this.appendOnly.look()
    this.saves.look()
    this.memory.look()
    this.guard.update()
    this.notePeakMemory()
    this.instantaneous.sample(this, this.clock.monotonicMicroseconds())
  }

  /** Notes for how long one piece of work held up everybody else. */
  noteTurn(microseconds: number): void {
    this.turns++
    this.turnMicroseconds += microseconds
    if (microseconds > this.longestTurnUs) this.longestTurnUs = Math.round(microseconds)
  }

  /** Changes the protocol of the session whose turn it is. */
  setProtocol(session: Session, protocol: 2 | 3): void {
    session.protocol = protocol
    if (session === this.turnSession) this.reply.protocol = protocol
  }

  /** Answers what can't be parsed, and ends the connection. */
  protocolError(session: Session, text: string): void {
    if (!isSilent(session.replyMode)) this.reply.error(`ERR ${text}`)
    this.countError('ERR')
    session.closeAfterReply()
    this.log('verbose', `${text} from client: ${loggedClientLine(session, null)}`)
  }

  /** Somebody speaks HTTP: perhaps a web page was made to reach us through a browser. */
  crossProtocolAttack(session: Session): void {
    this.log(
      'warning',
      'Possible SECURITY ATTACK detected. A client sent a line that HTTP has, POST or Host:, ' +
        `so a browser may have been made to send commands. Connection from ` +
        `${session.transport.remoteAddress} aborted.`,
    )
    session.destroy()
  }

  /** Counts an error reply under its code. */
  countError(text: string): void {
    const space = text.indexOf(' ')
    const hasCode = (space < 0 ? text.length : space) < ERROR_CODE_MAX
    const code = !hasCode ? 'ERR' : space < 0 ? text : text.slice(0, space)
    this.errorReplies++
    const count = this.errorCounts.get(code)
    if (count === undefined && this.errorCounts.size >= ERROR_CODES_MAX) return
    this.errorCounts.set(code, (count ?? 0) + 1)
  }

  resetStats(): void {
    this.commands.resetStats()
    this.keyspace.resetStats()
    this.memory.resetStats()
    this.clientMemory.evicted = 0
    this.access.resetStats()
    this.errorCounts.clear()
    this.errorReplies = 0
    this.commandsProcessed = 0
    this.connectionsReceived = 0
    this.connectionsRejected = 0
    this.netInputBytes = 0
    this.netOutputBytes = 0
    this.queryBufferLimitDisconnections = 0
    this.outputBufferLimitDisconnections = 0
    this.longestTurnUs = 0
    this.turns = 0
    this.turnMicroseconds = 0
    this.reads = 0
    this.readMicroseconds = 0
    this.writes = 0
    this.mostCommandsInTurn = 0
    this.turnFirstCommand = 0
    this.instantaneous.reset()
    this.activeExpiry.stalePercent = 0
    this.activeExpiry.timeCapReached = 0
    this.activeExpiry.microseconds = 0
    this.appendOnly.flushMicroseconds = 0
  }
}
