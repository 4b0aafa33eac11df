import { createHash } from 'node:crypto';
import { appendFileSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { FxError } from '../../../../src/core/base/errors.js';
import { checkJournal, JOURNAL_START, type Witness } from '../../../../src/core/state/books/journal-check.js';
import { journalFiles, readSpans } from '../../../../src/core/state/books/journal-files.js';
import { type FileCalls, REAL_FILES } from '../../../../src/core/state/file-calls.js';
import { BookFolders, journalOf } from '../../../helpers/a-journal.js';

const folders = new BookFolders();
afterAll(() => folders.remove());

const sha = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');

/** A journal of `count` records in one file, its lines, and where each begins. */
function aJournal(count = 4) {
  const folder = folders.make();
  journalOf(folder, count);
  const path = join(folder, 'journal.ndjson');
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  const starts = lines.map((_, index) =>
    Buffer.byteLength(
      lines
        .slice(0, index)
        .map((line) => `${line}\n`)
        .join(''),
    ),
  );
  const hashes = lines.map((line) => line.slice(6, 70));
  return { folder, path, lines, starts, hashes, write: (...all: string[]) => writeFileSync(path, all.join('\n')) };
}

/** A line whose hash is right, whatever its record says. */
const lineOf = (record: string): string => `{"h":"${sha(record)}","r":${record}}`;
const recordOf = (seq: number | string, prev: string, version = '1'): string =>
  `{"v":${version},"seq":${seq},"ts":"2024-01-02T00:00:00.000Z","type":"x","prev":"${prev}"}`;

function refusedAs(folder: string, witnesses: readonly Witness[] = []) {
  try {
    checkJournal(folder, { witnesses });
  } catch (error) {
    const { code, message, facts } = error as FxError;
    return { code, message: message.replaceAll(folder, ''), byte: facts['byte'], record: facts['record'] };
  }
  return undefined;
}

describe('a journal that is whole', () => {
  it('is told with its last record, its files and each record', () => {
    const { folder, path, lines, hashes } = aJournal(3);
    const seen: string[] = [];
    const onRecord = (record: Buffer, seq: number, hash: string) => seen.push(`${seq} ${hash} ${record.toString()}`);
    const bytes = readFileSync(path).length;
    expect(checkJournal(folder, { onRecord })).toEqual({
      last: { seq: 3, hash: hashes[2], bytes },
      spans: [{ path, firstSeq: undefined, first: 1, base: 0, bytes }],
      torn: undefined,
    });
    expect(seen).toEqual(lines.map((line, index) => `${index + 1} ${hashes[index]} ${line.slice(76, -1)}`));
  });

  it('may be empty, or not there yet', () => {
    const folder = folders.make();
    expect(checkJournal(folder)).toEqual({ last: JOURNAL_START, spans: [], torn: undefined });
    writeFileSync(join(folder, 'journal.ndjson'), '');
    expect(checkJournal(folder).last).toEqual({ seq: 0, hash: '', bytes: 0 });
  });

  it('goes over several files, each with its place in the whole', () => {
    const folder = folders.make();
    journalOf(folder, 12, { segmentBytes: 700 });
    const { spans, last } = checkJournal(folder);
    expect(spans.length).toBeGreaterThan(3);
    let [base, first] = [0, 1];
    for (const span of spans) {
      expect([span.base, span.first]).toEqual([base, first]);
      const text = readFileSync(span.path);
      expect(span.bytes).toBe(text.length);
      base += span.bytes;
      first += text.toString().split('\n').length - 1;
    }
    expect([last.seq, last.bytes]).toEqual([12, base]);
    expect(spans.at(-1)?.firstSeq).toBeUndefined();
    const whole = Buffer.concat(spans.map(({ path }) => readFileSync(path)));
    for (const [from, to] of [
      [0, base],
      [10, 15],
      [700, 1900],
      [base - 1, base],
      [5, 5],
      [9, 3],
    ] as const) {
      expect(readSpans(spans, from, to, REAL_FILES).equals(whole.subarray(from, Math.max(from, to)))).toBe(true);
    }
  });

  it('may hold lines longer than what is read at once', () => {
    const folder = folders.make();
    const first = recordOf(1, '').replace('"type":"x"', `"type":"${'y'.repeat(1_100_000)}"`);
    const second = recordOf(2, sha(first)).replace('"type":"x"', `"type":"${'z'.repeat(2_200_000)}"`);
    writeFileSync(
      join(folder, 'journal.ndjson'),
      `${lineOf(first)}\n${lineOf(second)}\n${lineOf(second).slice(0, 99)}`,
    );
    const { last, torn } = checkJournal(folder);
    expect([last.seq, last.bytes]).toEqual([2, first.length + second.length + 2 * 78]);
    expect(torn).toMatchObject({ byte: last.bytes, bytes: 99 });
  });

  it('closes each file that it opened', () => {
    const folder = folders.make();
    journalOf(folder, 12, { segmentBytes: 700 });
    let open = 0;
    const counting = {
      ...REAL_FILES,
      openSync: (...args: Parameters<FileCalls['openSync']>) => {
        open++;
        return REAL_FILES.openSync(...args);
      },
      closeSync: (fd: number) => {
        open--;
        REAL_FILES.closeSync(fd);
      },
    } as FileCalls;
    const { spans, last } = checkJournal(folder, { fs: counting });
    readSpans(spans, 0, last.bytes, counting);
    expect(open).toBe(0);
  });
});

describe('the tail that a crash left', () => {
  it.each([
    ['half a line', '{"h":"ab'],
    ['a line that is no record', 'hello\n'],
    ['two lines that are no records', 'hello\nworld\n'],
    ['an empty line and half of one', '\n{'],
  ])('is told as it is: %s', (_, tail) => {
    const { folder, path } = aJournal();
    const { length } = readFileSync(path);
    appendFileSync(path, tail);
    expect(checkJournal(folder).torn).toEqual({ path, byte: length, bytes: tail.length, hash: sha(tail) });
    expect(checkJournal(folder).last.seq).toBe(4);
  });

  it('may be a whole record without its end', () => {
    const { folder, lines, starts, write } = aJournal();
    write(...lines);
    expect(checkJournal(folder)).toMatchObject({ last: { seq: 3 }, torn: { byte: starts[3] } });
  });

  it.each([
    ['another hash', (line: string) => line.replace(/"h":"./, '"h":"x')],
    ['a hash of other bytes', (line: string) => line.replace('fill', 'fell')],
    ['no brace at its end', (line: string) => `${line.slice(0, -1)} `],
    ['something after its end', (line: string) => `${line} `],
    ['something before its start', (line: string) => ` ${line}`],
    ['no link to the record before', (line: string) => lineOf(line.slice(76, -1).replace(/,"prev":"[^"]*"/, ''))],
    ['a link that is not its last word', (line: string) => lineOf(line.slice(76, -1).replace(/\}$/, ',"x":1}'))],
  ])('may be a line with %s', (_, spoil) => {
    const { folder, lines, starts, write } = aJournal(3);
    write(...lines.slice(0, 2), spoil(lines[2] ?? ''), '');
    expect(checkJournal(folder)).toMatchObject({ last: { seq: 2 }, torn: { byte: starts[2] } });
  });
});

describe('what no crash leaves is refused, by byte and record', () => {
  it('a spoiled record before whole ones', () => {
    const { folder, lines, starts, write } = aJournal();
    write(lines[0] ?? '', 'spoiled', ...lines.slice(2), '');
    expect(refusedAs(folder)).toEqual({
      code: 'STATE.DAMAGED',
      message: `/journal.ndjson is damaged at byte ${starts[1]}, record 2: a record that is not whole stands before others that are`,
      byte: starts[1],
      record: 2,
    });
  });

  it.each([
    ['a record left out', (lines: string[]) => [lines[0], lines[2], lines[3]], 3, 1],
    ['a record twice', (lines: string[]) => [lines[0], lines[1], lines[1]], 2, 2],
    ['two in the wrong order', (lines: string[]) => [lines[0], lines[2], lines[1]], 3, 1],
    ['no first record', (lines: string[]) => lines.slice(1), 2, 0],
    ['a record of another journal', (lines: string[]) => [lines[0], lineOf(recordOf(2, 'f'.repeat(64)))], 2, 1],
  ])('%s', (_, cut, told, before) => {
    const { folder, lines, write } = aJournal();
    write(...cut(lines).map((line) => line ?? ''), '');
    expect(refusedAs(folder)).toMatchObject({
      code: 'STATE.DAMAGED',
      message: expect.stringContaining(`record ${told} does not follow record ${before}`),
      record: before + 1,
    });
  });

  it('a record of a later version', () => {
    const { folder, path, lines, hashes, write } = aJournal(1);
    write(...lines, lineOf(recordOf(2, hashes[0] ?? '', '2')), '');
    expect(refusedAs(folder)).toEqual({
      code: 'STATE.VERSION',
      message: 'record 2 of /journal.ndjson has version 2, this program reads version 1',
      byte: undefined,
      record: 2,
    });
    expect(path).toContain(folder);
  });

  it('a closed file that begins or ends where it must not', () => {
    const folder = folders.make();
    journalOf(folder, 12, { segmentBytes: 700 });
    const names = readdirSync(folder).filter((name) => /^journal-/.test(name));
    const [first = '', second = '', third = ''] = names;
    const number = Number(third.slice(8, 20));
    appendFileSync(join(folder, second), 'x');
    expect(refusedAs(folder)).toMatchObject({
      message: expect.stringMatching(
        /^\/journal-\d+[.]ndjson is damaged .*: a closed file does not end with a whole record$/,
      ),
      record: number,
    });
    rmSync(join(folder, second));
    expect(refusedAs(folder)).toEqual({
      code: 'STATE.DAMAGED',
      message: expect.stringContaining(`it begins with record ${number}, the file before it ends with`),
      byte: 0,
      record: Number(second.slice(8, 20)),
    });
    rmSync(join(folder, first));
    expect(refusedAs(folder)).toMatchObject({ record: 1 });
  });

  it('a closed file that is the last, and torn', () => {
    const { folder, path } = aJournal(2);
    appendFileSync(path, 'x');
    renameSync(path, join(folder, 'journal-000000000001.ndjson'));
    expect(refusedAs(folder)).toMatchObject({
      message: expect.stringContaining('a closed file does not end with a whole record'),
      byte: expect.any(Number),
      record: 3,
    });
  });
});

describe('a witness', () => {
  const knows = (seq: number, hash: string, who = 'head.json'): Witness => ({ who, seq, hash });

  it('that knows what is there has nothing to say', () => {
    const { folder, hashes } = aJournal();
    const all = [knows(2, hashes[1] ?? ''), knows(4, hashes[3] ?? ''), knows(4, hashes[3] ?? '', 'a person')];
    expect(refusedAs(folder, all)).toBeUndefined();
    expect(refusedAs(folder, [knows(0, '')])).toBeUndefined();
  });

  it('of another record is believed, each of them', () => {
    const { folder, hashes, starts } = aJournal();
    for (const witnesses of [
      [knows(2, 'ff', 'a person')],
      [knows(2, hashes[1] ?? ''), knows(2, 'ff', 'a person'), knows(4, hashes[3] ?? '')],
    ]) {
      expect(refusedAs(folder, witnesses)).toEqual({
        code: 'STATE.DAMAGED',
        message: `/journal.ndjson is damaged at byte ${starts[1]}, record 2: it is not the record 2 that a person knows`,
        byte: starts[1],
        record: 2,
      });
    }
  });

  it('of a record that is gone is believed, the newest first', () => {
    const { folder, path } = aJournal();
    const { length } = readFileSync(path);
    expect(refusedAs(folder, [knows(5, 'aa'), knows(9, 'bb', 'the snapshot'), knows(7, 'cc')])).toEqual({
      code: 'STATE.DAMAGED',
      message: `/journal.ndjson is damaged at byte ${length}, record 5: records are missing: the snapshot knows of record 9, the last whole one is 4`,
      byte: length,
      record: 5,
    });
    const none = folders.make();
    expect(refusedAs(none, [knows(1, 'aa')])).toMatchObject({ byte: 0, record: 1 });
    expect(refusedAs(none, [knows(1, 'aa')])?.message).toContain('/journal.ndjson is damaged');
  });
});

it('the files of a journal are found by their names alone, in the order of their records', () => {
  const folder = folders.make();
  for (const name of [
    'journal.ndjson',
    'journal-000000000100.ndjson',
    'journal-000000000009.ndjson',
    'journal-9.ndjson',
    'journal-000000000009.ndjson.bak',
    'x-journal-000000000009.ndjson',
    'head.json',
  ]) {
    writeFileSync(join(folder, name), '');
  }
  expect(journalFiles(folder)).toEqual([
    { path: join(folder, 'journal-000000000009.ndjson'), firstSeq: 9 },
    { path: join(folder, 'journal-000000000100.ndjson'), firstSeq: 100 },
    { path: join(folder, 'journal.ndjson'), firstSeq: undefined },
  ]);
  rmSync(join(folder, 'journal.ndjson'));
  expect(journalFiles(folder).map(({ firstSeq }) => firstSeq)).toEqual([9, 100]);
});
