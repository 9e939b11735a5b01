/** The process's title, as `proc-title-template` words it: `redstart *:6379` for the defaults. */
import type { Config } from '../config/config.ts'
import { expandTemplate } from '../config/directives-process.ts'

/** Sets the title, unless `set-proc-title` says no. */
export function setProcessTitle(config: Config): void {
  if (!config.get('set-proc-title')) return
  const template = config.get('proc-title-template')
  const title = expandTemplate(template, (name) => variable(config, name))
  if (title !== null) process.title = title.replace(/^ +| +$/g, '')
}

function variable(config: Config, name: string): string | null {
  switch (name) {
    case 'title':
      return 'redstart'
    case 'listen-addr':
      return listenAddress(config)
    case 'server-mode':
      return config.get('cluster-enabled') ? '[cluster]' : ''
    case 'config-file':
      return config.file ?? ''
    default:
      return config.print(name)
  }
}

function listenAddress(config: Config): string {
  const port = config.get('port') || config.get('tls-port')
  if (port === 0) return config.get('unixsocket')
  return `${config.get('bind')[0] ?? '*'}:${port}`
}
