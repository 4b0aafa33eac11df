import type { Stopwatch, Wait } from '../core/ports/clock.js';
import { type Http, type HttpRequest, WireError } from './message.js';

export interface RateLimit {
  readonly perSecond: number;
  /** Requests that may leave at once after a pause. */
  readonly burst: number;
  /** Share of the burst that only urgent requests may use, 0 to 1; at least 0.3. */
  readonly reservedShare: number;
}

/** Requests that wait their turn behind a limit; beyond it something is wrong and waiting would only hide it. */
const QUEUE_MAX = 1_000;

/** Passes requests on no faster than the limit. Urgent ones have a line and a share of their own: data never delays a cancel. */
export function rateLimited(http: Http, limit: RateLimit, time: Stopwatch & { readonly wait: Wait }): Http {
  const bucket = new TokenBucket(limit, time);
  return {
    async send(request) {
      await bucket.take(request.urgent === true);
      const answer = await http.send(request);
      if (answer.status === 429) bucket.drain();
      return answer;
    },
    async *lines(request: HttpRequest, signal: AbortSignal) {
      await bucket.take(request.urgent === true);
      yield* http.lines(request, signal);
    },
  };
}

/** A bucket that fills at a steady rate; what lies below the reserve is for urgent requests only. */
export class TokenBucket {
  readonly #limit: RateLimit;
  readonly #time: Stopwatch & { readonly wait: Wait };
  readonly #reserve: number;
  #tokens: number;
  #filledAt: number;
  #waiting = 0;
  #lines = { urgent: Promise.resolve(), other: Promise.resolve() };

  constructor(limit: RateLimit, time: Stopwatch & { readonly wait: Wait }) {
    this.#limit = limit;
    this.#time = time;
    this.#reserve = limit.burst * Math.max(0.3, limit.reservedShare);
    this.#tokens = limit.burst;
    this.#filledAt = time.mono();
  }

  /** Resolves when a request may leave, in the order of the calls of its line. */
  take(urgent: boolean): Promise<void> {
    if (!urgent && this.#waiting >= QUEUE_MAX) {
      return Promise.reject(new WireError('rate-queue-full', false));
    }
    this.#waiting++;
    const line = urgent ? 'urgent' : 'other';
    const turn = this.#lines[line].then(() => this.#spend(urgent ? 0 : this.#reserve));
    this.#lines[line] = turn;
    return turn.finally(() => {
      this.#waiting--;
    });
  }

  /** The other side says that it was too much: only the reserve is left. */
  drain(): void {
    this.#fill();
    this.#tokens = Math.min(this.#tokens, this.#reserve);
  }

  async #spend(floor: number): Promise<void> {
    for (;;) {
      this.#fill();
      const missing = floor + 1 - this.#tokens;
      if (missing <= 1e-9) break;
      await this.#time.wait(Math.ceil((missing * 1_000) / this.#limit.perSecond));
    }
    this.#tokens--;
  }

  #fill(): void {
    const now = this.#time.mono();
    const gained = (Math.max(0, now - this.#filledAt) * this.#limit.perSecond) / 1_000;
    this.#tokens = Math.min(this.#limit.burst, this.#tokens + gained);
    this.#filledAt = now;
  }
}
