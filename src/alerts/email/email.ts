import type { Channel } from '../../core/alerts/channel.js';
import { headline, htmlText, plainText } from '../../core/alerts/text.js';
import type { Mailer } from '../../wire/smtp.js';

export interface EmailParts {
  readonly mailer: Mailer;
  readonly from: string;
  readonly to: string;
  /** Makes the ids of two sessions different: letters, digits, dots. */
  readonly session: string;
}

const LONGEST = 100_000;

/** A letter with a text and an HTML part. The same message sent twice carries the same id, so that mail programs show one. */
export function emailChannel({ mailer, from, to, session }: EmailParts): Channel {
  return {
    name: 'email',
    async send(message) {
      const answer = await mailer.send({
        from,
        to,
        ...(message.letter ?? {
          subject: headline(message),
          text: plainText(message, LONGEST),
          html: htmlText(message),
        }),
        messageId: `${message.id}.${session}@fxtrade.invalid`,
      });
      if (answer.kind === 'refused') return { kind: 'failed', why: answer.why, permanent: !answer.temporary };
      if (answer.refused > 0) return { kind: 'sent', ref: `${answer.refused} address(es) refused` };
      return { kind: 'sent' };
    },
  };
}
