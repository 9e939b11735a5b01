#!/usr/bin/env node
/** The `redstart` executable. */
import { Listener } from '../net/listener.ts'
import { Server } from '../server/server.ts'

const server = new Server()
const port = Number(process.argv[process.argv.indexOf('--port') + 1]) || 6379
await Listener.open(server, { host: '127.0.0.1', port, backlog: 511 })
server.log('notice', 'Ready to accept connections tcp')
