import type { Receipt } from '../../core/alerts/channel.js';
import { type Http, type HttpAnswer, type HttpRequest, WireError } from '../../wire/message.js';

/** Says what an answer with a good status means; undefined: it is as good as its status. */
export type Judge = (answer: HttpAnswer) => Receipt | undefined;

/** From the first byte out to the last byte in, ms: a critical message must have time for a second channel. */
export const DEADLINE_MS = 3_500;

const LONGEST_PAUSE_MS = 3_600_000;
/** A dead link, a wrong key, a room that is gone: nothing changes until somebody changes it. */
export const DEAD: ReadonlySet<number> = new Set([401, 403, 404, 410]);

/** Sends one request and says what became of it; throws nothing. */
export async function posted(http: Http, request: HttpRequest, judge?: Judge): Promise<Receipt> {
  let answer: HttpAnswer;
  try {
    answer = await http.send(request);
  } catch (error) {
    const why = error instanceof WireError ? error.why : 'it could not be called';
    return { kind: 'failed', why: `no answer (${why})`, permanent: why === 'forbidden-address' };
  }
  const { status } = answer;
  const said = judge?.(answer);
  if (said !== undefined) return said;
  if (status >= 200 && status < 300) return { kind: 'sent' };
  if (status === 429 || status === 503) {
    return { kind: 'failed', why: 'too many messages', permanent: false, retryAfterMs: pauseOf(answer) };
  }
  if (status >= 300 && status < 400) return { kind: 'failed', why: `it redirects (${status})`, permanent: true };
  return { kind: 'failed', why: `it answers ${status}`, permanent: DEAD.has(status) };
}

/** A body as the JSON object it should be; an empty one for anything else. */
export function bodyOf({ body }: Pick<HttpAnswer, 'body'>): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Seconds that a body asks to wait, as ms; undefined for what is no such number. */
export function secondsOf(value: unknown): number | undefined {
  if (typeof value !== 'number' || !(value >= 0)) return undefined;
  return Math.min(LONGEST_PAUSE_MS, Math.ceil(value * 1_000));
}

/** What `retry-after` asks for, whole or broken seconds; half a minute where it says nothing that makes sense. */
function pauseOf({ headers }: HttpAnswer): number {
  const text = headers['retry-after'] ?? '';
  return (/^\d+(\.\d+)?$/.test(text) ? secondsOf(Number(text)) : undefined) ?? 30_000;
}
