/**
 * The server as a process of its own, in place of redis-server: configuration, log, pid file,
 * listeners, signals and exit codes are those of Redis 7.2.
 *
 * The order at the start: read and check all configuration, become a daemon if asked for, listen,
 * say so. What fails on the way is told on standard error or in the log, and exits with 1.
 */
import fs from 'node:fs'
import { join } from 'node:path'
import { isatty } from 'node:tty'
import { Config, REDIS_VERSION } from '../config/config.ts'
import { ConfigFileError } from '../config/config-file.ts'
import { errorMessage } from '../config/system-error.ts'
import { Listeners } from '../net/listeners.ts'
import { targetConnector } from '../net/target-connector.ts'
import { SystemClock } from '../platform/clock.ts'
import { DirectoryInUse, lockDirectory } from '../platform/directory-lock.ts'
import { SystemFiles } from '../platform/files.ts'
import { afterRound } from '../platform/later.ts'
import { Cron } from '../server/cron.ts'
import { prepareEnd } from '../server/ending.ts'
import { LoadError } from '../server/loading.ts'
import { Log } from '../server/log.ts'
import { Server, type ShutdownOptions } from '../server/server.ts'
import { announceDaemon, isDaemon, startDaemon } from './daemon.ts'
import { followFileLimit, openFilesLimit } from './file-limit.ts'
import { packageVersion } from './information.ts'
import { logo } from './logo.ts'
import { setProcessTitle } from './process-title.ts'
import { followSignals, reportCrashes } from './signals.ts'
import {
  checkUsers,
  configurationNotice,
  readStartConfig,
  renameCommands,
  type StartConfig,
} from './start-config.ts'

/** Where the pid goes when a daemon's `pidfile` is not set. */
const DEFAULT_PID_FILE = '/var/run/redis.pid'

/** Starts the server with the arguments after the program's name; it runs until it is ended. */
export async function runServer(argv: readonly string[]): Promise<void> {
  const config = new Config(new SystemFiles())
  const { start, server } = prepare(config, argv)
  if (goesToBackground(config) && !isDaemon) process.exit(await startDaemon(start.standardInput))
  await new ServerProcess(server).start(start, argv)
}

/** Writes to standard output, at once. A log that nobody reads must not end the server. */
function print(text: string): void {
  try {
    const bytes = Buffer.from(text, 'utf8')
    let written = 0
    while (written < bytes.length) written += fs.writeSync(1, bytes, written)
  } catch {
    // Closed, or full and not to be waited for: the rest of the line is lost.
  }
}

/** Reads the configuration and makes the server of it, or says what is wrong and exits. */
function prepare(config: Config, argv: readonly string[]): { start: StartConfig; server: Server } {
  try {
    const start = readStartConfig(config, argv)
    process.chdir(config.get('dir'))
    config.onChange('dir', (directory) => process.chdir(directory))
    const server = new Server({ config, print, debugArena: debugsArena() })
    server.logger.role = 'C'
    renameCommands(server)
    checkUsers(server)
    return { start, server }
  } catch (error) {
    if (!(error instanceof ConfigFileError)) throw error
    if (error.channel === 'stderr') {
      fs.writeSync(2, error.text)
    } else {
      const log = new Log(new SystemClock(), config.files, print)
      log.role = 'C'
      log.path = config.get('logfile')
      log.write('warning', error.text)
    }
    process.exit(1)
  }
}

/** Tests of the whole process check every block of memory, as unit tests do. */
function debugsArena(): boolean {
  return process.env.REDSTART_ARENA_DEBUG === '1'
}

/** Whether to leave the terminal; not when a supervisor holds this very process. */
function goesToBackground(config: Config): boolean {
  if (!config.get('daemonize')) return false
  const supervised = config.get('supervised')
  if (supervised !== 'auto') return supervised === 'no'
  return process.env.NOTIFY_SOCKET === undefined && process.env.UPSTART_JOB === undefined
}

class ServerProcess {
  private readonly server: Server
  private readonly cron: Cron
  private readonly listeners: Listeners
  private hasPidFile = false
  /** Of those who have asked for the shutdown under way. */
  private whenShutDownFails: (() => void)[] = []

  constructor(server: Server) {
    this.server = server
    this.cron = new Cron(server)
    this.listeners = new Listeners(server, () => setProcessTitle(server.config))
    server.migrations.connector = targetConnector(server.config)
    server.config.onChange('proc-title-template', () => setProcessTitle(server.config))
  }

  async start(start: StartConfig, argv: readonly string[]): Promise<void> {
    const { server } = this
    const version = packageVersion()
    reportCrashes(server, version, () => this.removePidFile())
    for (const { level, text } of start.notices) server.log(level, text)
    this.logBeginning(version, argv)
    server.logger.role = 'M'
    setProcessTitle(server.config)
    this.giveUpOn(followFileLimit(server, openFilesLimit()))
    this.showMode(version)
    await this.listen()
    this.writePidFile()
    server.shutdownListener = (options, whenFailed) => this.shutDown(options, whenFailed)
    server.crashListener = (code) => this.crash(code)
    followSignals(server, (signal, whenFailed) => {
      this.shutDown(this.optionsOf(signal), whenFailed)
    })
    if (server.access.loadAtStart() !== null) this.crash(1)
    this.cron.start()
    server.log('notice', 'Server initialized')
    this.warn()
    await this.lock()
    await this.load()
    for (const kind of this.listeners.kinds) {
      server.log('notice', `Ready to accept connections ${kind}`)
    }
    if (isDaemon) announceDaemon()
  }

