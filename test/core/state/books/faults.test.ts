import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FxError } from '../../../../src/core/base/errors.js';
import { Journal } from '../../../../src/core/state/books/journal.js';
import { JOURNAL_START } from '../../../../src/core/state/books/journal-check.js';
import { readSnapshot, writeSnapshot } from '../../../../src/core/state/books/snapshot.js';
import { removeStaleFiles } from '../../../../src/core/state/books/stale-files.js';
import { type FileCalls, REAL_FILES } from '../../../../src/core/state/file-calls.js';
import { RowFiles } from '../../../../src/core/state/runs/row-files.js';
import { failingFiles } from '../../../helpers/failing-files.js';

const root = mkdtempSync(join(tmpdir(), 'fxtrade-faults-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const BARS = 12;
const EVERY = 4;
const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 2);

/** What a paper book does with its files, bar by bar, in the order in which it does it; from its last snapshot to the end. */
function work(folder: string, fs: FileCalls): void {
  removeStaleFiles(folder, fs);
  const newest = readSnapshot(folder, fs);
  const rows = new RowFiles(folder, 2, newest?.offsets, fs);
  const journal = new Journal(folder, { from: newest?.journal ?? JOURNAL_START, segmentBytes: 1200, fs });
  try {
    for (let bar = (newest?.rows ?? 0) + 1; bar <= BARS; bar++) {
      const ts = START + bar * HOUR;
      journal.append(ts, 'decided', { bar, reason: 'up ☂' });
      journal.flush(true);
      rows.equity(ts, 10_000 + bar, 10_000, 0);
      rows.day(19_724 + bar, bar / 1000);
      if (bar % EVERY !== 0) continue;
      journal.flush(true);
      const offsets = rows.flush(true);
      journal.head();
      const state = { bar };
      const finished = bar === BARS;
      writeSnapshot(folder, { version: 1, rows: bar, journal: journal.position, offsets, finished, state }, fs);
    }
  } finally {
    journal.close();
    rows.close();
  }
}

/** Name and bytes of every file but the count of openings. */
function contentOf(folder: string): Record<string, string> {
  const names = readdirSync(folder).filter((name) => name !== 'head.json');
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

function failureOf(act: () => void): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return error;
  }
}

function newFolder(): string {
  return mkdtempSync(join(root, 'book-'));
}

const untouched = newFolder();
work(untouched, REAL_FILES);
const whole = contentOf(untouched);

describe.each(['ENOSPC', 'EIO'])('a disk that fails once with %s', (code) => {
  it('at whichever file call is told as STATE, and the book goes on to the same bytes', () => {
    let at = 1;
    let told = 0;
    for (; ; at++) {
      const folder = newFolder();
      const files = failingFiles(at, code);
      const failure = failureOf(() => work(folder, files));
      if (files.made() < at) break;
      if (failure !== undefined) {
        told++;
        expect(failure, `call ${at}`).toBeInstanceOf(FxError);
        expect(failure, `call ${at}`).toMatchObject({ code: expect.stringMatching(/^STATE\.(DISK_FULL|DISK_ERROR)$/) });
      }
      expect(
        failureOf(() => work(folder, REAL_FILES)),
        `call ${at}`,
      ).toBeUndefined();
      expect(contentOf(folder), `call ${at}`).toEqual(whole);
    }
    expect(at).toBeGreaterThan(100);
    expect(told).toBeGreaterThan(at / 2);
  }, 60_000);

  it('and again while it goes on, at whichever call, does no more harm', () => {
    const first = newFolder();
    expect(failureOf(() => work(first, failingFiles(120, code)))).toBeInstanceOf(FxError);
    for (let at = 1; ; at++) {
      const folder = newFolder();
      expect(failureOf(() => work(folder, failingFiles(120, code)))).toBeInstanceOf(FxError);
      const files = failingFiles(at, code);
      const failure = failureOf(() => work(folder, files));
      if (files.made() < at) break;
      if (failure !== undefined) expect(failure, `call ${at}`).toBeInstanceOf(FxError);
      expect(
        failureOf(() => work(folder, REAL_FILES)),
        `call ${at}`,
      ).toBeUndefined();
      expect(contentOf(folder), `call ${at}`).toEqual(whole);
    }
  }, 60_000);
});
