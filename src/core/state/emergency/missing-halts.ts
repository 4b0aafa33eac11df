import { type FileCalls, REAL_FILES } from '../file-calls.js';
import { type HaltLine, readHalts } from '../halt-file.js';
import { recordedResumes } from '../lift-halt.js';

/**
 * Of the halts that somebody knew of, those that are gone from `HALT` although no `resume` lifted them: somebody took the file
 * away, and what they halted is halted still. A halt without an id of its own (`touch HALT`) cannot be told from another.
 */
export function missingHalts(
  home: string,
  known: readonly HaltLine[],
  fs: FileCalls = REAL_FILES,
): readonly HaltLine[] {
  if (known.length === 0) return [];
  const there = new Set(readHalts(home, fs).map(({ id }) => id));
  const gone = known.filter(({ id }) => id !== 'unknown' && !there.has(id));
  if (gone.length === 0) return [];
  const resumes = recordedResumes(home, fs);
  return gone.filter(({ id }) => !resumes.has(id));
}
