/** What `--help` and `--version` print. */
import { REDIS_VERSION } from '../../config/config.ts'
import { packageVersion } from '../information.ts'

const USAGE = `Usage: redstart cli [OPTIONS] [COMMAND [ARGUMENT ...]]

Runs a command, or without one a session at a prompt. The options of redis-cli have their meaning.

Connection
  -h HOST             Host of the server (127.0.0.1)
  -p PORT             Port of the server (6379)
  -s PATH             Unix socket of the server, instead of host and port
  -u URI              redis://[[USER:]PASSWORD@][HOST[:PORT]][/DB], rediss:// for TLS
  -a, --pass PASSWORD Password; REDISCLI_AUTH in the environment is safer
  --user NAME         User whose password it is
  --askpass           Asks for the password
  --no-auth-warning   Does not warn of a password on the command line
  -n DB               Database
  -2, -3              Protocol: RESP2 (as without), RESP3
  -c                  Follows redirections of a cluster
  --tls               Connects by TLS; with it:
    --sni HOST, --cacert FILE, --cacertdir DIR, --cert FILE, --key FILE,
    --tls-ciphers LIST, --tls-ciphersuites LIST, --insecure

Commands
  -r N                Runs the command N times, -1 without end
  -i SECONDS          Waits so long in between (0.1 is fine)
  -x                  Takes the last argument from standard input
  -X TAG              Takes the argument that is TAG from standard input
  -e                  Exits with 1 when the command fails
  --quoted-input      Arguments are quoted strings, "\\x00" and such are escapes
  --eval FILE         Runs a Lua script: --eval FILE KEY ... , ARGUMENT ...

Output
  --raw, --no-raw     Bytes as they are (where no terminal is written to), or for people
  --csv, --json, --quoted-json
  -d TEXT, -D TEXT    What stands between elements, and behind replies, with --raw
  --show-pushes y|n   Shows pushes of RESP3 (where a terminal is written to)
  --no-pager          Shows long replies without $PAGER

Modes
  --stat              Figures of the server, line by line
  --latency, --latency-history, --latency-dist [--mono]
  --intrinsic-latency SECONDS
  --bigkeys, --memkeys, --memkeys-samples N, --hotkeys
  --scan              All keys; with it and those above:
    --pattern PATTERN, --quoted-pattern PATTERN, --count N
  --pipe              Protocol from standard input to the server
  --pipe-timeout N    Seconds without a reply after which that gives up (30; 0 for never)
  --rdb FILE, --functions-rdb FILE
                      A dump, from a server that answers SYNC; - is standard output
  --lru-test KEYS     A cache's work, and how much it finds

Offline
  --standalone [DIR]  Serves the session from this directory, without a server

  --verbose, --version, --help

At the prompt, \`help\` tells more. See docs/cli.md for all of it.
`

export function versionText(): string {
  return `redstart cli ${packageVersion()} (Redis ${REDIS_VERSION})\n`
}

export function usageText(): string {
  return `${versionText()}\n${USAGE}`
}
