import { existsSync, mkdtempSync, readFileSync, renameSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { instrumentId } from '../../../src/core/model/ids.js';
import type { BarColumns, SeriesInfo } from '../../../src/core/model/market.js';
import type { BarSource } from '../../../src/core/ports/feed.js';
import { cachedSource, cacheKey, openColumnFile } from '../../../src/feeds/cache/cached-source.js';
import { decodeBlock, encodeBlock } from '../../../src/feeds/cache/column-file.js';

const info: SeriesInfo = { instrument: instrumentId('AAPL'), side: 'both', timeframeMs: 60_000, simulated: false };

function aChunk(values: readonly number[]): BarColumns {
  const column = (shift: number) => Float64Array.from(values, (value) => value + shift);
  const side = (shift: number) => ({
    open: column(shift),
    high: column(shift + 1),
    low: column(shift + 2),
    close: column(shift + 3),
  });
  return { length: values.length, ts: column(0), volume: column(0.5), price: side(10), bid: side(20), ask: side(30) };
}

let readings = 0;
const action = { instrument: info.instrument, ts: 4, kind: 'dividend', value: 0.25 } as const;
const source: BarSource = {
  info,
  async *chunks() {
    readings++;
    yield aChunk([1, 2, 3]);
    yield { ...aChunk([4, 5, 6, 7]), actions: [action] };
    yield aChunk([8]);
  },
};

/** Whole or not at all, as `core/state` writes. */
async function write(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(`${path}.part`, 'w');
  try {
    for await (const chunk of chunks) await file.write(chunk);
  } finally {
    await file.close();
  }
  renameSync(`${path}.part`, path);
}

async function valuesOf(one: BarSource, take = Number.POSITIVE_INFINITY): Promise<number[]> {
  const out: number[] = [];
  for await (const { length, ts, bid, ask, actions } of one.chunks(new AbortController().signal)) {
    for (let i = 0; i < length; i++) out.push(ts[i]!, bid!.open[i]!, ask!.close[i]!);
    if (actions !== undefined) out.push(...actions.map((each) => -each.value));
    if (out.length >= take) break;
  }
  return out;
}

let path = '';
const cached = (key = 'k') => cachedSource(source, { path, key, write, extra: async () => ({ hash: 'abc' }) });

beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'fxtrade-cache-')), 'AAPL.fxc');
  readings = 0;
});

describe('blocks', () => {
  it('what is encoded is decoded, and a changed byte is noticed', () => {
    fc.assert(
      fc.property(fc.array(fc.double(), { minLength: 1, maxLength: 50 }), fc.nat(), (values, at) => {
        const block = encodeBlock(aChunk(values));
        expect(decodeBlock(block, info)).toEqual(aChunk(values));
        const place = at % block.length;
        if (place >= 8 && place < 16) return;
        block[place]! ^= 0x10;
        expect(decodeBlock(block, info)).toBeUndefined();
      }),
    );
  });
});

describe('a cached source', () => {
  it('reads its source once, then the file; both give the same', async () => {
    const first = await valuesOf(cached());
    expect(await valuesOf(cached())).toEqual(first);
    expect(readings).toBe(1);
    expect((await openColumnFile(path, 'k'))?.trailer).toMatchObject({ rows: 8, blocks: 3, extra: { hash: 'abc' } });
  });

  it('another key, a file cut short and a foreign file are made anew', async () => {
    const first = await valuesOf(cached());
    expect(await valuesOf(cached('other'))).toEqual(first);
    truncateSync(path, 400);
    expect(await valuesOf(cached('other'))).toEqual(first);
    writeFileSync(path, 'something else altogether');
    expect(await valuesOf(cached('other'))).toEqual(first);
    expect(readings).toBe(4);
    expect(await valuesOf(cached('other'))).toEqual(first);
    expect(readings).toBe(4);
  });

  it('damage half-way is made good from the source, and the file is made anew', async () => {
    const first = await valuesOf(cached());
    const bytes = readFileSync(path);
    bytes[16 + 16 + 3 * 14 * 8 + 16 + 40]! ^= 0xff;
    writeFileSync(path, bytes);
    expect(await valuesOf(cached())).toEqual(first);
    expect(readings).toBe(2);
    expect(await valuesOf(cached())).toEqual(first);
    expect(readings).toBe(2);
  });

  it('a reading that stops early leaves no file', async () => {
    await valuesOf(cached(), 1);
    expect(existsSync(path)).toBe(false);
  });

  it('a cache that cannot be written is no error', async () => {
    const failing = cachedSource(source, { path, key: 'k', write: () => Promise.reject(new Error('disk full')) });
    expect(await valuesOf(failing)).toEqual(await valuesOf(source));
  });
});

it('the key follows the path, the size, the time of change and the options', async () => {
  writeFileSync(path, 'x');
  const key = await cacheKey([path], { scale: 1 });
  expect(await cacheKey([path], { scale: 1 })).toBe(key);
  expect(await cacheKey([path], { scale: 2 })).not.toBe(key);
  utimesSync(path, 1, 2);
  expect(await cacheKey([path], { scale: 1 })).not.toBe(key);
  expect(await cacheKey(['/nowhere'], {})).toBeUndefined();
});
