import {
  appendFileSync,
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { FxError } from '../../../../src/core/base/errors.js';
import { Journal } from '../../../../src/core/state/books/journal.js';
import { checkJournal, JOURNAL_START } from '../../../../src/core/state/books/journal-check.js';
import { type FileCalls, REAL_FILES } from '../../../../src/core/state/file-calls.js';
import { appendOne, appendRecords, BookFolders, JOURNAL_TIME, journalOf } from '../../../helpers/a-journal.js';

const folders = new BookFolders();
afterAll(() => folders.remove());

const pathOf = (folder: string): string => join(folder, 'journal.ndjson');
const headOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'head.json'), 'utf8'));
const closedOf = (folder: string): string[] => readdirSync(folder).filter((name) => name.startsWith('journal-'));
const modeOf = (path: string): number => statSync(path).mode & 0o777;

function failureOf(act: () => unknown): FxError {
  try {
    act();
  } catch (error) {
    return error as FxError;
  }
  throw new Error('nothing was thrown');
}

/** Real files that count what is open and what was called. */
function counting() {
  const open = new Set<number>();
  const calls: string[] = [];
  const fs: Record<string, unknown> = {};
  for (const [name, call] of Object.entries(REAL_FILES)) {
    if (typeof call !== 'function') continue;
    fs[name] = (...args: unknown[]) => {
      calls.push(name);
      const result = (call as (...all: unknown[]) => unknown)(...args);
      if (name === 'openSync') open.add(result as number);
      if (name === 'closeSync') open.delete(args[0] as number);
      return result;
    };
  }
  return { fs: fs as unknown as FileCalls, open, calls };
}

describe('a run that does not repeat the journal', () => {
  it.each([
    [
      'at its second record',
      [1, 3],
      'submit (record 2, 2024-01-02T00:00:02.000Z)',
      'fill (record 2, 2024-01-02T00:00:03.000Z)',
    ],
    ['at its first', [6], 'submit (record 1, 2024-01-02T00:00:01.000Z)', 'fill (record 1, 2024-01-02T00:00:06.000Z)'],
  ])('is told %s, with what stood there and what came', (_, made, before, now) => {
    const folder = folders.make();
    journalOf(folder, 4);
    const [first = ''] = readFileSync(pathOf(folder), 'utf8').split('\n');
    const byte = made.length === 1 ? 0 : Buffer.byteLength(first) + 1;
    const journal = new Journal(folder, { from: JOURNAL_START });
    for (const n of made) appendOne(journal, n);
    const failure = failureOf(() => journal.flush(false));
    expect(failure.code).toBe('STATE.DIVERGED');
    expect(failure.message).toBe(
      `this run does not repeat the journal ${pathOf(folder)} at byte ${byte}: ${before} before, ${now} now`,
    );
    expect(failure.facts).toEqual({ path: pathOf(folder), byte });
    expect(failure.next).toBe(
      'the strategy is not deterministic, or the program changed since: begin a new book with --book NAME',
    );
    journal.close();
  });

  it('is found where a stamp stands between its time and its kind, too', () => {
    const folder = folders.make();
    const stamp = () => ({ mono: 1, boot: 'b', build: '1' });
    journalOf(folder, 2, { stamp });
    const journal = new Journal(folder, { from: JOURNAL_START, stamp });
    appendOne(journal, 1);
    expect(failureOf(() => journal.flush(false)).message).toContain('submit (record 1, 2024-01-02T00:00:01.000Z) now');
    journal.close();
  });
});

