/**
 * The arguments of a command in the notation of Redis's documentation: `[optional]`, `a | b`,
 * `value [value ...]`, tokens in capitals. It is made from the declaration, for docs/commands.md
 * and for the answers to HELP.
 */
import type { ArgSpec, CommandSpec } from './command.ts'

/** Name and arguments, the name with that of its container: `CONFIG GET parameter [...]`. */
export function commandSyntax(spec: CommandSpec, container?: string): string {
  const name = container === undefined ? spec.name : `${container} ${spec.name}`
  return [name, ...(spec.args ?? []).map(argumentSyntax)].join(' ')
}

function argumentSyntax(arg: ArgSpec): string {
  const once = arg.type === 'pure-token' ? (arg.token ?? arg.name.toUpperCase()) : valueSyntax(arg)
  const token = arg.type === 'pure-token' || arg.token === undefined ? '' : `${arg.token} `
  let text = `${token}${once}`
  if (arg.multiple) text += ` [${arg.multipleToken ? token : ''}${once} ...]`
  return arg.optional ? `[${text}]` : text
}

function valueSyntax(arg: ArgSpec): string {
  const parts = (arg.args ?? []).map(argumentSyntax)
  if (arg.type === 'block') return parts.join(' ')
  if (arg.type !== 'oneof') return arg.display ?? arg.name
  const choice = parts.join(' | ')
  return arg.optional && arg.token === undefined && !arg.multiple ? choice : `<${choice}>`
}
