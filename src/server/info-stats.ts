/**
 * What INFO says of the data and of what has been done: sections Persistence, Stats, Replication,
 * Commandstats, Errorstats, Latencystats and Keyspace.
 */
import type { Command } from '../commands/command-table.ts'
import { trimmedDouble } from '../config/number-syntax.ts'
import type { InfoLine } from './info.ts'
import type { Server } from './server.ts'

/** Bytes a second as kilobytes a second. */
function kilobytes(bytesPerSecond: number): string {
  return (bytesPerSecond / 1024).toFixed(2)
}

export function statsSection(server: Server): InfoLine[] {
  const { access, keyspace, activeExpiry, instantaneous, pubsub, tracking } = server
  return [
    `total_connections_received:${server.connectionsReceived}`,
    `total_commands_processed:${server.commandsProcessed}`,
    `instantaneous_ops_per_sec:${instantaneous.commands.mean}`,
    `total_net_input_bytes:${server.netInputBytes}`,
    `total_net_output_bytes:${server.netOutputBytes}`,
    'total_net_repl_input_bytes:0',
    'total_net_repl_output_bytes:0',
    `instantaneous_input_kbps:${kilobytes(instantaneous.inputBytes.mean)}`,
    `instantaneous_output_kbps:${kilobytes(instantaneous.outputBytes.mean)}`,
    'instantaneous_input_repl_kbps:0.00',
    'instantaneous_output_repl_kbps:0.00',
    `rejected_connections:${server.connectionsRejected}`,
    'sync_full:0',
    'sync_partial_ok:0',
    'sync_partial_err:0',
    `expired_subkeys:${keyspace.expiredFields}`,
    `expired_keys:${keyspace.expiredKeys}`,
    `expired_stale_perc:${activeExpiry.stalePercent.toFixed(2)}`,
    `expired_time_cap_reached_count:${activeExpiry.timeCapReached}`,
    `expire_cycle_cpu_milliseconds:${Math.floor(activeExpiry.microseconds / 1000)}`,
    `evicted_keys:${server.memory.eviction.evictedKeys}`,
    `evicted_clients:${server.clientMemory.evicted}`,
    `total_eviction_exceeded_time:${server.memory.totalExceededMs}`,
    `current_eviction_exceeded_time:${server.memory.currentExceededMs}`,
    `keyspace_hits:${keyspace.hits}`,
    `keyspace_misses:${keyspace.misses}`,
    `pubsub_channels:${pubsub.channels.size}`,
    `pubsub_patterns:${pubsub.patternCount}`,
    `pubsubshard_channels:${pubsub.shardChannels.size}`,
    'latest_fork_usec:0',
    'total_forks:0',
    `migrate_cached_sockets:${server.migrations.linkCount}`,
    'slave_expires_tracked_keys:0',
    'active_defrag_hits:0',
    'active_defrag_misses:0',
    'active_defrag_key_hits:0',
    'active_defrag_key_misses:0',
    'total_active_defrag_time:0',
    'current_active_defrag_time:0',
    `tracking_total_keys:${tracking.table.keyCount}`,
    `tracking_total_items:${tracking.table.itemCount}`,
    `tracking_total_prefixes:${tracking.broadcasts.count}`,
    'unexpected_error_replies:0',
    `total_error_replies:${server.errorReplies}`,
    'dump_payload_sanitizations:0',
    `total_reads_processed:${server.reads}`,
    `total_writes_processed:${server.writes}`,
    'io_threaded_reads_processed:0',
    'io_threaded_writes_processed:0',
    'reply_buffer_shrinks:0',
    'reply_buffer_expands:0',
    `client_query_buffer_limit_disconnections:${server.queryBufferLimitDisconnections}`,
    `client_output_buffer_limit_disconnections:${server.outputBufferLimitDisconnections}`,
    `eventloop_cycles:${server.turns}`,
    `eventloop_duration_sum:${Math.floor(server.turnMicroseconds)}`,
    `eventloop_duration_cmd_sum:${Math.floor(server.readMicroseconds)}`,
    `instantaneous_eventloop_cycles_per_sec:${instantaneous.turns.mean}`,
    `instantaneous_eventloop_duration_usec:${instantaneous.turnMicroseconds.mean}`,
    `event_loop_longest_stall_us:${server.longestTurnUs}`,
    `acl_access_denied_auth:${access.deniedAuth}`,
    `acl_access_denied_cmd:${access.deniedCommands}`,
    `acl_access_denied_key:${access.deniedKeys}`,
    `acl_access_denied_channel:${access.deniedChannels}`,
  ]
}

