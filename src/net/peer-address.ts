/** Addresses of sockets as Redis shows them, and which of them are this machine's own. */

/** `address:port`, with IPv6 addresses in brackets; '' without an address. */
export function formatAddress(address: string | undefined, port: number | undefined): string {
  if (address === undefined) return ''
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`
}

/** Whether an address is one of the loopback interface. */
export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false
  return address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.')
}
