import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { upToDate } from '../../../../src/core/state/books/schema-version.js';
import { readSnapshot, type Snapshot, writeSnapshot } from '../../../../src/core/state/books/snapshot.js';
import { BookFolders } from '../../../helpers/a-journal.js';

const folders = new BookFolders();
afterAll(() => folders.remove());

const today = z.strictObject({ version: z.literal(2), names: z.array(z.string()) });
const steps = [(old: unknown) => ({ version: 2, names: [(old as { name: string }).name] })];

describe('a file of a book', () => {
  it('of version 1 goes through the steps to today’s', () => {
    expect(upToDate(today, { version: 1, name: 'a' }, 'x.json', steps)).toEqual({ version: 2, names: ['a'] });
    expect(upToDate(today, { version: 2, names: ['a'] }, 'x.json', steps)).toEqual({ version: 2, names: ['a'] });
  });

  it.each([3, 0, -1, 1.5])('of version %s is refused', (version) => {
    expect(() => upToDate(today, { version, names: [] }, 'x.json', steps)).toThrow(
      expect.objectContaining({ code: 'STATE.VERSION', facts: { path: 'x.json', version } }),
    );
  });

  it('of today’s version and another shape is damaged', () => {
    const wrong = expect.objectContaining({ code: 'STATE.DAMAGED' });
    expect(() => upToDate(today, { version: 2, names: 7 }, 'x.json', steps)).toThrow(wrong);
    expect(() => upToDate(today, null, 'x.json', steps)).toThrow(wrong);
  });
});

const snapshot = (seq: number, rows: number): Snapshot => ({
  version: 1,
  rows,
  journal: { seq, hash: 'h', bytes: seq * 10 },
  offsets: { equity: 0, returns: 0, trades: 0, orders: 0 },
  finished: false,
  state: { rows },
});

describe('snapshots', () => {
  it('are named by the journal’s last record; the newer of two at one record takes its place', () => {
    const folder = folders.make();
    for (const [seq, rows] of [
      [5, 100],
      [5, 200],
      [12, 300],
    ] as const) {
      writeSnapshot(folder, snapshot(seq, rows));
      expect(readSnapshot(folder)?.rows).toBe(rows);
    }
    expect(readFileSync(join(folder, 'snapshot-000000000012.json'), 'utf8')).toContain('"rows":300');
  });

  it('of a later version are refused, and spoiled ones passed over', () => {
    const folder = folders.make();
    writeSnapshot(folder, snapshot(1, 10));
    writeFileSync(join(folder, 'snapshot-000000000002.json'), '{"h":"');
    expect(readSnapshot(folder)?.rows).toBe(10);
    const body = JSON.stringify({ ...snapshot(3, 30), version: 2 });
    const h = createHash('sha256').update(body).digest('hex');
    writeFileSync(join(folder, 'snapshot-000000000003.json'), `{"h":"${h}","s":${body}}\n`);
    expect(() => readSnapshot(folder)).toThrow(expect.objectContaining({ code: 'STATE.VERSION' }));
  });
});