/** What is shown only if it is asked for by name. */
export function debugSection(server: Server): InfoLine[] {
  return [
    `eventloop_duration_aof_sum:${Math.floor(server.appendOnly.flushMicroseconds)}`,
    `eventloop_duration_cron_sum:${Math.floor(server.turnMicroseconds - server.readMicroseconds)}`,
    `eventloop_duration_max:${server.longestTurnUs}`,
    `eventloop_cmd_per_cycle_max:${server.mostCommandsInTurn}`,
  ]
}

const NO_REPLICATION_ID = '0'.repeat(40)

export function replicationSection(server: Server): InfoLine[] {
  return [
    'role:master',
    'connected_slaves:0',
    'master_failover_state:no-failover',
    `master_replid:${server.replicationId}`,
    `master_replid2:${NO_REPLICATION_ID}`,
    'master_repl_offset:0',
    'second_repl_offset:-1',
    'repl_backlog_active:0',
    `repl_backlog_size:${server.config.get('repl-backlog-size')}`,
    'repl_backlog_first_byte_offset:0',
    'repl_backlog_histlen:0',
  ]
}

/** A text of a user within a line: without what a line is made of. */
function safe(text: string): string {
  return text.replace(/[#:\r\n]/g, '_')
}

export function commandStatsSection({ commands }: Server): InfoLine[] {
  const lines: InfoLine[] = []
  const add = (command: Command): void => {
    const { calls, rejectedCalls, failedCalls } = command
    if (calls + rejectedCalls + failedCalls > 0) {
      const microseconds = Math.floor(command.microseconds)
      const perCall = calls > 0 ? microseconds / calls : 0
      lines.push(
        `cmdstat_${safe(command.fullName)}:calls=${calls},usec=${microseconds}` +
          `,usec_per_call=${perCall.toFixed(2)}` +
          `,rejected_calls=${rejectedCalls},failed_calls=${failedCalls}`,
      )
    }
    for (const sub of command.subcommands?.values() ?? []) add(sub)
  }
  for (const command of commands.all()) add(command)
  return lines
}

export function errorStatsSection({ errorCounts }: Server): InfoLine[] {
  return [...errorCounts]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([code, count]) => `errorstat_${safe(code)}:count=${count}`)
}

/** Which times so many percent of a command's calls did not exceed. */
export function latencyStatsSection({ commands, config, tracksLatency }: Server): InfoLine[] {
  if (!tracksLatency) return []
  const percentiles = config.get('latency-tracking-info-percentiles')
  const lines: InfoLine[] = []
  const add = ({ fullName, latencies, subcommands }: Command): void => {
    if (latencies !== null) {
      const times = percentiles.map(
        (percent) => `p${trimmedDouble(percent)}=${latencies.percentile(percent).toFixed(3)}`,
      )
      lines.push(`latency_percentiles_usec_${safe(fullName)}:${times.join(',')}`)
    }
    for (const sub of subcommands?.values() ?? []) add(sub)
  }
  for (const command of commands.all()) add(command)
  return lines
}

export function keyspaceSection({ keyspace }: Server): InfoLine[] {
  return keyspace.databases
    .filter((database) => database.count > 0)
    .map(({ index, count, expiring, averageTtlMs, fields }) => {
      const line = `db${index}:keys=${count},expires=${expiring},avg_ttl=${averageTtlMs}`
      return fields.count === 0 ? line : `${line},subexpiry=${fields.count}`
    })
}
