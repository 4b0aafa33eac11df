import type { Channel } from '../../core/alerts/channel.js';
import { headline, plainText } from '../../core/alerts/text.js';
import { callHook, type HookParts } from '../http/call-hook.js';
import { DEADLINE_MS } from '../http/posted.js';

/** Characters of one block of text. */
const LONGEST = 2_900;

/** An incoming webhook of Slack. Its URL is the key. */
export function slackChannel(parts: HookParts & { readonly url: string }): Channel {
  return {
    name: 'slack',
    async send(message) {
      // `text` is what phones show; a block of plain text has no marks, so nothing outside can call a channel together.
      const text = slackText(headline(message));
      const block = { type: 'section', text: { type: 'plain_text', text: plainText(message, LONGEST), emoji: false } };
      return callHook(
        parts,
        {
          method: 'POST',
          url: parts.url,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ text, blocks: [block] }),
          deadlineMs: DEADLINE_MS,
        },
        ({ status, body }) => {
          if (status !== 200 || body.trim() === 'ok') return undefined;
          return { kind: 'failed', why: 'it answers 200 and not ok', permanent: false };
        },
      );
    },
  };
}

/** The three characters that mean something to Slack. */
function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
