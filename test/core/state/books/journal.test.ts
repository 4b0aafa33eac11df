import { createHash } from 'node:crypto';
import { appendFileSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { FxError } from '../../../../src/core/base/errors.js';
import { Journal } from '../../../../src/core/state/books/journal.js';
import { checkJournal, JOURNAL_START } from '../../../../src/core/state/books/journal-check.js';
import { type FileCalls, REAL_FILES } from '../../../../src/core/state/file-calls.js';
import { appendOne, appendRecords, BookFolders, JOURNAL_TIME, journalOf } from '../../../helpers/a-journal.js';

const folders = new BookFolders();
afterAll(() => folders.remove());

const headOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'head.json'), 'utf8'));
const textOf = (folder: string) => readFileSync(join(folder, 'journal.ndjson'), 'utf8');
const recordsOf = (folder: string): Record<string, unknown>[] =>
  readdirSync(folder)
    .filter((name) => name.startsWith('journal'))
    .sort((a, b) => Number(a === 'journal.ndjson') - Number(b === 'journal.ndjson') || a.localeCompare(b))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1))
    .map((line) => JSON.parse(line).r);

function failureOf(act: () => unknown): FxError {
  try {
    act();
  } catch (error) {
    return error as FxError;
  }
  throw new Error('nothing was thrown');
}

describe('the generation', () => {
  it('rises at each opening for writing', () => {
    const folder = folders.make();
    for (let opening = 1; opening <= 3; opening++) {
      const journal = new Journal(folder);
      expect(journal.generation).toBe(opening);
      expect(headOf(folder).generation).toBe(opening);
      appendRecords(journal, opening, opening);
      journal.close();
    }
    expect(headOf(folder)).toMatchObject({ version: 1, seq: 3, generation: 3 });
  });

  it('a writer that sees a higher one writes nothing more, and tells its owner once', () => {
    const folder = folders.make();
    const told: string[] = [];
    const first = new Journal(folder, { onFailure: (error) => void told.push(error.code) });
    appendRecords(first, 1, 3);
    const second = new Journal(folder);
    appendOne(first, 4);
    expect(failureOf(() => first.flush(true)).code).toBe('STATE.FENCED');
    expect(failureOf(() => first.flush(true)).code).toBe('STATE.FENCED');
    expect(failureOf(() => appendOne(first, 5)).code).toBe('STATE.FENCED');
    first.close();
    appendRecords(second, 4, 4);
    second.close();
    expect(told).toEqual(['STATE.FENCED']);
    expect(recordsOf(folder).map((record) => record['n'])).toEqual([1, 2, 3, 4]);
  });

  it('a writer whose head.json was taken away stops', () => {
    const folder = folders.make();
    const journal = new Journal(folder);
    appendRecords(journal, 1, 2);
    rmSync(join(folder, 'head.json'));
    appendOne(journal, 3);
    expect(failureOf(() => journal.flush(true))).toMatchObject({ code: 'STATE.FENCED' });
    journal.close();
  });
});

