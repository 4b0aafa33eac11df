import type { Receipt } from '../../core/alerts/channel.js';
import type { Http, HttpRequest } from '../../wire/message.js';
import { checkUrl, type Resolve } from '../../wire/public-address.js';
import { type Judge, posted } from './posted.js';

/** What a channel needs to call an address that a person gave. */
export interface HookParts {
  readonly http: Http;
  /** How names become addresses; left out, the system's way. */
  readonly resolve?: Resolve;
}

/**
 * Calls an address that a person gave for messages: checked first, resolved once, called at the checked address; no redirect
 * is followed and of the answer only the status counts, so that it leads nowhere inside a network.
 */
export async function callHook(
  { http, resolve }: HookParts,
  call: Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body' | 'deadlineMs'>,
  judge?: Judge,
): Promise<Receipt> {
  const checked = await checkUrl(call.url, resolve);
  if (checked.kind === 'refused') {
    // A name server that does not answer may do so later; everything else stands in the URL.
    return { kind: 'failed', why: `the address is not one to call: ${checked.why}`, permanent: checked.why !== 'dns' };
  }
  return posted(http, { ...call, url: checked.url.href, connectTo: checked.address }, judge);
}
