/**
 * The modes of the client that are no commands: each takes a session that is connected, prints what
 * redis-cli 7.2 prints, and answers the status to exit with.
 */
import type { ClientSession } from '../client-session.ts'

/** Connects and runs the mode that the options name. @returns the status to exit with */
export async function runMode(session: ClientSession): Promise<number> {
  const { mode } = session.options
  if (mode === 'intrinsic-latency') {
    return (await import('./intrinsic-latency.ts')).intrinsicLatencyMode(session)
  }
  if (!(await session.connect())) return 1
  switch (mode) {
    case 'latency':
      return (await import('./latency.ts')).latencyMode(session)
    case 'latency-dist':
      return (await import('./latency-spectrum.ts')).latencySpectrumMode(session)
    case 'stat':
      return (await import('./stat.ts')).statMode(session)
    case 'scan':
      return (await import('./scan.ts')).scanMode(session)
    case 'bigkeys':
    case 'memkeys':
      return (await import('./big-keys.ts')).bigKeysMode(session, mode === 'memkeys')
    case 'hotkeys':
      return (await import('./hot-keys.ts')).hotKeysMode(session)
    case 'pipe':
      return (await import('./pipe.ts')).pipeMode(session)
    case 'lru-test':
      return (await import('./lru-test.ts')).lruTestMode(session)
    default:
      return (await import('./rdb.ts')).rdbMode(session)
  }
}
