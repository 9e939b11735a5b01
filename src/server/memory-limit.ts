/**
 * `maxmemory`: what is live in the arena, and what is held for clients, is kept within it, by
 * eviction, or by refusing commands that need memory when nothing can be evicted.
 *
 * Before any command the dispatcher asks `isExceeded`, and if so has `makeRoom` called, whatever
 * the command is. That takes no longer than `maxmemory-eviction-tenacity` says; if that is not
 * enough, as after CONFIG SET maxmemory to much less, the command is let through all the same and
 * eviction goes on between the rounds of the event loop. Beyond that time, as much is freed as the
 * command itself brings, so that the limit is never passed by more than at first.
 *
 * Nothing is evicted while data is being loaded or CLIENT PAUSE lasts, as in Redis 7.2.
 */
import type { Config } from '../config/config.ts'
import { Eviction, type EvictionResult } from '../keyspace/eviction.ts'
import { afterRound } from '../platform/later.ts'
import type { Args } from '../resp/args.ts'
import type { Server } from './server.ts'

/** What a write may need beyond the bytes of its request: headers, and a table of a dict. */
const WRITE_OVERHEAD_BYTES = 16 * 1024

export class MemoryLimit {
  /** The limit in bytes; 0 for none. */
  bytes = 0
  readonly eviction: Eviction
  private readonly server: Server
  private immediate: NodeJS.Immediate | null = null
  /** Monotonic µs since which the limit has been exceeded, and could not be kept; 0 if it is. */
  private exceededSinceUs = 0
  private exceededUs = 0

  constructor(server: Server) {
    this.server = server
    this.eviction = new Eviction(server.keyspace)
  }

  /** Sets the limit; if more is live, eviction begins in the next round of the event loop. */
  set(bytes: number): void {
    this.bytes = bytes
    this.server.clientMemory.follow()
    if (!this.isExceeded) return this.settle()
    const { usedMemoryBytes } = this.server
    this.server.log(
      'warning',
      `WARNING: maxmemory is now ${bytes} bytes, and ${usedMemoryBytes} are in use: keys will be ` +
        'evicted, or writes refused, as maxmemory-policy says',
    )
    this.schedule()
  }

  /** Follows the directives about eviction. */
  follow(config: Config): void {
    const { eviction } = this
    config.onChange('maxmemory-policy', (policy) => eviction.setPolicy(policy))
    eviction.setPolicy(config.get('maxmemory-policy'))
    config.onChange('maxmemory-samples', (count) => eviction.setSamples(count))
    eviction.setSamples(config.get('maxmemory-samples'))
    config.onChange('maxmemory-eviction-tenacity', (value) => eviction.setTenacity(value))
    eviction.setTenacity(config.get('maxmemory-eviction-tenacity'))
  }

  /** Whether more is in use than may be: asked for before every command. */
  get isExceeded(): boolean {
    if (this.bytes === 0) return false
    const { clientMemory, keyspace } = this.server
    return keyspace.arena.liveBytes + clientMemory.totalBytes > this.bytes
  }

  /**
   * Makes room for a command, if the limit is exceeded.
   *
   * @returns false if it can't be made, and commands that need memory are to be refused
   */
  makeRoom(args: Args): boolean {
    const last = args.count - 1
    const requestBytes = args.ends[last]! - args.starts[0]!
    const result = this.run(requestBytes + WRITE_OVERHEAD_BYTES)
    if (this.server.hasOwnPushes) this.server.writeOwnPushes()
    return result !== 'failed'
  }

  private run(leastBytes: number): EvictionResult {
    const { isLoading, keyspace } = this.server
    if (isLoading || keyspace.expirySuspended) return 'done'
    const { latency } = this.server
    const startUs = latency.start()
    const dataBytes = this.bytes - this.server.clientMemory.totalBytes
    const result = this.eviction.run(dataBytes, leastBytes)
    latency.end('eviction-cycle', startUs)
    if (result === 'running') this.schedule()
    if (result === 'done') this.settle()
    else if (this.exceededSinceUs === 0) {
      this.exceededSinceUs = keyspace.clock.monotonicMicroseconds()
    }
    return result
  }

  /** Goes on evicting in the next round of the event loop. */
  private schedule(): void {
    this.immediate ??= afterRound(() => {
      const { clock, output, propagation } = this.server
      this.immediate = null
      if (!this.isExceeded) return this.settle()
      this.server.keyspace.tick()
      this.run(0)
      if (propagation.length > 0) output.schedule()
      this.server.noteTurn(clock.monotonicMicroseconds() - clock.tickUs)
    }).unref()
  }

  /** Called ten times a second: notes whether the limit is kept again. */
  look(): void {
    if (!this.isExceeded) this.settle()
  }

  /** Notes that the limit is kept again. */
  private settle(): void {
    if (this.exceededSinceUs === 0) return
    this.exceededUs += this.server.clock.monotonicMicroseconds() - this.exceededSinceUs
    this.exceededSinceUs = 0
  }

  /** Milliseconds for which the limit has been exceeded without a break; 0 if it is not. */
  get currentExceededMs(): number {
    this.look()
    if (this.exceededSinceUs === 0) return 0
    const nowUs = this.server.clock.monotonicMicroseconds()
    return Math.floor((nowUs - this.exceededSinceUs) / 1000)
  }

  /** Milliseconds for which it has been in all. */
  get totalExceededMs(): number {
    return this.currentExceededMs + Math.floor(this.exceededUs / 1000)
  }

  resetStats(): void {
    this.eviction.evictedKeys = 0
    this.exceededSinceUs = 0
    this.exceededUs = 0
  }
}
