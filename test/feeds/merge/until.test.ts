import { expect, it } from 'vitest';
import { FxError } from '../../../src/core/base/errors.js';
import { instrumentId } from '../../../src/core/model/ids.js';
import type { BarColumns } from '../../../src/core/model/market.js';
import type { BarSource } from '../../../src/core/ports/feed.js';
import { until } from '../../../src/feeds/merge/until.js';

/** Chunks of two bars with closes at 1, 2, 3 …; counts what is read of them, and throws behind the last where told. */
function counted(chunks: number, end?: Error): BarSource & { read: number; closed: boolean } {
  const source = {
    info: { instrument: instrumentId('EUR/USD'), side: 'mid' as const, timeframeMs: 1, simulated: false },
    read: 0,
    closed: false,
    async *chunks(): AsyncGenerator<BarColumns, void, undefined> {
      try {
        for (let i = 0; i < chunks; i++) {
          source.read++;
          const ts = Float64Array.of(2 * i + 1, 2 * i + 2);
          yield { length: 2, ts, volume: ts, price: { open: ts, high: ts, low: ts, close: ts } };
        }
        if (end !== undefined) throw end;
      } finally {
        source.closed = true;
      }
    },
  };
  return source;
}

async function times(source: BarSource): Promise<number[]> {
  const seen: number[] = [];
  for await (const { ts, length } of source.chunks(new AbortController().signal)) seen.push(...ts.slice(0, length));
  return seen;
}

it('gives the bars up to the end and reads no further', async () => {
  const source = counted(9);
  expect(await times(until(source, 3))).toEqual([1, 2, 3]);
  expect(source).toMatchObject({ read: 2, closed: true });
});

it('gives the same bars and reads the rest where it is told to', async () => {
  const source = counted(9);
  expect(await times(until(source, 3, () => true))).toEqual([1, 2, 3]);
  expect(source).toMatchObject({ read: 9, closed: true });
});

it('does not mind a bad row behind the end of the run', async () => {
  const bad = new FxError('DATA.ROW', { message: 'bad', next: 'mend it' });
  expect(await times(until(counted(3, bad), 3, () => true))).toEqual([1, 2, 3]);
  await expect(times(until(counted(3, bad), 9))).rejects.toBe(bad);
  await expect(times(until(counted(3, new Error('bug')), 3, () => true))).rejects.toThrow('bug');
});
