// Which addresses this node calls: none that are private unless that is allowed, none but this machine's by plain HTTP.
// A name is judged by what it resolves to at the moment of connecting, so it cannot change its mind in between.
import { lookup as lookupName, type LookupAddress, type LookupOptions } from 'node:dns'
import { BlockList, isIP } from 'node:net'
import { Fault } from '../fault.ts'

type LookupCallback = (error: Error | null, address?: string | LookupAddress[], family?: number) => void

/** Resolves a name and refuses addresses at that very moment. */
export function guardedLookup(allowed: Allowed) {
  return (host: string, options: LookupOptions, done: LookupCallback): void => {
    lookupName(host, { ...options, all: true }, (error, found) => {
      if (error !== null) return done(error)
      try {
        for (const { address } of found) refuseAddress(address, allowed)
      } catch (refusal) {
        return done(refusal as Error)
      }
      const [first] = found
      if (options.all === true) return done(null, found)
      return done(null, first?.address ?? '', first?.family ?? 4)
    })
  }
}

const PRIVATE = new BlockList()
for (const net of [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4',
]) {
  const [address = '', prefix = '0'] = net.split('/')
  PRIVATE.addSubnet(address, Number(prefix), 'ipv4')
}
// The last five carry or tunnel IPv4 addresses, which would be reached behind this list's back.
for (const net of [
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
  '::/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '2001::/32',
  '2002::/16',
]) {
  const [address = '', prefix = '0'] = net.split('/')
  PRIVATE.addSubnet(address, Number(prefix), 'ipv6')
}

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

export type Allowed = {
  readonly allowPrivate: boolean
  /** Whether this call is plain HTTP. */
  readonly plain: boolean
}

export function refuseAddress(address: string, { allowPrivate, plain }: Allowed): void {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  const bare = mapped ?? address
  const family = isIP(bare) === 6 ? 'ipv6' : 'ipv4'
  if (plain && !LOOPBACK.check(bare, family))
    throw new Fault('peer.refused', `plain http to ${address} is refused: it is not this machine`, {
      remedy: 'Use an https address.',
    })
  if (allowPrivate || !PRIVATE.check(bare, family)) return
  throw new Fault('peer.refused', `${address} is a private address, and this node does not call those`, {
    remedy: 'Where peers are in the same network, set outbound.allowPrivate.',
  })
}
