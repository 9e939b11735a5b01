/** What INFO says of the process and its surroundings: sections Server, Clients and CPU. */
import os from 'node:os'
import { REDIS_VERSION } from '../config/config.ts'
import { lruClock } from '../keyspace/access.ts'
import { beatsPerSecond } from './cron.ts'
import type { InfoLine } from './info.ts'
import { mainThreadTime } from './main-thread-time.ts'
import type { Server } from './server.ts'

/** Redstart's own version: that of the package, as a test makes sure. */
export const REDSTART_VERSION = '0.1.0'

const MACHINE_BITS = 64
const SECONDS_A_DAY = 86_400

/** The system's name, release and machine; fixed while the process lives. */
const SYSTEM = `${os.type()} ${os.release()} ${os.machine()}`

export function serverSection(server: Server): InfoLine[] {
  const { config, clock } = server
  const uptimeSeconds = Math.floor((clock.nowMs - server.startedMs) / 1000)
  return [
    `redis_version:${REDIS_VERSION}`,
    'redis_git_sha1:00000000',
    'redis_git_dirty:0',
    'redis_build_id:0',
    `redstart_version:${REDSTART_VERSION}`,
    `redis_mode:${config.get('cluster-enabled') ? 'cluster' : 'standalone'}`,
    `os:${SYSTEM}`,
    `arch_bits:${MACHINE_BITS}`,
    'monotonic_clock:performance.now',
    'multiplexing_api:libuv',
    'atomicvar_api:none',
    'gcc_version:0.0.0',
    `node_version:${process.versions.node}`,
    `process_id:${process.pid}`,
    'process_supervised:no',
    `run_id:${server.runId}`,
    `tcp_port:${config.get('port') || config.get('tls-port')}`,
    `server_time_usec:${clock.unixMicroseconds()}`,
    `uptime_in_seconds:${uptimeSeconds}`,
    `uptime_in_days:${Math.floor(uptimeSeconds / SECONDS_A_DAY)}`,
    `hz:${beatsPerSecond(server)}`,
    `configured_hz:${config.get('hz')}`,
    `lru_clock:${lruClock(clock.nowMs)}`,
    `executable:${process.argv[1] ?? process.execPath}`,
    `config_file:${config.file ?? ''}`,
    'io_threads_active:0',
    ...listenerLines(server),
  ]
}

/** Where the server listens, as configured; the numbers are those that Redis gives the kinds. */
function listenerLines({ config }: Server): InfoLine[] {
  const addresses = (config.print('bind') ?? '').split(' ').filter((address) => address !== '')
  const binds = addresses.map((address) => `,bind=${address}`).join('')
  const [port, tlsPort] = [config.get('port'), config.get('tls-port')]
  const path = config.print('unixsocket') ?? ''
  const lines: InfoLine[] = []
  if (port > 0) lines.push(`listener0:name=tcp${binds},port=${port}`)
  if (path !== '') lines.push(`listener1:name=unix,bind=${path}`)
  if (tlsPort > 0) lines.push(`listener2:name=tls${binds},port=${tlsPort}`)
  return lines
}

export function clientsSection(server: Server): InfoLine[] {
  const { clientMemory } = server
  clientMemory.measure()
  return [
    `connected_clients:${server.sessions.size}`,
    'cluster_connections:0',
    `maxclients:${server.config.get('maxclients')}`,
    `client_recent_max_input_buffer:${clientMemory.recentMaxInputBytes}`,
    `client_recent_max_output_buffer:${clientMemory.recentMaxOutputBytes}`,
    `blocked_clients:${server.pause.heldCount + server.blocking.count}`,
    `tracking_clients:${server.tracking.clientCount}`,
    `clients_in_timeout_table:${server.blocking.deadlineCount}`,
    `total_blocking_keys:${server.blocking.keyCount}`,
    'total_blocking_keys_on_nokey:0',
  ]
}

function seconds(microseconds: number): string {
  return (microseconds / 1_000_000).toFixed(6)
}

export function cpuSection(_server: Server): InfoLine[] {
  const { systemCPUTime, userCPUTime } = process.resourceUsage()
  return [
    `used_cpu_sys:${seconds(systemCPUTime)}`,
    `used_cpu_user:${seconds(userCPUTime)}`,
    'used_cpu_sys_children:0.000000',
    'used_cpu_user_children:0.000000',
    ...mainThreadLines(),
  ]
}

/** As in Redis, only where the system tells. */
function mainThreadLines(): InfoLine[] {
  const time = mainThreadTime()
  if (time === null) return []
  return [
    `used_cpu_sys_main_thread:${seconds(time.systemUs)}`,
    `used_cpu_user_main_thread:${seconds(time.userUs)}`,
  ]
}
