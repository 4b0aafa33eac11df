import type { Channel, Receipt } from '../../core/alerts/channel.js';
import { plainText } from '../../core/alerts/text.js';
import { callHook, type HookParts } from '../http/call-hook.js';
import { DEADLINE_MS } from '../http/posted.js';

/** The outside watcher: it must hear from us, or it raises the alarm itself. */
export interface Watcher extends Channel {
  /** Says that a session has begun, lives, or has ended in good order. */
  beat(what: 'start' | 'alive' | 'end'): Promise<Receipt>;
}

/** How much of a message the watcher keeps. */
const LONGEST = 1_000;

/** A service in the manner of healthchecks: a POST to the address is a sign of life, `/start` and `/fail` below it say more. */
export function pingChannel(parts: HookParts & { readonly url: string }): Watcher {
  const call = (below: string, body: string): Promise<Receipt> =>
    callHook(parts, {
      method: 'POST',
      url: withBelow(parts.url, below),
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body,
      deadlineMs: DEADLINE_MS,
    });
  return {
    name: 'ping',
    send: (message) => call('fail', plainText(message, LONGEST)),
    beat: (what) => call(what === 'start' ? 'start' : '', what),
  };
}

/** Added to the text as it stands: the address is checked as a person wrote it. */
function withBelow(url: string, below: string): string {
  if (below === '') return url;
  const [path = '', query] = url.split(/\?(.*)/s);
  return `${path.replace(/\/$/, '')}/${below}${query === undefined ? '' : `?${query}`}`;
}
