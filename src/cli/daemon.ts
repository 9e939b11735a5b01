/**
 * `daemonize yes`. Node cannot fork, so the process starts a copy of itself in a session of its
 * own, with the same arguments, waits until that copy serves, and ends. What redis-server does
 * otherwise: it forks before it listens and its first process always exits with 0; here it exits
 * with the copy's status when the copy does not come up, so that a script can tell.
 *
 * The copy knows itself by an environment variable. It speaks to its parent over Node's channel
 * between processes, which it closes once it is ready; its output goes nowhere but to `logfile`.
 */
const MARK = 'REDSTART_DAEMON'

/** Whether this process is such a copy. */
export const isDaemon = process.env[MARK] === '1'

/**
 * Starts the copy and answers the status that this process shall exit with.
 * @param standardInput configuration that was read from standard input, for the copy to read
 */
export async function startDaemon(standardInput: Uint8Array | null): Promise<number> {
  // Loaded here, since every other start would pay for it.
  const { spawn } = await import('node:child_process')
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    detached: true,
    env: { ...process.env, [MARK]: '1' },
    stdio: [standardInput === null ? 'ignore' : 'pipe', 'ignore', 'ignore', 'ipc'],
  })
  child.stdin?.end(standardInput)
  return new Promise((resolve) => {
    child.once('message', () => resolve(0))
    child.once('error', () => resolve(1))
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

/** Tells the waiting parent that this copy serves, and lets go of it. */
export function announceDaemon(): void {
  if (process.send === undefined) return
  delete process.env[MARK]
  process.send('serving', () => {
    if (process.connected) process.disconnect()
  })
}
