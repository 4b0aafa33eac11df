import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FxError } from '../../src/core/base/errors.js';
import { Journal } from '../../src/core/state/books/journal.js';
import { checkJournal } from '../../src/core/state/books/journal-check.js';
import { type FileCalls, REAL_FILES } from '../../src/core/state/file-calls.js';
import { added, isSoak, told } from '../blackbox/several.js';
import { BookFolders, journalOf } from '../helpers/a-journal.js';

/** Not sixteen: every bit of a byte has its turn. `npm run soak` flips every bit. */
const EVERY_BIT = isSoak ? 1 : 17;
const RECORDS = 200;

const folders = new BookFolders();
afterAll(() => {
  folders.remove();
  if (isSoak) console.log(`journal of ${RECORDS} records, ${whole.length} bytes: ${told(added([counts]))}`);
});

let folder = '';
let path = '';
let whole: Buffer;
let lines: readonly string[] = [];
/** Heads that know of all records, and of none: with the second every cut is a torn tail. */
let headOfAll = '';
let headOfNone = '';
/** How often each kind of damage was called what. */
const counts = new Map<string, number>();

beforeAll(() => {
  folder = folders.make();
  path = join(folder, 'journal.ndjson');
  journalOf(folder, RECORDS);
  whole = readFileSync(path);
  lines = whole.toString('latin1').split('\n').slice(0, -1);
  headOfAll = readFileSync(join(folder, 'head.json'), 'utf8');
  headOfNone = JSON.stringify({ version: 1, seq: 0, h: '', generation: 1 });
});

interface Verdict {
  readonly kind: 'whole' | 'torn' | 'corrupt';
  /** Records that are good from the beginning on. */
  readonly records: number;
  /** Offset of the first byte that is not theirs. */
  readonly byte: number;
}

/** A second opinion, by another way: whole lines from the front, then whether any line after them is whole. */
function expected(bytes: Buffer): (headSeq: number) => Verdict {
  const found = bytes.toString('latin1').split('\n');
  const rest = found.pop() ?? '';
  let front = 0;
  let byte = 0;
  for (let line = found[0]; line !== undefined && placeOf(line) === front + 1; line = found[front]) {
    front++;
    byte += line.length + 1;
  }
  const goesOn = found.slice(front).some((line) => placeOf(line) > 0);
  const isWhole = front === found.length && rest === '';
  return (headSeq) => {
    const kind = goesOn || front < headSeq ? 'corrupt' : isWhole ? 'whole' : 'torn';
    return { kind, records: front, byte };
  };
}

const places = new Map<string, number>();

