/** What the server shows of itself when it starts at a terminal: a star for its name. */
import { REDIS_VERSION } from '../config/config.ts'

export interface LogoFacts {
  readonly version: string
  readonly mode: string
  readonly port: number
}

/** The logo. Programs that start servers wait for its ` PID: `. */
export function logo({ version, mode, port }: LogoFacts): string {
  return `
         /\\
    ____/  \\____     Redstart ${version}, compatible with Redis ${REDIS_VERSION}
    '-.      .-'     Running in ${mode} mode
      /  ..  \\       Port: ${port}
     /.-'  '-.\\      PID: ${process.pid}

`
}
