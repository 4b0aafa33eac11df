import type { Channel } from '../../core/alerts/channel.js';
import { gravest, plainText } from '../../core/alerts/text.js';
import type { Http, HttpAnswer } from '../../wire/message.js';
import { bodyOf, DEADLINE_MS, posted, secondsOf } from '../http/posted.js';

export interface TelegramParts {
  readonly http: Http;
  readonly token: string;
  readonly chatId: string;
  /** Scheme, host and port. */
  readonly base: string;
}

/** Where bots are spoken to. */
export const TELEGRAM_HOST = 'https://api.telegram.org';
const LONGEST = 4_096;

/** A bot of Telegram. Without a parse mode, so that no character means anything. The token stands in the path. */
export function telegramChannel({ http, token, chatId, base }: TelegramParts): Channel {
  let chat = chatId;
  return {
    name: 'telegram',
    async send(message) {
      const body = {
        chat_id: chat,
        text: plainText(message, LONGEST),
        disable_notification: gravest(message) === 'info',
        link_preview_options: { is_disabled: true },
      };
      const call = {
        method: 'POST',
        url: `${base}/bot${encodeURIComponent(token).replaceAll('%3A', ':')}/sendMessage`,
        headers: { 'content-type': 'application/json' },
        deadlineMs: DEADLINE_MS,
      } as const;
      const first = await posted(http, { ...call, body: JSON.stringify(body) }, (answer) => {
        chat = movedTo(answer) ?? chat;
        return judged(answer);
      });
      if (chat === body.chat_id || first.kind === 'sent') return first;
      return posted(http, { ...call, body: JSON.stringify({ ...body, chat_id: chat }) }, judged);
    },
  };
}

/** A group that became a larger one has another number; the message that told it is sent there. */
function movedTo(answer: HttpAnswer): string | undefined {
  const parameters = bodyOf(answer)['parameters'];
  const moved = (parameters as { readonly migrate_to_chat_id?: unknown } | undefined)?.migrate_to_chat_id;
  return typeof moved === 'number' && Number.isSafeInteger(moved) ? String(moved) : undefined;
}

function judged(answer: HttpAnswer): ReturnType<NonNullable<Parameters<typeof posted>[2]>> {
  const said = bodyOf(answer);
  if (answer.status === 429) {
    const asked = secondsOf((said['parameters'] as { readonly retry_after?: unknown } | undefined)?.retry_after);
    if (asked === undefined) return undefined;
    return { kind: 'failed', why: 'too many messages', permanent: false, retryAfterMs: asked };
  }
  if (answer.status !== 200) return undefined;
  if (said['ok'] !== true) return { kind: 'failed', why: 'it answers 200 and not ok', permanent: false };
  const number = (said['result'] as { readonly message_id?: unknown } | undefined)?.message_id;
  return typeof number === 'number' ? { kind: 'sent', ref: String(number) } : { kind: 'sent' };
}
