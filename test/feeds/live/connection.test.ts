import { describe, expect, it } from 'vitest';
import { type ErrorCode, FxError } from '../../../src/core/base/errors.js';
import { seededRng } from '../../../src/core/base/rng.js';
import { follow } from '../../../src/feeds/live/connection.js';

/** Pauses between the first connections, each of which says one word, stands for a while and ends with an error. */
async function pausesAfter(code: ErrorCode, retryable: boolean, standsMs = 60_000): Promise<readonly number[]> {
  const stop = new AbortController();
  const pauses: number[] = [];
  let now = 0;
  await follow<string>({
    async *open() {
      yield 'here';
      now += standsMs;
      throw new FxError(code, { message: 'over', next: 'wait', retryable });
    },
    opening: () => undefined,
    hear: () => undefined,
    down: () => undefined,
    wait: async (ms) => {
      pauses.push(ms);
      if (pauses.length === 8) stop.abort();
    },
    stopwatch: { mono: () => now },
    rng: seededRng('1'),
    signal: stop.signal,
  });
  return pauses;
}

describe('a connection that ended is made again', () => {
  it('soon, when it stood for a while and broke', async () => {
    for (const ms of await pausesAfter('FEED.UNREACHABLE', true)) expect(ms).toBeLessThan(1_000);
  });

  it('later each time, when it breaks as soon as it stands: nobody is called twice a second for hours', async () => {
    const pauses = await pausesAfter('FEED.UNREACHABLE', true, 800);
    expect(pauses[0]).toBeLessThan(1_000);
    expect(Math.min(...pauses.slice(-2))).toBeGreaterThan(20_000);
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
