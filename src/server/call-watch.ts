/**
 * Watches the calls of commands for those that the slow log and its siblings, and the latency
 * monitor, want to know of.
 *
 * The dispatcher asks little of it per call: three numbers, which follow from the thresholds. Only
 * a run of calls that took `longUs` or more, and a call with more than `largeBytes`, is looked at
 * in full. If a threshold is so small that ordinary calls reach it, or the latency monitor is on,
 * `callsInRun` is 1 and every call is timed by itself.
 */
import type { Command } from '../commands/command-table.ts'
import type { Args } from '../resp/args.ts'
import { CommandLog, loggedArguments } from './command-log.ts'
import type { LatencyMonitor } from './latency-monitor.ts'
import type { Server } from './server.ts'
import type { Session } from './session.ts'

/** No more calls than this are timed together. */
const CALLS_IN_RUN = 64
/** A call with more bytes than this, in its request or its reply, is the last of its run. */
const LARGE_BYTES = 16 * 1024
/** Below this many microseconds, a run of ordinary calls may reach the threshold. */
const SMALL_THRESHOLD_US = 1000
/** What RESP adds to the arguments of a request that is not long. */
const FRAMING_BYTES = 512

export class CallWatch {
  readonly slow = new CommandLog()
  readonly largeRequests = new CommandLog()
  readonly largeReplies = new CommandLog()
  /** A run of so many microseconds or more is to be `examined`. */
  longUs = Number.POSITIVE_INFINITY
  /** A call with more bytes than this in its arguments and its reply is the last of its run. */
  largeBytes = LARGE_BYTES
  /** A run has no more calls than this. */
  callsInRun = CALLS_IN_RUN
  private readonly latency: LatencyMonitor

  constructor(latency: LatencyMonitor) {
    this.latency = latency
  }

  /** Follows the directives. */
  follow({ config }: Server): void {
    const follow = () => {
      this.slow.threshold = config.get('slowlog-log-slower-than')
      this.slow.setMaxLength(config.get('slowlog-max-len'))
      this.largeRequests.threshold = config.get('commandlog-request-larger-than')
      this.largeRequests.setMaxLength(config.get('commandlog-large-request-max-len'))
      this.largeReplies.threshold = config.get('commandlog-reply-larger-than')
      this.largeReplies.setMaxLength(config.get('commandlog-large-reply-max-len'))
      this.latency.thresholdMs = config.get('latency-monitor-threshold')
      this.settle()
    }
    config.onChange('slowlog-log-slower-than', follow)
    config.onChange('slowlog-max-len', follow)
    config.onChange('commandlog-request-larger-than', follow)
    config.onChange('commandlog-large-request-max-len', follow)
    config.onChange('commandlog-reply-larger-than', follow)
    config.onChange('commandlog-large-reply-max-len', follow)
    config.onChange('latency-monitor-threshold', follow)
    follow()
  }

  private settle(): void {
    const slowUs = orNever(this.slow.threshold)
    this.longUs = Math.min(slowUs, orNever(this.latency.thresholdMs * 1000 || -1))
    const isExact = this.latency.isOn || slowUs < SMALL_THRESHOLD_US
    this.callsInRun = isExact ? 1 : CALLS_IN_RUN
    const { largeReplies, largeRequests } = this
    const least = Math.min(orNever(largeRequests.threshold), orNever(largeReplies.threshold))
    this.largeBytes = Math.max(-1, Math.min(LARGE_BYTES, least - FRAMING_BYTES))
  }

  /**
   * Looks at a run that took long.
   *
   * @param args the request, if the run is one call or its last call was large; else null
   * @param microseconds what it took now
   * @param totalUs the same, with what the request took before it waited
   */
  examineTime(
    session: Session,
    command: Command,
    args: Args | null,
    calls: number,
    microseconds: number,
    totalUs: number,
  ): void {
    this.latency.note(command.has('fast') ? 'fast-command' : 'command', microseconds)
    const value = Math.floor(totalUs)
    if (session.isHeld || !this.slow.takes(value) || command.has('skip_slowlog')) return
    const words =
      args === null
        ? [...command.fullName.split('|'), `... (one of ${calls} calls in a row)`]
        : loggedArguments(session, command, args)
    this.slow.add(session, value, words)
  }

  /** Looks at a call with much in its request or its reply. */
  examineSize(session: Session, command: Command, args: Args, replyBytes: number): void {
    if (session.isHeld || command.has('skip_slowlog')) return
    const requestBytes = respBytes(args)
    const isLargeRequest = this.largeRequests.takes(requestBytes)
    const isLargeReply = this.largeReplies.takes(replyBytes)
    if (!isLargeRequest && !isLargeReply) return
    const words = loggedArguments(session, command, args)
    if (isLargeRequest) this.largeRequests.add(session, requestBytes, words)
    if (isLargeReply) this.largeReplies.add(session, replyBytes, words)
  }
}

function orNever(threshold: number): number {
  return threshold < 0 ? Number.POSITIVE_INFINITY : threshold
}

/** The length of a request as RESP. */
function respBytes(args: Args): number {
  let bytes = headerBytes(args.count)
  for (let i = 0; i < args.count; i++) {
    const length = args.length(i)
    bytes += headerBytes(length) + length + 2
  }
  return bytes
}

/** A type byte, an integer and CRLF. */
function headerBytes(value: number): number {
  return String(value).length + 3
}
