import type { Channel, Outgoing, Receipt } from '../../core/alerts/channel.js';
import { escaped, shortText } from '../../core/alerts/text.js';
import type { Http, HttpAnswer } from '../../wire/message.js';
import { bodyOf, DEAD, DEADLINE_MS, posted } from '../http/posted.js';

export interface TwilioParts {
  readonly http: Http;
  readonly accountSid: string;
  readonly authToken: string;
  readonly from: string;
  readonly to: string;
  /** Scheme, host and port. */
  readonly base: string;
}

/** Where Twilio is. */
export const TWILIO_HOST = 'https://api.twilio.com';
/** Two parts of a text message: longer ones cost more and are read less. */
const SMS_LONGEST = 320;
const SPOKEN_LONGEST = 400;
/** The number does not exist, is not ours, or does not want to hear from us. */
const DEAD_CODES: ReadonlySet<number> = new Set([20003, 20404, 21211, 21606, 21608, 21610, 21614]);

/** A text message. */
export function smsChannel(parts: TwilioParts): Channel {
  return {
    name: 'sms',
    send: (message) => called(parts, 'Messages', { Body: shortText(message, SMS_LONGEST) }),
  };
}

/** A call that says it twice: whoever picks up late hears the second one. */
export function voiceChannel(parts: TwilioParts): Channel {
  return {
    name: 'voice',
    send: (message) => called(parts, 'Calls', { Twiml: spoken(message), Timeout: '30' }),
  };
}

function spoken(message: Outgoing): string {
  const words = escaped(shortText(message, SPOKEN_LONGEST).replace(/[[\]_]/g, ' '));
  return `<Response><Say>${words}</Say><Pause length="1"/><Say>${words}</Say></Response>`;
}

async function called(
  { http, accountSid, authToken, from, to, base }: TwilioParts,
  what: 'Messages' | 'Calls',
  fields: Readonly<Record<string, string>>,
): Promise<Receipt> {
  const login = Buffer.from(`${accountSid}:${authToken}`).toString('base64');
  return posted(
    http,
    {
      method: 'POST',
      url: `${base}/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/${what}.json`,
      headers: { authorization: `Basic ${login}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ To: to, From: from, ...fields }).toString(),
      deadlineMs: DEADLINE_MS,
    },
    judged,
  );
}

function judged(answer: HttpAnswer): Receipt | undefined {
  const said = bodyOf(answer);
  if (answer.status >= 200 && answer.status < 300) {
    if (typeof said['sid'] === 'string') return { kind: 'sent', ref: said['sid'] };
    return { kind: 'failed', why: `it answers ${answer.status} without a message`, permanent: false };
  }
  const { code } = said;
  if (answer.status === 429 || typeof code !== 'number') return undefined;
  const permanent = DEAD.has(answer.status) || DEAD_CODES.has(code);
  return { kind: 'failed', why: `it answers ${answer.status}, code ${code}`, permanent };
}
