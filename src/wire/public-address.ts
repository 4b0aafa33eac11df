import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/** All addresses of a name, in any order. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** A URL that may be called, and the one address it may be called at: whoever connects does not ask for the name again. */
export interface CheckedUrl {
  readonly kind: 'allowed';
  readonly url: URL;
  /** Pass it on as `connectTo` of the request. */
  readonly address: string;
}

/** A URL that must not be called. */
export interface RefusedUrl {
  readonly kind: 'refused';
  /**
   * `not-a-url`, `credentials`, `scheme`, `spelling` (an address not written in its plain form), `local-name`, `private-address`,
   * `dns` (the name has no address).
   */
  readonly why: 'not-a-url' | 'credentials' | 'scheme' | 'spelling' | 'local-name' | 'private-address' | 'dns';
}

type Subnet = readonly [string, number];

/** Everything of IPv4 that is not a host of the public internet, by the registries of special addresses of IANA. */
const SPECIAL_V4: readonly Subnet[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // A public number at which one cloud answers with the secrets of its machine.
  ['168.63.129.16', 32],
];

/** Inside 2000::/3, which alone is handed out: documentation, and the tunnels that carry an IPv4 address inside. */
const SPECIAL_V6: readonly Subnet[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
];

const special = new BlockList();
for (const [net, bits] of SPECIAL_V4) special.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of SPECIAL_V6) special.addSubnet(net, bits, 'ipv6');
const handedOut = new BlockList();
handedOut.addSubnet('2000::', 3, 'ipv6');
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Names that never mean a host of the internet: of this machine, of a local network, of a cloud's inside. */
const LOCAL_NAME =
  /^[^.]*$|(^|\.)(localhost|local|localdomain|internal|intranet|lan|home|corp|private|arpa|test|invalid|onion)$/;

/** True for the address of a host of the public internet. False for every other text, IPv4 inside IPv6 included. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !special.check(address, 'ipv4');
    case 6:
      // A zone (`%eth0`) belongs to local addresses only.
      return !address.includes('%') && handedOut.check(address, 'ipv6') && !special.check(address, 'ipv6');
    default:
      return false;
  }
}

/**
 * Whether a URL that a person gave for messages may be called: `https` to a public host, or anything to this machine when
 * it is named by its plain loopback address or `localhost`. A name is resolved once, here, and each of its addresses must be
 * public: one that is not is enough to refuse, because the next answer may give it alone.
 */
export async function checkUrl(text: string, resolve: Resolve = systemResolve): Promise<CheckedUrl | RefusedUrl> {
  const refused = (why: RefusedUrl['why']): RefusedUrl => ({ kind: 'refused', why });
  if (!URL.canParse(text)) return refused('not-a-url');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return refused('scheme');
  if (url.username !== '' || url.password !== '') return refused('credentials');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!isAsWritten(text, url)) return refused('spelling');
  const here = host === 'localhost' ? '127.0.0.1' : host;
  if (isHere(here)) return { kind: 'allowed', url, address: here };
  if (url.protocol !== 'https:') return refused('scheme');
  if (isIP(host) !== 0) {
    return isPublicAddress(host) ? { kind: 'allowed', url, address: host } : refused('private-address');
  }
  if (LOCAL_NAME.test(host.replace(/\.$/, ''))) return refused('local-name');
  const found = await resolve(host).catch(() => []);
  const [address] = found;
  if (address === undefined) return refused('dns');
  return found.every(isPublicAddress) ? { kind: 'allowed', url, address } : refused('private-address');
}

/** An address written as one number, in octal, in hex or in wide digits becomes a plain one in a URL: nobody writes so by chance. */
function isAsWritten(text: string, url: URL): boolean {
  const written = /^[a-z]+:\/\/([^/?#]*)/i.exec(text.trim())?.[1]?.toLowerCase() ?? '';
  const withoutPort = written.replace(/:\d*$/, '');
  return withoutPort === url.hostname;
}

function isHere(host: string): boolean {
  const version = isIP(host);
  if (version === 0) return false;
  return loopback.check(host, version === 4 ? 'ipv4' : 'ipv6') && !host.startsWith('::ffff:');
}

async function systemResolve(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
