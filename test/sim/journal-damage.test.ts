import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FxError } from '../../src/core/base/errors.js';
import { Journal } from '../../src/core/state/books/journal.js';
import { checkJournal } from '../../src/core/state/books/journal-check.js';
import { type FileCalls, REAL_FILES } from '../../src/core/state/file-calls.js';
import { BookFolders, journalOf } from '../helpers/a-journal.js';

/** `npm run soak` flips every bit; npm tells its scripts their name. */
const SOAK = process.env['npm_lifecycle_event'] === 'soak';
/** Not sixteen: every bit of a byte has its turn. */
const EVERY_BIT = SOAK ? 1 : 17;
const RECORDS = 200;

const folders = new BookFolders();
afterAll(() => folders.remove());

let folder = '';
let path = '';
let whole: Buffer;
/** Heads that know of all records, and of none: with the second every cut is a torn tail. */
let headOfAll = '';
let headOfNone = '';

beforeAll(() => {
  folder = folders.make();
  path = join(folder, 'journal.ndjson');
  journalOf(folder, RECORDS);
  whole = readFileSync(path);
  headOfAll = readFileSync(join(folder, 'head.json'), 'utf8');
  headOfNone = JSON.stringify({ version: 1, seq: 0, h: '', generation: 1 });
});

interface Verdict {
  readonly kind: 'whole' | 'torn' | 'corrupt';
  /** Records that are good from the beginning on. */
  readonly records: number;
}

/** A second opinion, by another way: whole lines from the front, then whether any line after them is whole. */
function expected(bytes: Buffer, headSeq: number): Verdict {
  const lines = bytes.toString('latin1').split('\n');
  const rest = lines.pop() ?? '';
  const good = lines.map(isWhole);
  const firstBad = good.indexOf(false);
  const front = firstBad < 0 ? lines.length : firstBad;
  const chained = lines.slice(0, front).every((line, place) => seqOf(line) === place + 1);
  if (!chained || good.slice(front).includes(true) || front < headSeq) return { kind: 'corrupt', records: front };
  return { kind: front === lines.length && rest === '' ? 'whole' : 'torn', records: front };
}

const wholeLines = new Map<string, boolean>();

/** Most lines are those of before: their answer is remembered. */
function isWhole(line: string): boolean {
  const known = wholeLines.get(line);
  if (known !== undefined) return known;
  const answer = hashHolds(line);
  if (wholeLines.size < 10_000) wholeLines.set(line, answer);
  return answer;
}

function hashHolds(line: string): boolean {
  const match = /^\{"h":"([0-9a-f]{64})","r":(\{"v":1,"seq":.*\})\}$/s.exec(line);
  return (
    match !== null &&
    createHash('sha256')
      .update(match[2] ?? '', 'latin1')
      .digest('hex') === match[1]
  );
}

const seqOf = (line: string): number => Number(/"seq":(\d+)/.exec(line)?.[1]);

/** A folder whose journal is these bytes. */
function holding(bytes: Buffer): FileCalls {
  const calls = {
    readdirSync: () => ['head.json', 'journal.ndjson'],
    openSync: () => 1,
    closeSync: () => undefined,
    readSync: (_: number, into: Uint8Array, start: number, length: number, position: number) => {
      const part = bytes.subarray(position, position + length);
      into.set(part, start);
      return part.length;
    },
  };
  return { ...REAL_FILES, ...(calls as unknown as Partial<FileCalls>) };
}

/** What the program says; a refusal must name file, byte, record and the repair step. */
function found(bytes: Buffer, headSeq: number): Verdict {
  const { h } = JSON.parse(headOfAll) as { h: string };
  try {
    const witnesses = headSeq === 0 ? [] : [{ who: 'head.json', seq: headSeq, hash: h }];
    const { last, torn } = checkJournal(folder, { witnesses, fs: holding(bytes) });
    return { kind: torn === undefined ? 'whole' : 'torn', records: last.seq };
  } catch (error) {
    if (!(error instanceof FxError) || error.code !== 'STATE.DAMAGED') throw error;
    const { byte, record, repair } = error.facts;
    const said = error.facts['path'] === path && Number(byte) >= 0 && Number(record) >= 1;
    expect(said && error.next.includes(String(repair)), error.message).toBe(true);
    return { kind: 'corrupt', records: Number(record) - 1 };
  }
}

