/**
 * The load of one thread against a server that is played by the test, with a clock that stands
 * until it is moved.
 */
import { describe, expect, test } from 'vitest'
import { createBatches } from '../../../../src/cli/benchmark/batches.ts'
import { fixedSize } from '../../../../src/cli/benchmark/data-sizes.ts'
import { Client, LoadDriver } from '../../../../src/cli/benchmark/load-driver.ts'
import { Pacer } from '../../../../src/cli/benchmark/pacer.ts'
import { Tally } from '../../../../src/cli/benchmark/tally.ts'
import { Random } from '../../../../src/platform/random.ts'
import { encodeRequest } from '../../../../src/resp/request-encoder.ts'

const OK = Buffer.from('+OK\r\n')

interface Settings {
  rate?: number
  clients?: number
  maxBatches?: number
  pipeline?: number
}

/** A server that answers after so many µs, which a test may change as it goes. */
class Simulation {
  nowUs = 1000
  serviceUs = 100
  isDone = false
  readonly tally = new Tally(1, 3)
  readonly driver: LoadDriver
  private readonly answers: { atUs: number; client: Client; requests: number }[] = []

  constructor({ rate = 0, clients = 1, maxBatches = 1e9, pipeline = 1 }: Settings) {
    const plan = {
      makers: [() => encodeRequest(['PING'])],
      cycle: [0],
      pipeline,
      sizes: fixedSize(3),
      hasNumbers: false,
    }
    let claimed = 0
    this.driver = new LoadDriver({
      batches: createBatches(plan, new Random(1)),
      sampler: { next: () => 0 },
      tally: this.tally,
      pacer: rate > 0 ? new Pacer(rate, pipeline) : null,
      keepAlive: true,
      claim: () => claimed++ < maxBatches,
      nowUs: () => this.nowUs,
      onDone: () => {
        this.isDone = true
      },
      onError: (text) => {
        throw new Error(text)
      },
    })
    for (let i = 0; i < clients; i++) this.connect()
  }

  private connect(): void {
    const client = new Client()
    client.link = {
      write: () => {
        const atUs = this.nowUs + this.serviceUs
        this.answers.push({ atUs, client, requests: client.pending })
        return true
      },
      reopen: () => this.driver.onReady(client),
    }
    this.driver.onReady(client)
  }

  /** Lets time pass, in steps of 10 µs. */
  run(us: number): void {
    for (const endUs = this.nowUs + us; this.nowUs < endUs && !this.isDone; this.nowUs += 10) {
      const due = this.answers.filter(({ atUs }) => atUs <= this.nowUs)
      for (const answer of due) {
        this.answers.splice(this.answers.indexOf(answer), 1)
        const bytes = Buffer.concat(Array.from({ length: answer.requests }, () => OK))
        this.driver.onBytes(answer.client, bytes, bytes.length)
      }
      this.driver.sendDue(this.nowUs)
    }
  }
}

describe('the load', () => {
  test('sends again as soon as it is answered', () => {
    const simulation = new Simulation({ clients: 2 })
    simulation.driver.start()
    simulation.run(10_000)
    expect(simulation.tally.answered).toBe(198)
    expect(simulation.tally.histograms[0]!.maxUs).toBe(100)
  })

  test('ends when all that may be sent is answered', () => {
    const simulation = new Simulation({ clients: 3, maxBatches: 10, pipeline: 16 })
    simulation.driver.start()
    simulation.run(100_000)
    expect(simulation.isDone).toBe(true)
    expect(simulation.tally.answered).toBe(160)
  })

  test('keeps to a timetable', () => {
    const simulation = new Simulation({ clients: 4, rate: 1000 })
    simulation.driver.start()
    simulation.run(1_000_000)
    expect(simulation.tally.answered).toBe(1000)
    expect(simulation.tally.histograms[0]!.percentileUs(99)).toBe(100)
    expect(simulation.tally.lateFraction).toBe(0)
  })

  test('counts with a rate all requests that a stall held up', () => {
    const stall = (rate: number): number => {
      const simulation = new Simulation({ clients: 1, rate })
      simulation.driver.start()
      simulation.run(500_000)
      simulation.serviceUs = 200_000
      simulation.run(1010)
      simulation.serviceUs = 100
      simulation.run(1_000_000)
      return simulation.tally.histograms[0]!.percentileUs(95)
    }
    // One request of thousands waits for the stall; on a timetable some two hundred do.
    expect(stall(0)).toBe(100)
    expect(stall(1000)).toBeGreaterThan(90_000)
  })

  test('knows when it was itself too slow', () => {
    const simulation = new Simulation({ clients: 4, rate: 1000 })
    simulation.driver.start()
    simulation.nowUs += 50_000
    simulation.driver.sendDue(simulation.nowUs)
    expect(simulation.tally.lateFraction).toBeGreaterThan(0.5)
  })
})
