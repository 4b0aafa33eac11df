import { join } from 'node:path';
import { jsonText } from '../base/text.js';
import { appendLine, replaceFile } from './atomic.js';
import { diskError } from './disk-error.js';
import { type FileCalls, REAL_FILES } from './file-calls.js';
import { HALT_FILE, type HaltLine, type HaltScope, parseHalts, readHalts, writeHalt } from './halt-file.js';
import { ensureDir, syncDir } from './write.js';

/** Who lifted which halts, when and why. */
export interface Resume {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly who: string;
  readonly reason: string;
  readonly scope: HaltScope;
  readonly halts: readonly HaltLine[];
}

/** Files the evidence of a resume, before the halts are lifted: a resume that cannot be written down does not happen. */
export function recordResume(home: string, resume: Resume, fs: FileCalls = REAL_FILES): void {
  ensureDir(join(home, 'evidence'), fs);
  const { time, who, reason, scope, halts } = resume;
  appendLine(evidencePath(home), jsonText({ kind: 'resume', time, who, reason, scope, halts }), fs);
}

/**
 * The resumes on record, by the id of each halt that they lifted. A halt that is gone and stands in none of them was not
 * lifted by `resume`: somebody took the file away. Evidence that cannot be read proves nothing.
 */
export function recordedResumes(home: string, fs: FileCalls = REAL_FILES): ReadonlyMap<string, Resume> {
  const found = new Map<string, Resume>();
  let text: string;
  try {
    text = fs.readFileSync(evidencePath(home), 'utf8');
  } catch {
    return found;
  }
  for (const line of text.split('\n')) {
    const resume = parseResume(line);
    for (const halt of resume?.halts ?? []) if (resume !== undefined) found.set(halt.id, resume);
  }
  return found;
}

function evidencePath(home: string): string {
  return join(home, 'evidence', 'halts.ndjson');
}

function parseResume(line: string): Resume | undefined {
  try {
    const { kind, halts, ...resume } = JSON.parse(line) as Resume & { kind: unknown };
    return kind === 'resume' && Array.isArray(halts) ? { ...resume, halts: halts.filter(isIdentified) } : undefined;
  } catch {
    return undefined;
  }
}

function isIdentified(halt: unknown): boolean {
  return typeof halt === 'object' && halt !== null && 'id' in halt && typeof halt.id === 'string';
}

export interface LiftedHalts {
  readonly removed: readonly HaltLine[];
  /** What still halts, all scopes. */
  readonly kept: readonly HaltLine[];
}

/**
 * Takes the halts of `scope` out of the latch: `all` takes every line and the file itself, also a file that cannot be
 * read; another scope takes only the lines that name it. A halt that is set while this runs is not lost: what was
 * appended after the latch was read is found when it has been replaced, and written again.
 */
export function removeHalts(home: string, scope: HaltScope, fs: FileCalls = REAL_FILES): LiftedHalts {
  const path = join(home, HALT_FILE);
  const halts = readHalts(home, fs);
  if (halts.length === 0) return { removed: [], kept: [] };
  const removed = scope === 'all' ? halts : halts.filter((halt) => halt.scope === scope);
  if (removed.length === 0) return { removed, kept: halts };
  const kept = halts.filter((halt) => !removed.includes(halt));
  const witness = openWitness(path, fs);
  try {
    const before = witness === undefined ? 0 : fs.fstatSync(witness).size;
    const now = readHalts(home, fs);
    // Somebody wrote between the two readings: begin again with what is there now.
    if (now.length !== halts.length) return removeHalts(home, scope, fs);
    if (kept.length === 0) fs.unlinkSync(path);
    else replaceFile(path, kept.map((halt) => `${jsonText(halt)}\n`).join(''), fs);
    syncDir(home, fs);
    const late = witness === undefined ? [] : appendedAfter(witness, before, fs);
    for (const halt of late) writeHalt(home, halt, fs);
    return { removed, kept: late.length === 0 ? kept : readHalts(home, fs) };
  } catch (error) {
    throw diskError(error, 'could not lift the halt in', path);
  } finally {
    if (witness !== undefined) fs.closeSync(witness);
  }
}

/** The latch held open while its name is taken away; undefined when it cannot be read. */
function openWitness(path: string, fs: FileCalls): number | undefined {
  try {
    return fs.openSync(path, 'r');
  } catch {
    return undefined;
  }
}

function appendedAfter(fd: number, from: number, fs: FileCalls): readonly HaltLine[] {
  const { size } = fs.fstatSync(fd);
  if (size <= from) return [];
  const bytes = Buffer.alloc(size - from);
  fs.readSync(fd, bytes, 0, bytes.length, from);
  return parseHalts(bytes.toString('utf8'));
}
