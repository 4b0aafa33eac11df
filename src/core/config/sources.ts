import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { FxError } from '../base/errors.js';

/** Text of a settings file with its permission bits. */
export interface FileText {
  readonly text: string;
  readonly mode: number;
  /** Whose file it is, as a number of the system. */
  readonly owner: number;
}

const MAX_BYTES = 1_000_000;

/** The variables of one `.env`, and who may read them. */
export interface DotEnv {
  readonly path: string;
  readonly values: ReadonlyMap<string, string>;
  /** Permission bits of the file. */
  readonly mode: number;
  /** Whose file it is, as a number of the system. */
  readonly owner: number;
}

/** A small text file, or undefined when there is none (a folder of that name is none: some tools keep one called `.env`). */
export function readSmallFile(path: string): FileText | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (cause) {
    if (isAbsent(cause)) return undefined;
    throw unreadable(path, cause);
  }
  try {
    const stat = fstatSync(file);
    if (stat.isDirectory()) return undefined;
    if (stat.size > MAX_BYTES) throw unreadable(path, new Error(`${stat.size} bytes, at most ${MAX_BYTES}`));
    return { text: readFileSync(file, 'utf8').replace(/^\uFEFF/, ''), mode: stat.mode & 0o777, owner: stat.uid };
  } catch (cause) {
    throw cause instanceof FxError ? cause : unreadable(path, cause);
  } finally {
    closeSync(file);
  }
}

/** Reads `.env` of a folder; undefined when it has none. */
export function readDotEnv(folder: string): DotEnv | undefined {
  const path = join(folder, '.env');
  const file = readSmallFile(path);
  if (file === undefined) return undefined;
  const values = new Map(Object.entries(parseEnv(file.text)).map(([name, value]) => [name, String(value)]));
  return { path, values, mode: file.mode, owner: file.owner };
}

/** The parsed `config.json` of a home; undefined when it has none. Damaged JSON is named with its line. */
export function readConfig(home: string): { readonly path: string; readonly value: unknown } | undefined {
  const path = join(home, 'config.json');
  const file = readSmallFile(path);
  if (file === undefined) return undefined;
  try {
    return { path, value: JSON.parse(file.text) };
  } catch (cause) {
    const line = lineOf(file.text, (cause as Error).message);
    throw new FxError('CONFIG.INVALID', {
      message: `${path} line ${line} is not JSON: ${wordsOf(cause as Error)}`,
      next: `repair line ${line}, or move the file away to start from the defaults`,
      facts: { path, line },
      cause,
    });
  }
}

/** What is wrong, without the piece of the file that the engine shows: it may be half of a secret that stands in the wrong place. */
function wordsOf(cause: Error): string {
  return cause.message
    .replace(/\s+/g, ' ')
    .replace(/,? (\.\.\.)?".*$/, '')
    .slice(0, 120);
}

/** The engine names a position only when it stopped inside the text; else it ran off the end. */
function lineOf(text: string, message: string): number {
  const position = /at position (\d+)/.exec(message)?.[1];
  const end = text.trimEnd().length;
  const at = position === undefined ? end : Math.min(Number(position), end);
  return text.slice(0, at).split('\n').length;
}

function isAbsent(cause: unknown): boolean {
  const code = (cause as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR';
}

function unreadable(path: string, cause: unknown): FxError {
  return new FxError('CONFIG.UNREADABLE', {
    message: `${path} cannot be read: ${(cause as Error).message}`,
    next: 'check who owns the file and its permissions (ls -l), or move it away',
    facts: { path },
    cause,
  });
}
