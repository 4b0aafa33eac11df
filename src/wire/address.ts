/** True for the addresses of this machine: 127.0.0.0/8, `::1`, and the first in the form of the second. */
export function isLoopback(address: string): boolean {
  const bare = address.toLowerCase().replace(/^\[|\]$/g, '');
  return bare === '::1' || /^(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(bare);
}

/** `https`, or plain `http` to this machine; a name and password inside an address are refused, they end up in logs. */
export function isAllowedUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return false;
  if (url.protocol === 'https:') return true;
  return url.protocol === 'http:' && (url.hostname === 'localhost' || isLoopback(url.hostname));
}

/** The address when it is scheme, host and port and nothing else, without a slash at its end. */
export function originOf(text: string): string | undefined {
  if (!isAllowedUrl(text)) return undefined;
  const url = new URL(text);
  return url.pathname === '/' && url.search === '' && url.hash === '' ? url.origin : undefined;
}