describe('a writer that lost its book', () => {
  it('is told to whom, and what to do', () => {
    const folder = folders.make();
    const journal = new Journal(folder);
    new Journal(folder).close();
    appendOne(journal, 1);
    const failure = failureOf(() => journal.flush(true));
    expect(failure.message).toBe(
      `${pathOf(folder)} is no longer ours to write: another run opened it since (generation 2), this run is generation 1`,
    );
    expect(failure.facts).toEqual({ path: pathOf(folder), generation: 1, newest: 2 });
    expect(failure.next).toBe('find the other run and stop one of the two, then run the same command again');
    journal.close();
    expect(checkJournal(folder).last.seq).toBe(0);
  });

  it('is told that head.json is gone', () => {
    const folder = folders.make();
    const journal = new Journal(folder);
    rmSync(join(folder, 'head.json'));
    appendOne(journal, 1);
    const failure = failureOf(() => journal.flush(true));
    expect(failure.message).toContain('no longer ours to write: head.json is gone, this run is generation 1');
    expect(failure.facts).toMatchObject({ newest: null });
    journal.close();
  });
});

it('a journal with records and without head.json is refused by how many it has', () => {
  const folder = folders.make();
  journalOf(folder, 3);
  rmSync(join(folder, 'head.json'));
  const { fs, open } = counting();
  expect(failureOf(() => new Journal(folder, { fs })).message).toBe(
    `${join(folder, 'head.json')} is damaged at byte 0: it is not there, and the journal has 3 records`,
  );
  expect(open.size).toBe(0);
  expect(existsSync(join(folder, 'head.json'))).toBe(false);
});

it('a snapshot that knows another record, or one that is gone, is believed', () => {
  const folder = folders.make();
  journalOf(folder, 3);
  const open = (seq: number) => failureOf(() => new Journal(folder, { from: { seq, hash: 'ff', bytes: 1 } }));
  expect(open(2)).toMatchObject({ code: 'STATE.DAMAGED', facts: { record: 2 } });
  expect(open(2).message).toContain('it is not the record 2 that the snapshot knows');
  expect(open(9).message).toContain('records are missing: the snapshot knows of record 9');
});

describe('what a crash left undone', () => {
  it('a closed file that may still be written is closed for good', () => {
    const folder = folders.make();
    journalOf(folder, 12, { segmentBytes: 700 });
    const [first = ''] = closedOf(folder);
    chmodSync(join(folder, first), 0o600);
    chmodSync(pathOf(folder), 0o600);
    const { fs, calls } = counting();
    new Journal(folder, { segmentBytes: 700, fs }).close();
    expect(modeOf(join(folder, first))).toBe(0o400);
    expect(modeOf(pathOf(folder))).toBe(0o600);
    expect(calls.filter((name) => name === 'chmodSync')).toHaveLength(1);
  });

  it('a full file that was not closed is closed, and the next begins where it ends', () => {
    const folder = folders.make();
    journalOf(folder, 4);
    const { length } = readFileSync(pathOf(folder));
    const journal = new Journal(folder, { segmentBytes: length });
    expect(closedOf(folder)).toEqual(['journal-000000000001.ndjson']);
    expect(modeOf(join(folder, 'journal-000000000001.ndjson'))).toBe(0o400);
    appendRecords(journal, 5, 6);
    journal.close();
    const { spans, last } = checkJournal(folder);
    expect(spans.map(({ first, base }) => [first, base])).toEqual([
      [1, 0],
      [5, length],
    ]);
    expect(last.seq).toBe(6);
  });

  it('a file that is one byte short of full goes on', () => {
    const folder = folders.make();
    journalOf(folder, 4);
    const { length } = readFileSync(pathOf(folder));
    new Journal(folder, { segmentBytes: length + 1 }).close();
    expect(closedOf(folder)).toEqual([]);
  });

  it('a file that was closed and has no successor gets one', () => {
    const folder = folders.make();
    journalOf(folder, 4);
    renameSync(pathOf(folder), join(folder, 'journal-000000000001.ndjson'));
    const journal = new Journal(folder);
    expect(existsSync(pathOf(folder))).toBe(true);
    appendRecords(journal, 5, 5);
    journal.close();
    expect(checkJournal(folder).last.seq).toBe(5);
  });

  it('a torn tail is cut, made safe, and told only where somebody has a clock', () => {
    const folder = folders.make();
    journalOf(folder, 3);
    const whole = readFileSync(pathOf(folder));
    appendFileSync(pathOf(folder), '{"h":"to');
    const { fs, calls } = counting();
    const journal = new Journal(folder, { fs });
    expect(readFileSync(pathOf(folder)).equals(whole)).toBe(true);
    expect(calls.indexOf('fsyncSync', calls.indexOf('ftruncateSync'))).toBeGreaterThan(0);
    journal.close();
    appendFileSync(pathOf(folder), '{"h":"to');
    const live = new Journal(folder, { recoveredAt: () => JOURNAL_TIME });
    expect(live.recordsAfter({ seq: 3, hash: '', bytes: whole.length })).toMatchObject([
      { seq: 4, type: 'recovered', file: pathOf(folder), byte: whole.length, bytes: 8 },
    ]);
    expect(headOf(folder).seq).toBe(4);
    live.close();
    // Nothing is torn any more, so nothing is told.
    new Journal(folder, { recoveredAt: () => JOURNAL_TIME }).close();
    expect(checkJournal(folder).last.seq).toBe(4);
  });
});

