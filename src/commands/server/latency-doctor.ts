/**
 * LATENCY DOCTOR: what the events that took long have in common, and what might help.
 *
 * Each kind of event has a line of figures as in Redis 7.2, and brings a few pieces of advice, each
 * of which is given once. They are about this server: nothing here forks, and large values are
 * freed in pieces, so that none is about that.
 */
import type { Server } from '../context.ts'

type Event = Server['latency']['events'] extends Map<string, infer Value> ? Value : never

/** In the order in which they are given. */
type Advice =
  | 'enable the slow log'
  | 'tune the slow log'
  | 'look at the slow log'
  | 'machine'
  | 'disk'
  | 'rewrite'
  | 'sync policy'
  | 'expiry'
  | 'eviction'

const ADVICE_BY_EVENT: ReadonlyMap<string, readonly Advice[]> = new Map<string, Advice[]>([
  ['command', ['look at the slow log']],
  ['fast-command', ['machine']],
  ['aof-write', []],
  ['aof-write-alone', ['disk']],
  ['aof-write-pending-fsync', ['disk']],
  ['aof-write-active-child', ['disk', 'rewrite']],
  ['aof-fsync-always', ['sync policy']],
  ['expire-cycle', ['expiry', 'machine']],
  ['eviction-cycle', ['eviction']],
])

const OFF =
  'Nothing is known: the latency monitor is off. Turn it on with "CONFIG SET ' +
  'latency-monitor-threshold <milliseconds>", and ask again after a while.\n'
const NOTHING = 'Nothing has taken as long as latency-monitor-threshold says: all is well.\n'
const NO_ADVICE = '\nNo simple remedy is known for this.\n'

export function latencyReport(server: Server): string {
  const { latency } = server
  if (latency.events.size === 0) return latency.isOn ? NOTHING : OFF
  const nowSeconds = Math.floor(server.clock.nowMs / 1000)
  const lines = ['There have been latency spikes:', '']
  const advice = new Set<Advice>()
  for (const [name, event] of latency.events) {
    lines.push(`${lines.length - 1}. ${name}: ${figures(event, nowSeconds)}`)
    if (name === 'command') for (const each of aboutSlowLog(server)) advice.add(each)
    for (const each of ADVICE_BY_EVENT.get(name) ?? []) advice.add(each)
  }
  const report = `${lines.join('\n')}\n`
  if (advice.size === 0) return report + NO_ADVICE
  const texts = textsOf(server)
  const given = [...texts.keys()].filter((each) => advice.has(each))
  return `${report}\nWhat may help:\n\n${given.map((each) => `- ${texts.get(each)}\n`).join('')}`
}

/** The samples of an event in numbers: all times are whole milliseconds. */
function figures({ samples, worstMs }: Event, nowSeconds: number): string {
  const times = samples.map(({ latencyMs }) => latencyMs)
  const average = mean(times)
  const deviation = mean(times.map((time) => Math.abs(average - time)))
  const seconds = Math.max(1, nowSeconds - samples[0]!.unixSeconds)
  const period = (seconds / samples.length).toFixed(2)
  return (
    `${samples.length} latency spikes (average ${average}ms, mean deviation ${deviation}ms, ` +
    `period ${period} sec). Worst all time event ${worstMs}ms.`
  )
}

function mean(numbers: readonly number[]): number {
  return Math.floor(numbers.reduce((sum, each) => sum + each, 0) / numbers.length)
}

function aboutSlowLog({ callWatch, latency }: Server): Advice[] {
  const { threshold } = callWatch.slow
  if (threshold < 0) return ['enable the slow log']
  return Math.floor(threshold / 1000) > latency.thresholdMs ? ['tune the slow log'] : []
}

function textsOf({ config, latency }: Server): Map<Advice, string> {
  const setThreshold = `CONFIG SET slowlog-log-slower-than ${latency.thresholdMs * 1000}`
  const texts = new Map<Advice, string>([
    ['enable the slow log', `The slow log is off, and would name the commands: '${setThreshold}'.`],
    [
      'tune the slow log',
      `The slow log has less than the latency monitor asks for: '${setThreshold}'.`,
    ],
    ['look at the slow log', 'SLOWLOG GET names the commands that take long.'],
    [
      'machine',
      'What takes no time by itself was held up: the process was not given the processor, or ' +
        'its memory was swapped out. Lower the load of the machine, or give the server one of ' +
        'its own.',
    ],
    [
      'disk',
      'Writing to the append only file takes long. Keep it on a local disk, an SSD if the load ' +
        'is high, that nobody else keeps busy.',
    ],
    [
      'rewrite',
      'The disk is busy with a snapshot or a rewrite. If you can do with less safety meanwhile, ' +
        "'no-appendfsync-on-rewrite yes' syncs the log only when it is over.",
    ],
    [
      'sync policy',
      "appendfsync is 'always', which waits for the disk before every reply; 'everysec' does not.",
    ],
    [
      'expiry',
      `Much expires at once. With a higher 'hz' than ${config.get('hz')} it is spread out better.`,
    ],
    [
      'eviction',
      'Much is evicted at once, perhaps since maxmemory was lowered or a command has made a ' +
        'large value. A larger maxmemory, or a lower maxmemory-eviction-tenacity, may help.',
    ],
  ])
  if (config.get('appendfsync') !== 'always') texts.delete('sync policy')
  return texts
}
