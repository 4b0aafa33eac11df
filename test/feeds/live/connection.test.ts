import { describe, expect, it } from 'vitest';
import { type ErrorCode, FxError } from '../../../src/core/base/errors.js';
import { seededRng } from '../../../src/core/base/rng.js';
import { follow } from '../../../src/feeds/live/connection.js';

/** Pauses between the first connections, each of which says one word and then ends with an error. */
async function pausesAfter(code: ErrorCode, retryable: boolean): Promise<readonly number[]> {
  const stop = new AbortController();
  const pauses: number[] = [];
  await follow<string>({
    async *open() {
      yield 'here';
      throw new FxError(code, { message: 'over', next: 'wait', retryable });
    },
    opening: () => undefined,
    hear: () => undefined,
    down: () => undefined,
    wait: async (ms) => {
      pauses.push(ms);
      if (pauses.length === 3) stop.abort();
    },
    rng: seededRng('1'),
    signal: stop.signal,
  });
  return pauses;
}

describe('a connection that ended is made again', () => {
  it('soon, when it broke', async () => {
    for (const ms of await pausesAfter('FEED.UNREACHABLE', true)) expect(ms).toBeLessThan(1_000);
  });

  it.each<[ErrorCode, boolean]>([
    // Two programs with one key would take it from each other twice a second, for ever.
    ['FEED.CONNECTIONS', true],
    ['FEED.BAD_KEY', false],
    ['FEED.PLAN', false],
  ])('late, when it was ended with %s, also if a word was heard on it', async (code, retryable) => {
    for (const ms of await pausesAfter(code, retryable)) expect(ms).toBeGreaterThan(20_000);
  });
});