  /**
   * Takes the directory for this process if the log is to be written there: another one would write
   * into the same files. It is given free by the end of the process.
   */
  private async lock(): Promise<void> {
    const { config } = this.server
    if (!config.get('appendonly')) return
    try {
      const directory = join(config.get('dir'), config.get('appenddirname'))
      await lockDirectory(directory, config.get('appendfilename'))
    } catch (error) {
      if (!(error instanceof DirectoryInUse)) throw error
      this.server.log('warning', `${error.message}. Only one process can write the log there.`)
      this.crash(1)
    }
  }

  private async load(): Promise<void> {
    const { server } = this
    try {
      await server.loading.start()
    } catch (error) {
      if (!(error instanceof LoadError)) throw error
      server.log('warning', error.message)
      this.crash(1)
    }
    server.saves.followsSavePoints = true
  }

  private logBeginning(version: string, argv: readonly string[]): void {
    const { server } = this
    const facts = `compatible with Redis ${REDIS_VERSION}, bits=64, pid=${process.pid}`
    server.log('notice', `Redstart is starting: version=${version}, ${facts}`)
    const { level, text } = configurationNotice(argv)
    server.log(level, text)
  }

  /** The logo at a terminal or when it is asked for, else a line of the log. */
  private showMode(version: string): void {
    const { config, logger } = this.server
    const mode = config.get('cluster-enabled') ? 'cluster' : 'standalone'
    const port = config.get('port') || config.get('tls-port')
    const logsToTerminal =
      config.get('logfile') === '' && !config.get('syslog-enabled') && isatty(1)
    if (logsToTerminal || config.get('always-show-logo')) {
      logger.writeRaw('notice', logo({ version, mode, port }))
    } else {
      logger.write('notice', `Running mode=${mode}, port=${port}.`)
    }
  }

  private async listen(): Promise<void> {
    await this.listeners.resolveNames()
    this.giveUpOn(this.listeners.open())
  }

  private giveUpOn(failure: string | null): void {
    if (failure === null) return
    this.server.log('warning', failure)
    process.exit(1)
  }

  /** Says what the configuration asks for and does not get, and what is likely a slip. */
  private warn(): void {
    const { server } = this
    const { config } = server
    if (config.get('replicaof') !== null) {
      server.log('warning', 'WARNING: replicaof has no effect yet: this server is a master')
    }
    if (config.get('syslog-enabled')) {
      server.log('warning', 'WARNING: syslog-enabled has no effect: the log does not go to syslog')
    }
    const maxMemory = config.get('maxmemory')
    if (maxMemory > 0 && maxMemory < 1024 * 1024) {
      server.log('warning', `WARNING: maxmemory is less than 1 MB: ${maxMemory} bytes`)
    }
  }

  private writePidFile(): void {
    const { server } = this
    const { config } = server
    if (goesToBackground(config) && config.get('pidfile') === '') {
      config.assign('pidfile', [DEFAULT_PID_FILE])
    }
    const path = config.get('pidfile')
    if (path === '') return
    this.hasPidFile = true
    try {
      fs.writeFileSync(path, `${process.pid}\n`)
    } catch (error) {
      server.log('warning', `Failed to write PID file: ${errorMessage(error)}`)
    }
  }

  private removePidFile(): void {
    if (!this.hasPidFile) return
    try {
      fs.unlinkSync(this.server.config.get('pidfile'))
    } catch {
      // It may never have been written.
    }
  }

  /** What the configuration says of a shutdown by signal. */
  private optionsOf(signal: 'SIGINT' | 'SIGTERM'): ShutdownOptions {
    const { config } = this.server
    const words = config.get(signal === 'SIGINT' ? 'shutdown-on-sigint' : 'shutdown-on-sigterm')
    const has = (word: (typeof words)[number]) => words.includes(word)
    const save = has('save') ? true : has('nosave') ? false : null
    return { save, now: has('now'), force: has('force') }
  }

  /** Ends the process in order, once the log is on the disk. */
  private shutDown(options: ShutdownOptions, whenFailed: () => void): void {
    const { server } = this
    server.log('notice', 'User requested shutdown...')
    this.whenShutDownFails.push(whenFailed)
    // Whoever asks again waits for what has begun.
    if (this.whenShutDownFails.length > 1) return
    prepareEnd(server, options, true, (canEnd) => {
      if (canEnd) this.exit()
      else this.refuseShutDown()
    })
  }

  private refuseShutDown(): void {
    const { server, whenShutDownFails } = this
    server.log('warning', 'Errors trying to shut down the server. Check the logs for details.')
    this.whenShutDownFails = []
    // Not within the turn of who asks.
    afterRound(() => {
      for (const whenFailed of whenShutDownFails) whenFailed()
    })
  }

  private exit(): void {
    const { server } = this
    this.cron.stop()
    server.snapshots.interrupt()
    if (this.hasPidFile) server.log('notice', 'Removing the pid file.')
    this.removePidFile()
    this.listeners.close()
    server.log('warning', 'Redis is now ready to exit, bye bye...')
    process.exit(0)
  }

  /** Ends the process since it cannot go on. */
  private crash(code: number): void {
    this.removePidFile()
    process.exit(code)
  }
}
