import { describe, expect, it } from 'vitest';
import { together } from '../../../src/feeds/network/stream/together.js';

const never = new AbortController().signal;

/** A stream that gives what it is told to, and ends when it is told to. */
function source(values: readonly string[], after: 'ends' | 'throws' | 'waits', log: string[] = []) {
  return async function* stream(signal: AbortSignal) {
    try {
      for (const value of values) {
        log.push(value);
        yield value;
      }
      if (after === 'throws') throw new Error('broken');
      if (after === 'waits' && !signal.aborted)
        await new Promise<void>((done) => signal.addEventListener('abort', () => done()));
    } finally {
      log.push('closed');
    }
  };
}

async function all(stream: AsyncIterable<string>) {
  const values: string[] = [];
  try {
    for await (const value of stream) values.push(value);
  } catch (error) {
    return { values, error };
  }
  return { values, error: undefined };
}

describe('streams together', () => {
  it('give each value once, those of one stream in order, and end with the first', async () => {
    const letters = [...'abcdefgh'];
    const { values, error } = await all(together([source(letters, 'ends'), source(['1', '2'], 'waits')], never));
    expect(error).toBeUndefined();
    expect(values.filter((one) => letters.includes(one))).toEqual(letters);
    expect(values.filter((one) => !letters.includes(one))).toEqual(['1', '2']);
  });

  it('end with the error of the first that breaks, and close the others', async () => {
    const log: string[] = [];
    const { error } = await all(together([source(['a'], 'throws'), source(['1'], 'waits', log)], never));
    expect(error).toMatchObject({ message: 'broken' });
    expect(log).toContain('closed');
  });

  it('are closed when nobody reads on, and not read ahead by more than one value', async () => {
    const log: string[] = [];
    for await (const value of together([source(['a', 'b', 'c', 'd'], 'waits', log)], never)) {
      expect(value).toBe('a');
      break;
    }
    expect(log).toEqual(['a', 'b', 'closed']);
  });

  it('end when they are told to', async () => {
    const stop = new AbortController();
    const reading = all(together([source(['a'], 'waits'), source([], 'waits')], stop.signal));
    stop.abort();
    expect((await reading).error).toBeUndefined();
  });
});
