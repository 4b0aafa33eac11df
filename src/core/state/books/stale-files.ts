import { join } from 'node:path';
import { diskError } from '../disk-error.js';
import { type FileCalls, REAL_FILES } from '../file-calls.js';

/** What `replaceFile` calls its temporary files; the lock's own are left to the lock. */
const STALE = /^\.(?!lock\.).+\.[0-9a-f]{16}\.tmp$/;

/** Removes what a killed writer left half written in `folder`. Only under the lock: nobody else is writing then. */
export function removeStaleFiles(folder: string, fs: FileCalls = REAL_FILES): void {
  try {
    for (const name of fs.readdirSync(folder)) if (STALE.test(name)) fs.unlinkSync(join(folder, name));
  } catch (error) {
    throw diskError(error, 'could not tidy up', folder);
  }
}
