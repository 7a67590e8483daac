import type { IncomingMessage } from 'node:http'
import ipaddr from 'ipaddr.js'
import proxyAddr from 'proxy-addr'
import type { Log } from '../chat/ports.ts'

/** Whom a request is counted for. To be called while its connection is open. */
export type AddressOf = (request: IncomingMessage) => string

/**
 * Tells addresses apart as Express does with `trust proxy`. What `X-Forwarded-For` says is believed of so
 * many proxies as there are, and of nobody else: anybody can send the header.
 *
 * @param proxies how many stand before this server.
 */
export function createAddressOf(proxies: number, log: Log): AddressOf {
  let warned = false
  const warnOnce = () => {
    if (!warned) log.warn({}, 'requests come through a proxy and all count as one address; set TRUST_PROXY')
    warned = true
  }
  return (request) => {
    const peer = parse(request.socket.remoteAddress)
    if (proxies === 0) {
      if (request.headers['x-forwarded-for'] !== undefined && peer && isNear(peer)) warnOnce()
      return group(peer)
    }
    return group(parse(proxyAddr(request, (_, hop) => hop < proxies)) ?? peer)
  }
}

type Address = ReturnType<typeof ipaddr.process>

/** Null: no address. An IPv4 address written as an IPv6 one is the former. */
function parse(text: string | undefined): Address | null {
  return text !== undefined && ipaddr.isValid(text) ? ipaddr.process(text) : null
}

/** Every customer has at least a /64 of IPv6, and so as many addresses as there are grains of sand. */
function group(address: Address | null): string {
  if (!address) return 'unknown'
  if (!('parts' in address)) return address.toString()
  return `${address.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`
}

/** Where a proxy of the operator's own would be. */
function isNear(address: Address): boolean {
  return ['loopback', 'private', 'uniqueLocal', 'linkLocal'].includes(address.range())
}
