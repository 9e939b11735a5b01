/**
 * A cache in a web server: pages that are slow to make are kept for a minute, in the process, with
 * at most 64 MB; the pages that were not used for longest go first.
 */
import http from 'node:http'
import { open } from 'redstart'

const store = await open({ maxmemory: '64mb', 'maxmemory-policy': 'allkeys-lru' })

const server = http.createServer(async (request, response) => {
  const key = `page:${request.url}`
  let page = store.get(key)
  response.setHeader('x-cache', page === null ? 'miss' : 'hit')
  if (page === null) {
    page = await makePage(request.url)
    store.set(key, page, { EX: 60 })
  }
  response.end(page)
})

async function makePage(url) {
  await new Promise((resolve) => setTimeout(resolve, 20))
  return `the page ${url}`
}

// Ask for one page twice.
await new Promise((resolve) => server.listen(0, resolve))
const address = `http://localhost:${server.address().port}`
for (let i = 0; i < 2; i++) {
  const response = await fetch(`${address}/news`)
  console.log(response.headers.get('x-cache'), await response.text())
}
server.closeAllConnections()
server.close()
await store.close()