/** Under the head that knows of all records and the one that knows of none; one of the two where there are very many. */
function check(bytes: Buffer, what: string, heads: readonly number[] = [RECORDS, 0]): void {
  for (const headSeq of heads) {
    const [wanted, said] = [expected(bytes, headSeq), found(bytes, headSeq)];
    if (said.kind !== wanted.kind) expect.fail(`${what}, head ${headSeq}: ${said.kind}, wanted ${wanted.kind}`);
    if (said.kind !== 'corrupt' && said.records !== wanted.records) expect.fail(`${what}: ${said.records} records`);
  }
}

const oneOf = (turn: number): readonly number[] => (SOAK ? [RECORDS, 0] : [turn % 2 === 0 ? RECORDS : 0]);

describe(`a journal of ${RECORDS} records`, () => {
  it('cut after any byte', () => {
    const every = SOAK ? 1 : 8;
    for (let length = 0; length <= whole.length; length++) {
      const nearEnd = whole.subarray(Math.max(0, length - 2), length + 2).includes(0x0a) || length > whole.length - 400;
      if (nearEnd || length % every === 0) check(whole.subarray(0, length), `cut to ${length}`, oneOf(length));
    }
  }, 600_000);

  it('with any bit flipped', () => {
    for (let bit = 0; bit < whole.length * 8; bit += EVERY_BIT) {
      const bytes = Buffer.from(whole);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      check(bytes, `bit ${bit}`, oneOf(bit / EVERY_BIT));
    }
  }, 1_200_000);

  it('with two records swapped, one deleted, or one twice', () => {
    const lines = whole.toString('utf8').split('\n').slice(0, -1);
    const joined = (list: readonly (string | undefined)[]) => Buffer.from(list.map((line) => `${line}\n`).join(''));
    for (let at = 0; at < lines.length; at++) {
      check(joined(lines.filter((_, place) => place !== at)), `without ${at}`);
      check(joined([...lines.slice(0, at + 1), ...lines.slice(at)]), `twice ${at}`);
      const other = (at * 7 + 3) % lines.length;
      const swapped = lines.with(at, lines[other] ?? '').with(other, lines[at] ?? '');
      if (other !== at) check(joined(swapped), `swapped ${at} and ${other}`);
    }
  }, 120_000);

  it('with zeros or other bytes after it', () => {
    for (const length of [1, 2, 511, 512, 4096, 100_000]) {
      check(Buffer.concat([whole, Buffer.alloc(length)]), `${length} zeros`);
      check(Buffer.concat([whole, Buffer.alloc(length, '\n')]), `${length} line ends`);
      check(Buffer.concat([whole, Buffer.alloc(length, 'x')]), `${length} letters`);
    }
    check(Buffer.concat([Buffer.from('\ufeff'), whole]), 'a byte order mark');
    check(Buffer.from(whole.toString('utf8').replaceAll('\n', '\r\n')), 'other line ends');
    check(Buffer.alloc(0), 'empty');
  });

  it('is repaired when torn, and left as it is when corrupt', () => {
    const lastLine = whole.lastIndexOf(0x0a, whole.length - 2) + 1;
    const torn = whole.subarray(0, lastLine + 40);
    writeFileSync(path, torn);
    writeFileSync(join(folder, 'head.json'), headOfNone);
    new Journal(folder).close();
    expect(readFileSync(path).equals(whole.subarray(0, lastLine))).toBe(true);
    writeFileSync(path, torn);
    writeFileSync(join(folder, 'head.json'), headOfAll);
    expect(() => new Journal(folder)).toThrow(FxError);
    expect(readFileSync(path).equals(torn)).toBe(true);
  });
});
