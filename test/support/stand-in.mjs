/**
 * Stands in for the programs that shell commands in the docs name: `node stand-in.mjs <name> …`.
 *
 *   redstart          a server is started on a free port and ended when it serves; a subcommand is
 *                     run as it is, against the test's server; a report is of few and short measurements
 *   npm               `npm start` is a redstart; other scripts must be in package.json and are not run
 *   redis-cli         `redstart cli`; likewise redis-benchmark
 *   redis-server      nothing, as it need not be installed
 *   node              a file of dist/ or examples/ must be there
 *
 * Absolute paths become paths in the working directory.
 */
import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'

const ROOT = path.resolve(
  import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname),
  '../..',
)
const { REDSTART_COMMAND, TEST_PORT } = process.env
const SUBCOMMANDS = ['cli', 'benchmark', 'check-aof', 'check-rdb']
const ASKS = ['-v', '--version', '-h', '--help']

const [name, ...given] = process.argv.slice(2)
const args = given.map(inDirectory)

function inDirectory(word) {
  if (!word.startsWith('/')) return word
  const file = path.join(process.cwd(), path.basename(word))
  if (path.extname(word) === '') fs.mkdirSync(file, { recursive: true })
  else if (path.extname(word) === '.conf' && !fs.existsSync(file)) fs.writeFileSync(file, '')
  return file
}

function fail(text) {
  process.stderr.write(`${name}: ${text}\n`)
  process.exit(1)
}

function runRedstart(words) {
  const result = spawnSync(process.execPath, [REDSTART_COMMAND, ...words], { stdio: 'inherit' })
  process.exit(result.status ?? 1)
}

function freePort() {
  return new Promise((resolve) => {
    const probe = net.createServer()
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(String(port)))
    })
  })
}

/** Starts a server, and ends it when it serves. */
async function serve(words) {
  const port = await freePort()
  const own = words.filter((word, i) => word !== '--port' && words[i - 1] !== '--port')
  const isPortless = words[words.indexOf('--port') + 1] === '0'
  const child = spawn(
    process.execPath,
    [REDSTART_COMMAND, ...own, '--port', isPortless ? '0' : port],
    {
      stdio: ['inherit', 'pipe', 'inherit'],
    },
  )
  let log = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    log += text
    if (log.includes('Ready to accept connections')) child.kill('SIGTERM')
  })
  child.once('close', (status) => {
    if (status === 0) return
    process.stderr.write(log)
    process.exit(status ?? 1)
  })
}

function redstart(words) {
  if (SUBCOMMANDS.includes(words[0])) return runRedstart(toTestServer(words))
  if (ASKS.includes(words[0])) return runRedstart(words)
  return serve(words)
}

const SHORT = '--seconds 0.02 --warmup 0.01'.split(' ')
const SMALL = '--rounds 1 --commands get --policies none --pipeline 1 --clients 1,2 --keys 9'.split(
  ' ',
)

/** A report starts its servers by itself; a peer need not be installed. */
function reportOf(words) {
  if (words.includes('--resume')) return words
  const own = words.filter((word, i) => word !== '--peer' && words[i - 1] !== '--peer')
  return [...own, ...SHORT, ...SMALL]
}

function toTestServer([subcommand, ...words]) {
  if (subcommand === 'benchmark' && words[0] === 'report') return [subcommand, ...reportOf(words)]
  if (subcommand === 'benchmark' && words[0] === 'embedded') {
    return [subcommand, ...words, ...SHORT, '--threads', '1']
  }
  if (subcommand !== 'cli' && subcommand !== 'benchmark') return [subcommand, ...words]
  const own = words.filter((word, i) => word !== '-p' && words[i - 1] !== '-p')
  return [subcommand, '-p', TEST_PORT, ...own]
}

function npm(words) {
  const [action, ...rest] = words.filter((word) => word !== '--silent')
  const behind = rest.includes('--') ? rest.slice(rest.indexOf('--') + 1) : []
  if (action === 'start') return redstart(behind)
  if (action === 'install') return undefined
  const script = action === 'run' ? rest[0] : action
  const { scripts } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'))
  if (!Object.hasOwn(scripts, script)) fail(`no script ${script}`)
  return undefined
}

switch (name) {
  case 'redstart':
    redstart(args)
    break
  case 'npm':
    npm(args)
    break
  case 'npx':
    if (args[0] !== 'redstart') fail(`does not know ${args[0]}`)
    redstart(args.slice(1))
    break
  case 'redis-cli':
    runRedstart(toTestServer(['cli', ...args]))
    break
  case 'redis-benchmark':
    runRedstart(toTestServer(['benchmark', ...args]))
    break
  case 'node':
    if (!fs.existsSync(path.join(ROOT, given[0]))) fail(`no file ${given[0]}`)
    break
  case 'redis-server':
    break
  default:
    fail('is not stood in for')
}
