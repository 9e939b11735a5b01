/** The client ioredis, over a connection within the process: nothing listens anywhere. */
import { AbstractConnector, Redis } from 'ioredis'
import { open } from 'redstart'

const store = await open()

class StoreConnector extends AbstractConnector {
  async connect() {
    this.stream = store.connect()
    return this.stream
  }
}

const client = new Redis({ Connector: StoreConnector })
await client.set('key', 'value')
console.log(await client.get('key'), store.get('key'))
await client.quit()
await store.close()
