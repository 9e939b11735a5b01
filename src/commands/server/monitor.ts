/** MONITOR; what it shows is the server's matter (src/server/monitors.ts). */
import { command } from '../command.ts'
import { CommandError } from '../errors.ts'

const NOT_HERE = new CommandError("ERR MONITOR isn't allowed for DENY BLOCKING client")

export const monitor = command({
  name: 'MONITOR',
  group: 'server',
  since: '1.0.0',
  complexity: 'O(1), and for each call that is shown O(N) in the length of its request.',
  summary: 'Shows the client what all clients do from now on, as they do it.',
  arity: 1,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  run({ reply, server, session }) {
    // Within EXEC every command has to answer just once.
    if (!session.mayBlock) throw NOT_HERE
    if (session.isMonitor) return
    server.monitors.add(session)
    reply.ok()
  },
})
