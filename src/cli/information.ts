/**
 * What the executable tells of itself: its version, and how it is used. As with redis-server 7.2,
 * such a flag counts only as the first argument, help goes to standard error and exits with 1.
 */
import fs from 'node:fs'
import { crc64 } from '../bytes/crc64.ts'
import { fromText } from '../bytes/text.ts'
import { REDIS_VERSION } from '../config/config.ts'

const HELP = `Usage: redstart [file] [--directive value ...] [-]
       redstart benchmark [OPTIONS]
       redstart cli [OPTIONS] [COMMAND [ARGUMENT ...]]
       redstart check-aof [--fix | --truncate-to-timestamp SECONDS] FILE
       redstart check-rdb FILE

Serves Redis clients. The file is a redis.conf; each directive of it may also be given as a flag,
which then counts more than the file. Without anything the defaults of Redis hold: port 6379 on all
addresses, open to this machine only. But every write is logged, to ./redstart-data; --save '' keeps
the data in memory only.

  -               reads configuration from standard input; first or last
  -v, --version   prints the version
  -h, --help      prints this

Examples:
  redstart
  redstart /etc/redis/redis.conf
  redstart /etc/redis/redis.conf --port 7000 --loglevel verbose
  redstart --port 0 --unixsocket /tmp/redstart.sock
  echo 'maxmemory 128mb' | redstart -
`

const ABSENT = new Map([
  ['--test-memory', 'Redstart has no memory test: memtester and Memtest86+ are programs for it.\n'],
  ['--check-system', 'Redstart has no checks of the system.\n'],
  ['--sentinel', 'Redstart has no Sentinel mode.\n'],
])

/** Answers an informational flag. @returns the exit status; null when it is no such flag */
export function inform(flag: string | undefined): number | null {
  if (flag === '-v' || flag === '--version') {
    fs.writeSync(1, `${versionLine()}\n`)
    return 0
  }
  const text = flag === '-h' || flag === '--help' ? HELP : ABSENT.get(flag ?? '')
  if (text === undefined) return null
  fs.writeSync(2, text)
  return 1
}

/** Redstart's own version, from the package's manifest. */
export function packageVersion(): string {
  const manifest = fs.readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}

/** The version line in the form of redis-server's, which scripts take apart. */
function versionLine(): string {
  const version = packageVersion()
  const name = fromText(`redstart ${version}`)
  const build = crc64(0n, name).toString(16)
  const compatible = `Redis server v=${REDIS_VERSION} sha=00000000:0 malloc=redstart-arena bits=64`
  return `${compatible} build=${build} redstart=${version}`
}