describe('files of a journal', () => {
  it('a full one is closed for reading only, and the chain goes on in the next', () => {
    const folder = folders.make();
    journalOf(folder, 50, { segmentBytes: 2_000 });
    const closed = readdirSync(folder).filter((name) => /^journal-\d{12}\.ndjson$/.test(name));
    expect(closed.length).toBeGreaterThan(3);
    for (const name of closed) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o400);
    expect(closed[0]).toBe('journal-000000000001.ndjson');
    expect(checkJournal(folder).last.seq).toBe(50);
    expect(recordsOf(folder).map((record) => record['n'])).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  });

  it('a restart that repeats the records makes the same files, wherever it goes on', () => {
    const whole = folders.make();
    journalOf(whole, 60, { segmentBytes: 1_500 });
    const positions = [JOURNAL_START];
    const probe = new Journal(folders.make(), { from: JOURNAL_START, segmentBytes: 1_500 });
    for (let n = 1; n <= 60; n++) {
      appendOne(probe, n);
      positions.push(probe.position);
    }
    probe.close();
    for (const written of [1, 7, 14, 15, 29, 43]) {
      for (const snapshot of [0, 1, written - 1, written]) {
        const folder = folders.make();
        journalOf(folder, written, { segmentBytes: 1_500 });
        const from = positions[snapshot] ?? JOURNAL_START;
        const journal = new Journal(folder, { from, segmentBytes: 1_500 });
        expect(journal.tail()).toHaveLength(written - snapshot);
        appendRecords(journal, snapshot + 1, 60);
        journal.close();
        const names = readdirSync(whole).filter((name) => name !== 'head.json');
        expect(readdirSync(folder).filter((name) => name !== 'head.json')).toEqual(names);
        for (const name of names) {
          expect(readFileSync(join(folder, name)).equals(readFileSync(join(whole, name))), name).toBe(true);
        }
      }
    }
  });

  it('a restart that makes another record is refused at its first byte', () => {
    const folder = folders.make();
    journalOf(folder, 5);
    const journal = new Journal(folder, { from: JOURNAL_START });
    appendOne(journal, 1);
    appendOne(journal, 3);
    expect(failureOf(() => journal.flush(false))).toMatchObject({ code: 'STATE.DIVERGED' });
    journal.close();
    expect(checkJournal(folder).last.seq).toBe(5);
  });
});

describe('a torn tail', () => {
  const torn = '{"h":"ab';

  it('of a book that is repeated is cut and leaves no trace', () => {
    const folder = folders.make();
    journalOf(folder, 10);
    const before = textOf(folder);
    appendFileSync(join(folder, 'journal.ndjson'), torn);
    new Journal(folder, { from: JOURNAL_START }).close();
    expect(textOf(folder)).toBe(before);
  });

  it('of a live book is cut and recorded with its size and hash', () => {
    const folder = folders.make();
    journalOf(folder, 10);
    appendFileSync(join(folder, 'journal.ndjson'), torn);
    const journal = new Journal(folder, { recoveredAt: () => JOURNAL_TIME });
    const hash = createHash('sha256').update(torn).digest('hex');
    expect(recordsOf(folder).at(-1)).toMatchObject({ seq: 11, type: 'recovered', bytes: torn.length, hash });
    expect(headOf(folder)).toMatchObject({ seq: 11 });
    journal.close();
  });
});

it('a live record carries the stamp of its process, a repeatable one does not', () => {
  const folder = folders.make();
  const stamp = () => ({ mono: 12.5, boot: 'b', build: '0.1.0' });
  const journal = new Journal(folder, { stamp });
  appendRecords(journal, 1, 1);
  journal.close();
  expect(recordsOf(folder)[0]).toMatchObject({ mono: 12.5, boot: 'b', build: '0.1.0', generation: 1 });
  journalOf(folder, 0);
  const plain = folders.make();
  journalOf(plain, 1);
  expect(Object.keys(recordsOf(plain)[0] ?? {})).toEqual(['v', 'seq', 'ts', 'type', 'n', 'text', 'prev']);
});

it('a record has its time once, as text, whatever the event carries', () => {
  const folder = folders.make();
  const journal = new Journal(folder);
  journal.append(JOURNAL_TIME, 'cancelled', { ts: JOURNAL_TIME, orderId: 'o-1' });
  journal.close();
  expect(recordsOf(folder)[0]).toMatchObject({ ts: '2024-01-02T00:00:00.000Z', orderId: 'o-1' });
});

