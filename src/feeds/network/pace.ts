import { FxError } from '../../core/base/errors.js';
import type { Stopwatch, Wait } from '../../core/ports/clock.js';
import type { Http } from '../../wire/message.js';

/** What a plan allows: at most so many requests in any stretch of so many milliseconds. */
export interface Allowance {
  readonly requests: number;
  readonly perMs: number;
}

/** Requests may come closer together over there than they left here: a stretch is counted this much longer. */
const MARGIN = 1.03;
/** Nobody waits longer than this for a turn, ms: the plan's day is over. */
const LONGEST_WAIT_MS = 120_000;
/** A pause after the other side said that it was too much, ms. */
const COOL_DOWN_MS = 2_000;

/**
 * Lets requests leave one after the other, never more than a plan allows in any stretch of time. A bucket that fills at a
 * steady rate would let its burst and a minute's share through in the same minute; vendors count minutes.
 */
export function inPlan(http: Http, plan: readonly Allowance[], time: Stopwatch & { readonly wait: Wait }): Http {
  const left: number[] = [];
  let line = Promise.resolve();
  let notBefore = Number.NEGATIVE_INFINITY;
  const longest = Math.max(0, ...plan.map(({ perMs }) => perMs)) * MARGIN;
  const due = (now: number): number => {
    let until = notBefore;
    for (const { requests, perMs } of plan) {
      const edge = left[left.length - requests];
      if (edge !== undefined) until = Math.max(until, edge + perMs * MARGIN);
    }
    return until - now;
  };
  const turn = async (): Promise<void> => {
    for (;;) {
      const pause = due(time.mono());
      if (pause <= 0) break;
      if (pause > LONGEST_WAIT_MS) throw spent(pause);
      await time.wait(Math.ceil(pause));
    }
    const now = time.mono();
    while ((left[0] ?? now) < now - longest) left.shift();
    left.push(now);
  };
  return {
    async send(request) {
      const mine = line.then(turn);
      line = mine.catch(() => undefined);
      await mine;
      const answer = await http.send(request);
      if (answer.status === 429) notBefore = time.mono() + COOL_DOWN_MS;
      return answer;
    },
    lines: (request, signal) => http.lines(request, signal),
  };
}

function spent(pauseMs: number): FxError {
  return new FxError('FEED.QUOTA', {
    message: `the plan allows the next request in ${Math.ceil(pauseMs / 60_000)} minutes`,
    next: 'run the command again then: it goes on where it stopped',
    retryable: true,
    facts: { pauseMs: Math.ceil(pauseMs) },
  });
}
