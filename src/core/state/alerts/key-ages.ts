import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EpochMs } from '../../model/ids.js';
import { replaceFile } from '../atomic.js';
import { type FileCalls, REAL_FILES } from '../file-calls.js';
import { ensureHome } from '../home.js';
import { randomBits } from '../random-bits.js';

/** A key as `core/config/secrets.ts` has it. */
export interface AgedKey {
  readonly name: string;
  reveal(): string;
}

/** How long this home has known the value that a key has now. */
export interface KeyAge {
  readonly name: string;
  /** At least 0, ms. */
  readonly ageMs: number;
}

/** What the home remembers of one key. */
interface Seen {
  readonly name: string;
  /** 32 bits of a salted hash: enough to notice another key, far too few to find one by. */
  readonly mark: string;
  /** When the value was first seen and when a person was last told that it is old; ISO 8601, UTC. */
  readonly since: string;
  readonly told?: string;
}

interface KeyFile {
  readonly salt: string;
  readonly keys: readonly Seen[];
}

const KEY_FILE = 'keys-seen.json';
const DAY_MS = 24 * 3_600_000;
const MARK_LENGTH = 8;

/** `91 days`, `1 day`: whole days that have passed. */
export function daysText(ms: number): string {
  const days = Math.floor(ms / DAY_MS);
  return `${days} ${days === 1 ? 'day' : 'days'}`;
}

/**
 * How old the keys are, of those that a session of this home has seen. Vendors do not say when a key was made, so its age is
 * how long it has been known here: a lower bound. Writes nothing. `damaged` is the path of a record that cannot be read.
 */
export function keyAges(
  home: string,
  keys: readonly AgedKey[],
  now: EpochMs,
): { readonly ages: readonly KeyAge[]; readonly damaged: string | undefined } {
  const { file, damaged } = readKeyFile(home);
  return { ages: keys.flatMap((key) => ageOf(key, file, now) ?? []), damaged };
}

/**
 * Remembers keys that are new, forgets values that were replaced, and answers with those that are older than `limitMs` and
 * that nobody was told of for a day; they count as told now. A record that is damaged begins anew, and its path is told.
 * Throws a `STATE` error when the record cannot be written.
 */
export function oldKeys(
  home: string,
  keys: readonly AgedKey[],
  at: { readonly now: EpochMs; readonly limitMs: number },
  fs: FileCalls = REAL_FILES,
): { readonly old: readonly KeyAge[]; readonly damaged: string | undefined } {
  const { now, limitMs } = at;
  const { file: before, damaged } = readKeyFile(home);
  const salt = before.salt === '' ? Buffer.from(randomBits()).toString('hex') : before.salt;
  const given = new Set(keys.map(({ name }) => name));
  const old: KeyAge[] = [];
  // What is not set just now, as in another shell, keeps its age.
  const kept = before.keys.filter(({ name }) => !given.has(name));
  const seen = [...keys].sort(byName).map((key): Seen => {
    const { name } = key;
    const mark = markOf(salt, key);
    const known = before.keys.find((one) => one.name === name && one.mark === mark);
    if (known === undefined) return { name, mark, since: new Date(now).toISOString() };
    const ageMs = Math.max(0, now - Date.parse(known.since));
    const wasTold = known.told !== undefined && now - Date.parse(known.told) < DAY_MS;
    if (ageMs < limitMs || wasTold) return known;
    old.push({ name, ageMs });
    return { ...known, told: new Date(now).toISOString() };
  });
  const after = { salt, keys: [...kept, ...seen].sort(byName) };
  if (seen.length > 0 && JSON.stringify(after) !== JSON.stringify(before)) {
    ensureHome(home, fs);
    replaceFile(join(home, KEY_FILE), `${JSON.stringify(after)}\n`, fs);
  }
  return { old, damaged };
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1);

function ageOf(key: AgedKey, { salt, keys }: KeyFile, now: EpochMs): KeyAge | undefined {
  const { name } = key;
  const known = keys.find((one) => one.name === name && one.mark === markOf(salt, key));
  return known === undefined ? undefined : { name, ageMs: Math.max(0, now - Date.parse(known.since)) };
}

function markOf(salt: string, key: AgedKey): string {
  return createHash('sha256').update(`${salt}\n${key.name}\n${key.reveal()}`).digest('hex').slice(0, MARK_LENGTH);
}

function readKeyFile(home: string): { readonly file: KeyFile; readonly damaged: string | undefined } {
  const path = join(home, KEY_FILE);
  const none: KeyFile = { salt: '', keys: [] };
  try {
    const file: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isKeyFile(file) ? { file, damaged: undefined } : { file: none, damaged: path };
  } catch (error) {
    return { file: none, damaged: (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : path };
  }
}

function isKeyFile(value: unknown): value is KeyFile {
  if (typeof value !== 'object' || value === null || !('salt' in value) || !('keys' in value)) return false;
  return typeof value.salt === 'string' && value.salt !== '' && Array.isArray(value.keys) && value.keys.every(isSeen);
}

function isSeen(value: unknown): value is Seen {
  if (typeof value !== 'object' || value === null) return false;
  const { name, mark, since, told } = value as Readonly<Record<string, unknown>>;
  const isTime = (text: unknown): boolean => typeof text === 'string' && !Number.isNaN(Date.parse(text));
  return typeof name === 'string' && typeof mark === 'string' && isTime(since) && (told === undefined || isTime(told));
}