describe('a book that is not whole is refused', () => {
  it('without its head.json', () => {
    const folder = folders.make();
    journalOf(folder, 4);
    rmSync(join(folder, 'head.json'));
    expect(failureOf(() => new Journal(folder))).toMatchObject({ code: 'STATE.DAMAGED' });
  });

  it('with a head.json of another journal', () => {
    const folder = folders.make();
    journalOf(folder, 4);
    writeFileSync(join(folder, 'head.json'), JSON.stringify({ ...headOf(folder), h: 'f'.repeat(64) }));
    expect(failureOf(() => new Journal(folder))).toMatchObject({ code: 'STATE.DAMAGED', facts: { record: 4 } });
  });

  it('by file, byte, record and repair step', () => {
    const folder = folders.make();
    journalOf(folder, 4);
    const lines = textOf(folder).split('\n');
    writeFileSync(join(folder, 'journal.ndjson'), [lines[0], lines[2], lines[3], ''].join('\n'));
    const refused = failureOf(() => new Journal(folder));
    const path = join(folder, 'journal.ndjson');
    const repair = `mv "${folder}" "${folder}.damaged"`;
    const byte = Buffer.byteLength(`${lines[0]}\n`);
    expect(refused).toMatchObject({ code: 'STATE.DAMAGED', facts: { path, byte, record: 2, repair } });
    expect(refused.next).toContain(repair);
  });

  it('whose closed file was shortened', () => {
    const folder = folders.make();
    journalOf(folder, 50, { segmentBytes: 2_000 });
    const first = join(folder, 'journal-000000000001.ndjson');
    truncateSync(first, statSync(first).size - 20);
    expect(failureOf(() => new Journal(folder))).toMatchObject({ code: 'STATE.DAMAGED', facts: { path: first } });
  });

  it.each(['head.json', 'record'])('of a later version, by the version of its %s', (where) => {
    const folder = folders.make();
    journalOf(folder, 1);
    if (where === 'head.json') writeFileSync(join(folder, where), JSON.stringify({ ...headOf(folder), version: 2 }));
    else {
      const record = textOf(folder).slice(76, -2).replace('"v":1', '"v":2');
      const h = createHash('sha256').update(record).digest('hex');
      writeFileSync(join(folder, 'journal.ndjson'), `{"h":"${h}","r":${record}}\n`);
    }
    expect(failureOf(() => new Journal(folder)).code).toBe('STATE.VERSION');
  });
});

describe('a disk that fails', () => {
  it('takes a record in as many parts as it likes', () => {
    const folder = folders.make();
    const slow = {
      ...REAL_FILES,
      writeSync: (fd: number, bytes: Uint8Array, from: number, length: number, at: number | null) =>
        REAL_FILES.writeSync(fd, bytes, from, Math.min(length, 7), at),
    } as FileCalls;
    journalOf(folder, 5, { fs: slow });
    expect(checkJournal(folder).last.seq).toBe(5);
  });

  it('and takes only a part, keeps no part', () => {
    const folder = folders.make();
    let calls = 0;
    const full = {
      ...REAL_FILES,
      writeSync: (fd: number, bytes: Uint8Array, from: number, length: number, at: number | null) => {
        if (++calls === 3) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
        return REAL_FILES.writeSync(fd, bytes, from, calls === 2 ? 100 : length, at);
      },
    } as FileCalls;
    journalOf(folder, 5);
    const before = textOf(folder);
    calls = -1;
    const journal = new Journal(folder, { fs: full });
    calls = 1;
    appendOne(journal, 6);
    expect(failureOf(() => journal.flush(true)).code).toBe('STATE.DISK_FULL');
    journal.close();
    expect(textOf(folder)).toBe(before);
  });

  it('to make a record safe is not asked again on the same file', () => {
    const folder = folders.make();
    let syncs = 0;
    const fs = {
      ...REAL_FILES,
      fsyncSync: (fd: number) => {
        syncs++;
        if (failing) throw Object.assign(new Error('EIO'), { code: 'EIO' });
        REAL_FILES.fsyncSync(fd);
      },
    } as FileCalls;
    let failing = false;
    const told: FxError[] = [];
    const journal = new Journal(folder, { fs, onFailure: (error) => void told.push(error) });
    appendOne(journal, 1);
    failing = true;
    syncs = 0;
    const first = failureOf(() => journal.flush(true));
    expect(first.code).toBe('STATE.DISK_ERROR');
    expect(failureOf(() => journal.flush(true))).toBe(first);
    expect(failureOf(() => appendOne(journal, 2))).toBe(first);
    journal.close();
    expect(syncs).toBe(1);
    expect(told).toEqual([first]);
  });
});
