import type { Channel } from '../../core/alerts/channel.js';
import { plainText } from '../../core/alerts/text.js';
import { callHook, type HookParts } from '../http/call-hook.js';
import { bodyOf, DEADLINE_MS, secondsOf } from '../http/posted.js';

const LONGEST = 2_000;

/** A webhook of Discord. Its URL is the key. It answers with the message it made, so that silence is no success. */
export function discordChannel(parts: HookParts & { readonly url: string }): Channel {
  return {
    name: 'discord',
    async send(message) {
      const content = discordText(message);
      return callHook(
        parts,
        {
          method: 'POST',
          url: withWait(parts.url),
          headers: { 'content-type': 'application/json' },
          // Nobody is called by a name that stands in a text.
          body: JSON.stringify({ content, username: 'fxtrade', allowed_mentions: { parse: [] } }),
          deadlineMs: DEADLINE_MS,
        },
        (answer) => {
          const said = bodyOf(answer);
          if (answer.status === 429) {
            const pause = secondsOf(said['retry_after']);
            if (pause === undefined) return undefined;
            return { kind: 'failed', why: 'too many messages', permanent: false, retryAfterMs: pause };
          }
          if (answer.status !== 200) return undefined;
          if (typeof said['id'] === 'string') return { kind: 'sent', ref: said['id'] };
          return { kind: 'failed', why: 'it answers 200 without a message', permanent: false };
        },
      );
    },
  };
}

/** Marks of Markdown are written as themselves, links get no preview; both make the text longer, so it is cut after. */
function discordText(message: Parameters<typeof plainText>[0]): string {
  for (let longest = LONGEST; longest > 200; longest -= 200) {
    const text = plainText(message, longest)
      .replace(/[\\*_~`|#[\]]/g, '\\$&')
      .replace(/^>/gm, '\\>');
    if (text.length <= LONGEST) return text;
  }
  return plainText(message, 200).replace(/[\\*_~`|#[\]]/g, ' ');
}

/** Added to the text as it stands: the address is checked as a person wrote it. */
function withWait(url: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}wait=true`;
}
