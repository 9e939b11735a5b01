/**
 * Rates of the moment for INFO: the mean over the last 16 samples, of which the cron takes one
 * every 100 ms, as in Redis. A sample is the growth of a count in relation to another's: time in
 * microseconds, or turns.
 */

const SAMPLES = 16

/** One rate; an object of its own for each pair of counts. */
export class Rate {
  private readonly samples = new Float64Array(SAMPLES)
  private next = 0
  private lastCount = 0
  private lastBase = -1

  /** Takes a sample. @param factor what the growth is multiplied by: 1,000,000 for "a second" */
  sample(count: number, base: number, factor: number): void {
    if (this.lastBase >= 0) {
      const growth = base - this.lastBase
      const value = growth > 0 ? Math.floor(((count - this.lastCount) * factor) / growth) : 0
      this.samples[this.next] = value
      this.next = (this.next + 1) % SAMPLES
    }
    this.lastCount = count
    this.lastBase = base
  }

  /** The mean, an integer. */
  get mean(): number {
    return Math.floor(this.samples.reduce((sum, value) => sum + value, 0) / SAMPLES)
  }

  reset(): void {
    this.samples.fill(0)
    this.next = 0
    this.lastCount = 0
    this.lastBase = -1
  }
}

/** The counts that rates are of, as the server has them. */
export interface Counts {
  readonly commandsProcessed: number
  readonly netInputBytes: number
  readonly netOutputBytes: number
  readonly turns: number
  readonly turnMicroseconds: number
}

const SECOND_US = 1_000_000

export class Instantaneous {
  readonly commands = new Rate()
  readonly inputBytes = new Rate()
  readonly outputBytes = new Rate()
  readonly turns = new Rate()
  /** Microseconds a turn. */
  readonly turnMicroseconds = new Rate()

  /** To be called every 100 ms. */
  sample(counts: Counts, nowUs: number): void {
    this.commands.sample(counts.commandsProcessed, nowUs, SECOND_US)
    this.inputBytes.sample(counts.netInputBytes, nowUs, SECOND_US)
    this.outputBytes.sample(counts.netOutputBytes, nowUs, SECOND_US)
    this.turns.sample(counts.turns, nowUs, SECOND_US)
    this.turnMicroseconds.sample(counts.turnMicroseconds, counts.turns, 1)
  }

  reset(): void {
    const { commands, inputBytes, outputBytes, turns, turnMicroseconds } = this
    for (const rate of [commands, inputBytes, outputBytes, turns, turnMicroseconds]) rate.reset()
  }
}
