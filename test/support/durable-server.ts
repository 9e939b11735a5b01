/**
 * A server on a simulated disk, as the process starts it: it loads what is there, follows its save
 * points, and is a client's to talk to.
 *
 *   const durable = await DurableServer.start({ appendonly: 'yes' })
 *   durable.client.call('SET', 'key', 'value')
 *   await durable.until(() => durable.info('aof_rewrite_in_progress') === '0')
 *   durable.beat(100)                       // the clock goes on, and what is regular is done
 *   const next = await durable.restart()    // another one, on the disk as it is
 *
 * The disk is in /data. While `disk.later` is `held`, what is done off the command thread waits for
 * `disk.settle`, so that a save or a sync stays under way for as long as a test wants.
 */
import type { DirectiveName } from '../../src/config/directives.ts'
import { ManualClock } from '../../src/platform/clock.ts'
import type { Server } from '../../src/server/server.ts'
import { InProcessClient, testServer } from './in-process-client.ts'
import { SimulatedDisk } from './simulated-disk.ts'

export type Directives = Partial<Record<DirectiveName, string | readonly string[]>>

/** Rounds of the event loop after which what is waited for is not going to come. */
const ROUNDS_MAX = 2000

export class DurableServer {
  readonly server: Server
  readonly clock: ManualClock
  readonly disk: SimulatedDisk
  readonly client: InProcessClient
  /** What the log says: levels and texts, without times. */
  readonly lines: string[]
  /** Exit codes that the server has asked for. */
  readonly exits: number[] = []
  private readonly directives: Directives

  private constructor(disk: SimulatedDisk, clock: ManualClock, directives: Directives) {
    this.disk = disk
    this.clock = clock
    this.directives = directives
    const lines: string[] = []
    this.lines = lines
    this.server = testServer({
      clock,
      files: disk,
      config: { dir: '/data', save: '', ...directives },
      print: (line) => lines.push(line.replace(/^.*? ([.\-*#]) /, '$1 ').trimEnd()),
    })
    this.server.crashListener = (code) => this.exits.push(code)
    this.client = new InProcessClient(this.server)
  }

  /** Makes one and loads what the disk has. @throws LoadError */
  static async start(
    directives: Directives = {},
    disk: SimulatedDisk = new SimulatedDisk({ directories: ['/data'] }),
    clock: ManualClock = new ManualClock(),
  ): Promise<DurableServer> {
    disk.later = 'soon'
    const durable = new DurableServer(disk, clock, directives)
    await durable.server.loading.start()
    durable.server.saves.followsSavePoints = true
    return durable
  }

  /** One that has not loaded anything yet, for tests of loading. */
  static unloaded(directives: Directives, disk: SimulatedDisk): DurableServer {
    disk.later = 'soon'
    return new DurableServer(disk, new ManualClock(), directives)
  }

  /** Another server on the same disk, with this one left as if it had been killed. */
  async restart(directives: Directives = {}): Promise<DurableServer> {
    this.client.take()
    return DurableServer.start({ ...this.directives, ...directives }, this.disk, this.clock)
  }

  /** Lets rounds of the event loop pass until something holds. */
  async until(condition: () => boolean): Promise<void> {
    for (let i = 0; i < ROUNDS_MAX; i++) {
      if (condition()) return
      await this.round()
    }
    throw new Error(`what was waited for has not come: ${condition}\n${this.lines.join('\n')}`)
  }

  /** One round, in which all that is due of immediates and short timers has been done. */
  async round(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 1))
    await new Promise((resolve) => setImmediate(resolve))
  }

  /** The clock goes on, and the regular work of a tenth of a second is done. */
  beat(ms = 100): void {
    this.clock.advance(ms)
    this.server.keyspace.tick()
    this.server.everyHundredMs()
  }

  /** Until no snapshot is under way and none is going to begin by itself. */
  async idle(): Promise<void> {
    const { appendOnly, saves, snapshots } = this.server
    await this.until(() => !snapshots.isActive && !appendOnly.isRewriting && !saves.isUnderWay)
  }

  /** A field of INFO; undefined if there is none of that name. */
  info(name: string): string | undefined {
    const text = this.server.info(['everything'])
    return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(text)?.[1]
  }

  /** Whether the log has a line with these words. */
  hasLogged(words: string): boolean {
    return this.lines.some((line) => line.includes(words))
  }
}