/** Number of the record of a line that is whole, else 0. Most lines are those of before: their answer is remembered. */
function placeOf(line: string): number {
  const known = places.get(line);
  if (known !== undefined) return known;
  const answer = hashHolds(line) ? Number(/"seq":(\d+)/.exec(line)?.[1]) : 0;
  if (places.size < 10_000) places.set(line, answer);
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
function found(fs: FileCalls, headSeq: number): Verdict {
  const hash = /"h":"([0-9a-f]{64})"/.exec(lines[headSeq - 1] ?? '')?.[1] ?? '';
  try {
    const witnesses = headSeq === 0 ? [] : [{ who: 'head.json', seq: headSeq, hash }];
    const { last, torn } = checkJournal(folder, { witnesses, fs });
    if (torn !== undefined) expect(torn.byte).toBe(last.bytes);
    return { kind: torn === undefined ? 'whole' : 'torn', records: last.seq, byte: last.bytes };
  } catch (error) {
    if (!(error instanceof FxError) || error.code !== 'STATE.DAMAGED') throw error;
    const { byte, record, repair } = error.facts;
    const said = error.facts['path'] === path && error.next.includes(String(repair));
    if (!said) expect.fail(error.message);
    return { kind: 'corrupt', records: Number(record) - 1, byte: Number(byte) };
  }
}

/** Heads that know of all records, of half of them (the usual state: it is written now and then), and of none. */
const HEADS = [RECORDS, RECORDS / 2, 0] as const;

function check(bytes: Buffer, what: string, exactly: string, heads: readonly number[] = HEADS): void {
  const wants = expected(bytes);
  const fs = holding(bytes);
  for (const headSeq of heads) {
    const [wanted, said] = [wants(headSeq), found(fs, headSeq)];
    if (said.kind !== wanted.kind) expect.fail(`${exactly}, head ${headSeq}: ${said.kind}, wanted ${wanted.kind}`);
    if (said.records !== wanted.records) expect.fail(`${exactly}: ${said.records} records, not ${wanted.records}`);
    if (said.byte !== wanted.byte) expect.fail(`${exactly}: byte ${said.byte}, not ${wanted.byte}`);
    const name = `${what} ${said.kind}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
}

/** One head after the other where every one would take too long. */
const oneOf = (turn: number): readonly number[] => (isSoak ? HEADS : [HEADS[turn % HEADS.length] ?? 0]);

const joined = (list: readonly (string | undefined)[]) =>
  Buffer.from(list.map((line) => `${line}\n`).join(''), 'latin1');

describe(`a journal of ${RECORDS} records`, () => {
  it('cut after any byte', () => {
    const every = isSoak ? 1 : 8;
    for (let length = 0; length <= whole.length; length++) {
      const nearEnd = whole.subarray(Math.max(0, length - 2), length + 2).includes(0x0a) || length > whole.length - 400;
      if (nearEnd || length % every === 0) check(whole.subarray(0, length), 'cut', `cut to ${length}`, oneOf(length));
    }
  }, 3_600_000);

  it('with any bit flipped', () => {
    const bytes = Buffer.from(whole);
    for (let bit = 0; bit < whole.length * 8; bit += EVERY_BIT) {
      const at = bit >> 3;
      bytes[at] = (whole[at] ?? 0) ^ (1 << (bit & 7));
      check(bytes, 'flip', `bit ${bit}`, oneOf(bit / EVERY_BIT));
      bytes[at] = whole[at] ?? 0;
    }
  }, 7_200_000);

  it('with two records swapped', () => {
    for (let one = 0; one < RECORDS; one++) {
      const others = isSoak
        ? Array.from({ length: RECORDS - one - 1 }, (_, i) => one + 1 + i)
        : [(one * 7 + 3) % RECORDS];
      for (const other of others) {
        if (other === one) continue;
        const swapped = lines.with(one, lines[other] ?? '').with(other, lines[one] ?? '');
        check(joined(swapped), 'swap', `swapped ${one} and ${other}`, oneOf(one));
      }
    }
  }, 3_600_000);

  it('with one record or a run of them deleted', () => {
    for (let from = 0; from < RECORDS; from++) {
      const most = RECORDS - from;
      const lengths = isSoak ? Array.from({ length: most }, (_, i) => i + 1) : [1, Math.ceil(most / 3), most];
      for (const length of lengths) {
        check(joined(lines.toSpliced(from, length)), 'deletion', `${length} from ${from} gone`, oneOf(from));
      }
    }
  }, 3_600_000);

  it('with a record twice, or one of another place in it', () => {
    for (let at = 0; at < RECORDS; at++) {
      check(joined(lines.toSpliced(at, 0, lines[at] ?? '')), 'twice', `twice ${at}`, oneOf(at));
      check(joined([...lines, lines[at] ?? '']), 'twice', `${at} again at the end`, oneOf(at + 1));
    }
  }, 600_000);

  it('with zeros or other bytes after it', () => {
    for (const length of [1, 2, 511, 512, 4096, 100_000]) {
      check(Buffer.concat([whole, Buffer.alloc(length)]), 'zeros after', `${length} zeros`);
      check(Buffer.concat([whole, Buffer.alloc(length, '\n')]), 'line ends after', `${length} line ends`);
      check(Buffer.concat([whole, Buffer.alloc(length, 'x')]), 'letters after', `${length} letters`);
    }
    check(Buffer.concat([Buffer.from('\ufeff'), whole]), 'byte order mark', 'a byte order mark');
    check(Buffer.from(whole.toString('latin1').replaceAll('\n', '\r\n'), 'latin1'), 'CRLF', 'other line ends');
    check(Buffer.alloc(0), 'empty', 'empty');
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