describe('the head', () => {
  it('names what was made safe, never goes back, and is not written twice for the same record', () => {
    const folder = folders.make();
    const { fs, calls } = counting();
    const journal = new Journal(folder, { fs });
    appendRecords(journal, 1, 2);
    expect(headOf(folder)).toMatchObject({ seq: 0, generation: 1 });
    journal.head();
    expect(headOf(folder)).toMatchObject({ seq: 2, h: journal.position.hash });
    const { length } = calls;
    journal.head();
    expect(calls).toHaveLength(length);
    journal.close();
    expect(calls.slice(length).includes('renameSync')).toBe(false);
  });

  it('is not put back by a restart that has caught up only in part', () => {
    const folder = folders.make();
    journalOf(folder, 5);
    const journal = new Journal(folder, { from: JOURNAL_START });
    appendRecords(journal, 1, 2);
    journal.head();
    journal.close();
    expect(headOf(folder).seq).toBe(5);
  });
});

describe('closing', () => {
  it('makes everything safe first, and closes what it opened, once', () => {
    const folder = folders.make();
    const { fs, open, calls } = counting();
    const journal = new Journal(folder, { fs });
    appendOne(journal, 1);
    journal.close();
    expect(open.size).toBe(0);
    expect(calls.includes('fsyncSync')).toBe(true);
    expect([checkJournal(folder).last.seq, headOf(folder).seq]).toEqual([1, 1]);
    const { length } = calls;
    journal.close();
    expect(calls).toHaveLength(length);
  });
});

describe('what is appended', () => {
  it('waits in memory until it is flushed, or is much', () => {
    const folder = folders.make();
    const journal = new Journal(folder);
    appendOne(journal, 1);
    expect(statSync(pathOf(folder)).size).toBe(0);
    for (let n = 0; n < 3; n++) journal.append(JOURNAL_TIME, 'much', { text: 'x'.repeat(100_000) });
    expect(statSync(pathOf(folder)).size).toBe(journal.position.bytes);
    journal.close();
  });

  it('is made safe only where that was asked for', () => {
    const folder = folders.make();
    const { fs, calls } = counting();
    const journal = new Journal(folder, { fs });
    appendOne(journal, 1);
    const { length } = calls;
    journal.flush(false);
    expect(calls.slice(length)).toContain('writeSync');
    expect(calls.slice(length)).not.toContain('fsyncSync');
    const flushed = calls.length;
    journal.flush(true);
    expect(calls.slice(flushed)).toEqual(['fsyncSync']);
    journal.close();
  });

  it('is read back from any position', () => {
    const folder = folders.make();
    const journal = new Journal(folder, { segmentBytes: 700 });
    const positions = [journal.position];
    for (let n = 1; n <= 7; n++) {
      appendOne(journal, n);
      positions.push(journal.position);
    }
    journal.flush(true);
    for (const [index, position] of positions.entries()) {
      expect(journal.recordsAfter(position).map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6, 7].slice(index));
    }
    expect(journal.tail()).toEqual([]);
    journal.close();
  });
});
