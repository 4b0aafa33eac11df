import { FxError } from '../../core/base/errors.js';
import type { Stopwatch, Wait } from '../../core/ports/clock.js';
import type { Http } from '../../wire/message.js';

/** What a plan allows: at most so many requests in any stretch of so many milliseconds. */
export interface Allowance {
  readonly requests: number;
  readonly perMs: number;
}

/** Nobody waits longer than this for a turn, ms: the plan's day is over. */
const LONGEST_WAIT_MS = 120_000;
/** A pause after the other side said that it was too much, ms. */
const COOL_DOWN_MS = 2_000;

/** How often is looked whether an answer has come that a turn depends on, ms. */
const LOOK_MS = 20;

/**
 * Lets requests leave one after the other, never more than a plan allows in any stretch of time as the vendor counts. A
 * request arrived over there at the latest when its answer was here, so stretches are counted from answers: however unevenly
 * the network carries, the next one comes late enough. A bucket that fills at a steady rate would let its burst and a
 * minute's share through in the same minute.
 */
export function inPlan(http: Http, plan: readonly Allowance[], time: Stopwatch & { readonly wait: Wait }): Http {
  /** When the answers of the last requests came; infinity for those on their way. */
  let answered: { at: number }[] = [];
  let line = Promise.resolve();
  let notBefore = Number.NEGATIVE_INFINITY;
  const longest = Math.max(0, ...plan.map(({ perMs }) => perMs));
  const pauseOf = (now: number): number => {
    let pause = notBefore - now;
    for (const { requests, perMs } of plan) {
      const counted = answered.map(({ at }) => at).filter((at) => at + perMs >= now);
      const edge = counted.sort((a, b) => a - b)[counted.length - requests];
      if (edge === undefined) continue;
      pause = Math.max(pause, edge === Number.POSITIVE_INFINITY ? LOOK_MS : edge + perMs + 1 - now);
    }
    return pause;
  };
  const turn = async (): Promise<{ at: number }> => {
    for (;;) {
      const pause = pauseOf(time.mono());
      if (pause <= 0) break;
      if (pause > LONGEST_WAIT_MS) throw spent(pause);
      await time.wait(Math.ceil(pause));
    }
    const mine = { at: Number.POSITIVE_INFINITY };
    const now = time.mono();
    answered = [...answered.filter(({ at }) => at + longest >= now), mine];
    return mine;
  };
  return {
    async send(request) {
      const turned = line.then(turn);
      line = turned.then(
        () => undefined,
        () => undefined,
      );
      const mine = await turned;
      const left = time.mono();
      try {
        const answer = await http.send(request);
        if (answer.status === 429) notBefore = time.mono() + COOL_DOWN_MS;
        return { ...answer, tookMs: time.mono() - left };
      } finally {
        mine.at = time.mono();
      }
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
