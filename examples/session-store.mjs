/**
 * Sessions of a web server, with express-session and connect-redis. The client that these want,
 * `redis`, connects to sockets only, so the store listens on one that nobody else can reach.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RedisStore } from 'connect-redis'
import session from 'express-session'
import { createClient } from 'redis'
import { open } from 'redstart'

const folder = mkdtempSync(join(tmpdir(), 'sessions-'))
const store = await open({ dir: join(folder, 'data') })

// Windows has no unix sockets for this; a port of this machine serves as well.
const isWindows = process.platform === 'win32'
const path = join(folder, 'socket')
const listening = store.listen(isWindows ? { port: 0 } : { path })
const client = createClient({ socket: isWindows ? { port: listening.port } : { path } })
await client.connect()

const withSession = session({
  store: new RedisStore({ client, ttl: 3600 }),
  secret: 'kept elsewhere',
  resave: false,
  saveUninitialized: false,
})

const server = http.createServer((request, response) => {
  withSession(request, response, () => {
    request.session.visits = (request.session.visits ?? 0) + 1
    response.end(`visit ${request.session.visits}`)
  })
})

// Come back with the cookie.
await new Promise((resolve) => server.listen(0, resolve))
const address = `http://localhost:${server.address().port}/`
const first = await fetch(address)
console.log(await first.text())
const cookie = first.headers.get('set-cookie').split(';')[0]
console.log(await (await fetch(address, { headers: { cookie } })).text())
// What the sessions are, the store itself can tell.
console.log(store.keys('sess:*').length, 'session', store.ttl(store.keys('sess:*')[0]) > 3500)

server.closeAllConnections()
server.close()
client.destroy()
await store.close()
rmSync(folder, { recursive: true })
