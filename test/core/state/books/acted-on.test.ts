import { afterAll, expect, it } from 'vitest';
import { FxError } from '../../../../src/core/base/errors.js';
import { Journal } from '../../../../src/core/state/books/journal.js';
import { type FileCalls, REAL_FILES } from '../../../../src/core/state/file-calls.js';
import { appendOne, BookFolders, JOURNAL_TIME } from '../../../helpers/a-journal.js';
import { failingFiles } from '../../../helpers/failing-files.js';

const folders = new BookFolders();
afterAll(() => folders.remove());

const LIVE = { segmentBytes: 1_200, recoveredAt: () => JOURNAL_TIME };

/** A live session: each record is acted on once its flush has returned. Opens twice, so that recovery is tried too. */
function session(folder: string, fs: FileCalls, acted: number[]): void {
  for (let opening = 0; opening < 2; opening++) {
    const journal = new Journal(folder, { ...LIVE, fs });
    try {
      for (let n = opening * 6 + 1; n <= opening * 6 + 6; n++) {
        appendOne(journal, n);
        journal.flush(true);
        acted.push(n);
        if (n % 3 === 0) journal.head();
      }
    } finally {
      journal.close();
    }
  }
}

it.each(['ENOSPC', 'EIO'])('%s at whichever file call loses nothing that was acted on', (code) => {
  for (let at = 1; ; at++) {
    const folder = folders.make();
    const acted: number[] = [];
    const fs = failingFiles(at, code);
    let failed: unknown;
    try {
      session(folder, fs, acted);
    } catch (error) {
      failed = error;
    }
    if (failed !== undefined) expect(failed, `call ${at}`).toBeInstanceOf(FxError);
    // Some failures are borne, such as that of a cut that the next start repeats.
    const journal = new Journal(folder, { ...LIVE, fs: REAL_FILES });
    const kept = journal.recordsAfter({ seq: 0, hash: '', bytes: 0 }).map((record) => record['n']);
    journal.close();
    expect(kept, `call ${at}`).toEqual(expect.arrayContaining(acted));
    if (fs.made() < at) {
      expect(at).toBeGreaterThan(50);
      return;
    }
  }
});
