/**
 * LATENCY: what took long (`src/server/latency-monitor.ts`), and how long the calls of commands
 * take (`src/commands/latency-histogram.ts`). Replies and errors are those of Redis 7.2.
 */
import { untilNul } from '../c-string.ts'
import { type CommandFlag, type CommandSpec, command, string } from '../command.ts'
import type { Command, CommandTable } from '../command-table.ts'
import { CommandError } from '../errors.ts'
import type { LatencyHistogram } from '../latency-histogram.ts'
import { replyWithHelp } from './help.ts'
import { latencyReport } from './latency-doctor.ts'
import { sparkline } from './sparkline.ts'

const FLAGS: readonly CommandFlag[] = ['admin', 'noscript', 'loading', 'stale']
const TIPS = ['nondeterministic_output', 'request_policy:all_nodes', 'response_policy:special']
const GRAPH_COLUMNS = 80

/** How long ago something was, as the label of a column. */
function age(seconds: number): string {
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`
  return `${Math.floor(seconds / 86_400)}d`
}

const doctor = command({
  name: 'DOCTOR',
  group: 'server',
  since: '2.8.13',
  complexity: 'O(1)',
  summary: 'Explains in words what took long, and what may help.',
  arity: 2,
  flags: FLAGS,
  tips: TIPS,
  run: ({ reply, server }) => reply.verbatim('txt', latencyReport(server)),
})

const graph = command({
  name: 'GRAPH',
  group: 'server',
  since: '2.8.13',
  complexity: 'O(1)',
  summary: 'Draws how long an event took, in characters.',
  arity: 3,
  flags: FLAGS,
  tips: TIPS,
  args: [string('event')],
  run({ args, reply, server }) {
    const name = args.text(2)
    const event = server.latency.events.get(name)
    if (event === undefined) {
      throw new CommandError(`ERR No samples available for event '${untilNul(name)}'`)
    }
    const nowSeconds = Math.floor(server.clock.nowMs / 1000)
    const times = event.samples.map(({ latencyMs }) => latencyMs)
    const range = `high ${Math.max(...times)} ms, low ${Math.min(...times)} ms`
    const title = `${name} - ${range} (all time high ${event.worstMs} ms)`
    const picture = sparkline(
      event.samples.map(({ latencyMs, unixSeconds }) => ({
        value: latencyMs,
        label: age(nowSeconds - unixSeconds),
      })),
    )
    reply.verbatim('txt', `${title}\n${'-'.repeat(GRAPH_COLUMNS)}\n${picture}`)
  },
})

/** The histograms of a command and its subcommands, under their full names. */
function histogramsOf({ fullName, latencies, subcommands }: Command): [string, LatencyHistogram][] {
  const own: [string, LatencyHistogram][] = latencies === null ? [] : [[fullName, latencies]]
  const subs = [...(subcommands?.values() ?? [])]
  return own.concat(subs.flatMap(histogramsOf))
}

/** The commands that are named, those that are not known left out; all if none is. */
function commandsOf(table: CommandTable, names: readonly string[]): Command[] {
  if (names.length === 0) return [...table.all()]
  return names.flatMap((name) => table.get(name) ?? [])
}

const histogram = command({
  name: 'HISTOGRAM',
  group: 'server',
  since: '7.0.0',
  complexity: 'O(N) where N is the number of commands that are told of.',
  summary: 'Answers how many calls of commands took up to how many microseconds.',
  arity: -2,
  flags: FLAGS,
  tips: TIPS,
  args: [string('COMMAND', { optional: true, multiple: true })],
  run({ args, reply, server }) {
    const names: string[] = []
    for (let i = 2; i < args.count; i++) names.push(args.text(i))
    const found = commandsOf(server.commands, names).flatMap(histogramsOf)
    reply.map(found.length)
    for (const [name, latencies] of found) {
      const steps = latencies.distribution()
      reply.bulkText(name)
      reply.map(2)
      reply.bulkText('calls')
      reply.integer(latencies.calls)
      reply.bulkText('histogram_usec')
      reply.map(steps.length)
      for (const [microseconds, calls] of steps) {
        reply.integer(microseconds)
        reply.integer(calls)
      }
    }
  },
})

const history = command({
  name: 'HISTORY',
  group: 'server',
  since: '2.8.13',
  complexity: 'O(1)',
  summary: 'Answers when an event took long, and how long.',
  arity: 3,
  flags: FLAGS,
  tips: TIPS,
  args: [string('event')],
  run({ args, reply, server }) {
    const samples = server.latency.events.get(args.text(2))?.samples ?? []
    reply.array(samples.length)
    for (const { latencyMs, unixSeconds } of samples) {
      reply.array(2)
      reply.integer(unixSeconds)
      reply.integer(latencyMs)
    }
  },
})

const latest = command({
  name: 'LATEST',
  group: 'server',
  since: '2.8.13',
  complexity: 'O(1)',
  summary: 'Answers, for each event, when it last took long, how long, and how long at worst.',
  arity: 2,
  flags: FLAGS,
  tips: TIPS,
  run({ reply, server }) {
    const { events } = server.latency
    reply.array(events.size)
    for (const [name, event] of events) {
      reply.array(4)
      reply.bulkText(name)
      reply.integer(event.latest.unixSeconds)
      reply.integer(event.latest.latencyMs)
      reply.integer(event.worstMs)
    }
  },
})

const reset = command({
  name: 'RESET',
  group: 'server',
  since: '2.8.13',
  complexity: 'O(1)',
  summary: 'Forgets what is known of the events named, or of all.',
  arity: -2,
  flags: FLAGS,
  tips: ['request_policy:all_nodes', 'response_policy:agg_sum'],
  args: [string('event', { optional: true, multiple: true })],
  run({ args, reply, server }) {
    if (args.count === 2) return reply.integer(server.latency.reset())
    let count = 0
    for (let i = 2; i < args.count; i++) count += server.latency.reset(args.text(i))
    reply.integer(count)
  },
})

const help = command({
  name: 'HELP',
  group: 'server',
  since: '2.8.13',
  complexity: 'O(1)',
  summary: 'Explains the subcommands.',
  arity: 2,
  flags: ['loading', 'stale'],
  run: (context) => replyWithHelp(context, 'LATENCY', subcommands),
})

const subcommands: readonly CommandSpec[] = [doctor, graph, help, histogram, history, latest, reset]

export const latency = command({
  name: 'LATENCY',
  group: 'server',
  since: '2.8.13',
  complexity: 'Depends on the subcommand.',
  summary: 'Tells what took long, and how long commands take.',
  arity: -2,
  flags: [],
  subcommands,
})
