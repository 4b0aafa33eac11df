import type { Rng } from '../core/base/rng.js';
import type { Clock, Wait } from '../core/ports/clock.js';
import { type Http, type HttpAnswer, type HttpRequest, WireError } from './message.js';

export interface RetryOptions {
  readonly clock: Clock;
  readonly wait: Wait;
  /** Spreads the repeats, so that many clients do not come back at the same moment. */
  readonly rng: Rng;
  /** Times a read is sent at most; left out, `ATTEMPTS`. */
  readonly attempts?: number;
}

/** Times a read that fails is sent, unless it is said otherwise. */
export const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 250;
/** Whatever the other side asks for: a longer pause would only hide that it is down. */
const LONGEST_PAUSE_MS = 8_000;
const PASSING_STATUS: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
const PASSING_WHY: ReadonlySet<string> = new Set(['timeout', 'refused', 'reset', 'dns', 'closed']);

/** Repeats reads that met a passing trouble. Anything but a GET is sent once: it may have worked although no answer came. */
export function retrying(http: Http, options: RetryOptions): Http {
  const attempts = options.attempts ?? ATTEMPTS;
  return {
    async send(request) {
      for (let attempt = 1; ; attempt++) {
        const last = request.method !== 'GET' || attempt >= attempts;
        const result = await tried(http, request, last);
        if (last || !(result instanceof WireError || PASSING_STATUS.has(result.status))) {
          if (result instanceof WireError) throw result;
          return result;
        }
        await options.wait(pauseMs(result, attempt, options));
      }
    },
    lines: (request, signal) => http.lines(request, signal),
  };
}

async function tried(http: Http, request: HttpRequest, last: boolean): Promise<HttpAnswer | WireError> {
  try {
    return await http.send(request);
  } catch (error) {
    if (!last && error instanceof WireError && PASSING_WHY.has(error.why)) return error;
    throw error;
  }
}

function pauseMs(result: HttpAnswer | WireError, attempt: number, { clock, rng }: RetryOptions): number {
  const asked = result instanceof WireError ? undefined : retryAfterMs(result.headers['retry-after'], clock.now());
  const base = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
  // Half fixed, half by chance; never earlier than asked.
  return Math.min(LONGEST_PAUSE_MS, Math.max(asked ?? 0, Math.round(base * (0.5 + rng.next() / 2))));
}

/** The pause that a `Retry-After` asks for, ms: seconds or a date; undefined for what is in the past or makes no sense. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const ms = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isNaN(ms) || ms <= 0 ? undefined : Math.min(ms, LONGEST_PAUSE_MS);
}
