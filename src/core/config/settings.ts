import type { z } from 'zod';
import { FxError } from '../base/errors.js';
import { PRESET_NAMES, type PresetName } from '../risk/presets.js';
import { defaultSettings, toSettings } from './defaults.js';
import { type Entry, entriesOf, type Path, parsePath, parseVariable, pathText } from './paths.js';
import { type RawSettings, type Settings, settingsSchema } from './schema.js';
import { isSecretName, requirePrivate } from './secrets.js';
import { readConfig, readDotEnv } from './sources.js';

/** Where a setting's value came from, strongest first. `preset` is a limit of a preset other than `standard`. */
export type SettingSource =
  | 'flag'
  | 'env'
  | '.env (working folder)'
  | '.env (home)'
  | 'config.json'
  | 'preset'
  | 'default';

/** A setting as written (durations as text), and where it came from. */
export interface SourcedValue {
  readonly value: unknown;
  readonly source: SettingSource;
}

export interface LoadedSettings {
  readonly settings: Settings;
  /** By path (`risk.maxPositionBps`), sorted: every setting that has a value. */
  readonly sources: ReadonlyMap<string, SourcedValue>;
  /** The effective settings as written, alerts and feeds left out, in one JSON text with sorted keys: what a configHash is the hash of. */
  readonly canonical: string;
  /** The same settings over another preset, for a strategy that brings its own; the user's `risk.preset` still wins. */
  withPreset(preset: PresetName): LoadedSettings;
}

export interface SettingsInput {
  readonly home: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `key=value` texts of `--set`; a later one wins. */
  readonly sets: readonly string[];
  /** What those texts are called in messages; default `--set`. */
  readonly setsFrom?: string;
}

/**
 * The settings of this run: flag, `FXTRADE_` variable, `.env` of the working folder, `.env` of the home, `config.json`,
 * default; the first that has a key wins. Throws `CONFIG.*` at anything it does not understand.
 */
export function loadSettings(input: SettingsInput): LoadedSettings {
  return compose(userEntries(input), 'standard');
}

/**
 * Settings from the `canonical` text and the preset of others: those that a book was begun with, whatever is set today.
 * Alerts, which no book keeps, are the defaults.
 */
export function settingsOf(canonical: string, preset: PresetName): LoadedSettings {
  const user: Merged = new Map();
  for (const entry of entriesOf([], JSON.parse(canonical), 'the book')) {
    user.set(pathText(entry.path), { ...entry, source: 'config.json' });
  }
  return compose(user, preset);
}

interface SourcedEntry extends Entry {
  readonly source: SettingSource;
}

type Merged = Map<string, SourcedEntry>;

/** Variables of the program's own that are no settings. */
const NOT_SETTINGS = new Set(['FXTRADE_HOME', 'FXTRADE_SHARED']);
const PREFIX = 'FXTRADE_';

/** What the user set, weakest source first: a later entry of one path replaces an earlier one. */
function userEntries({ home, cwd, env, sets, setsFrom = '--set' }: SettingsInput): Merged {
  const merged: Merged = new Map();
  const add = (source: SettingSource, entries: readonly Entry[]): void => {
    for (const entry of entries) merged.set(pathText(entry.path), { ...entry, source });
  };
  const config = readConfig(home);
  if (config !== undefined) {
    refuseSecrets(config.value, config.path);
    add('config.json', entriesOf([], config.value, config.path));
  }
  for (const [folder, source] of [
    [home, '.env (home)'],
    [cwd, '.env (working folder)'],
  ] as const) {
    const file = readDotEnv(folder);
    if (file === undefined) continue;
    requirePrivate(file);
    add(source, variableEntries(file.values, file.path));
  }
  add('env', variableEntries(Object.entries(env), 'the environment'));
  for (const text of sets) add('flag', flagEntries(text, setsFrom));
  return merged;
}

function variableEntries(variables: Iterable<readonly [string, string | undefined]>, source: string): readonly Entry[] {
  const found: Entry[] = [];
  for (const [name, text] of variables) {
    if (!name.startsWith(PREFIX) || NOT_SETTINGS.has(name) || text === undefined) continue;
    found.push(...entriesOf(parseVariable(name.slice(PREFIX.length)), jsonOrText(text), `${name} in ${source}`));
  }
  return found;
}

const SET_FORM = /^((?:[^"=]|"[^"]*")+)=(.*)$/s;

function flagEntries(text: string, from: string): readonly Entry[] {
  const [, key = '', value = ''] = SET_FORM.exec(text) ?? [];
  const name = key.trim();
  if (isSecretName(name)) throw secretOutOfPlace(name, from);
  const path = parsePath(name);
  if (path === undefined) {
    throw new FxError('USAGE.SET', {
      message: `--set wants key=value, was ${JSON.stringify(name || text.slice(0, 40))}`,
      next: 'for example: --set risk.maxPositionBps=500, or --set \'instruments."BRK.B".tick=0.01\'',
    });
  }
  const parsed = jsonOrText(value);
  refuseSecrets(parsed, from);
  return entriesOf(path, parsed, from);
}

/** JSON where it is JSON, else the text itself. */
function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function refuseSecrets(value: unknown, source: string): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    if (isSecretName(key)) throw secretOutOfPlace(key, source);
    refuseSecrets(child, source);
  }
}

function secretOutOfPlace(name: string, source: string): FxError {
  return new FxError('CONFIG.SECRET', {
    message: `${name} stands in ${source}; secrets come only from the environment or a .env file`,
    next: `take it out, put ${name}=… into .env with mode 0600, and renew the key if others could see it`,
    facts: { name, source },
  });
}

function compose(user: Merged, fallback: PresetName): LoadedSettings {
  const chosen = user.get('risk.preset')?.value;
  const preset = PRESET_NAMES.find((name) => name === chosen) ?? fallback;
  const merged: Merged = new Map();
  for (const entry of entriesOf([], defaultSettings(preset), 'the defaults')) {
    const fromPreset = preset !== 'standard' && entry.path[0] === 'risk';
    merged.set(pathText(entry.path), { ...entry, source: fromPreset ? 'preset' : 'default' });
  }
  for (const [key, entry] of user) merged.set(key, entry);
  const raw = check(merged);
  const sorted = [...merged].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    settings: toSettings(raw, preset),
    sources: new Map(sorted.map(([key, { value, source }]) => [key, { value, source }])),
    canonical: JSON.stringify(nested(sorted.map(([, entry]) => entry).filter(isOfTheBook))),
    withPreset: (other) => compose(user, other),
  };
}

/**
 * Who is told decides nothing, and what a second vendor said stands in the journal: another route for alerts or another
 * vendor to fall back on must not make another book of it.
 */
function isOfTheBook({ path, source }: SourcedEntry): boolean {
  // Books that were begun before there was news stay what they are.
  if (path[0] === 'news' && source === 'default') return false;
  return path[0] !== 'alerts' && path[0] !== 'feeds';
}

function check(merged: Merged): RawSettings {
  const result = settingsSchema.safeParse(nested([...merged.values()]));
  if (result.success) return result.data;
  const found = result.error.issues.map((issue) => {
    const path = pathText(issue.path.map(String));
    // A key that is no symbol has no value of its own, but the settings below it say where it came from.
    const below = [...merged].find(([key]) => key.startsWith(`${path}.`))?.[1].source;
    const { value = issue.path.at(-1), source = below ?? 'default' } = merged.get(path) ?? {};
    return { path, source, allowed: allowedBy(issue), shown: JSON.stringify(value).slice(0, 60) };
  });
  const first = found[0];
  throw new FxError('CONFIG.INVALID', {
    message: found
      .map(({ path, source, allowed, shown }) => `${path} is ${shown} (${source}), must be ${allowed}`)
      .join('; '),
    next: 'correct the value; fxtrade config show lists every key with its value and where it came from',
    facts: { path: first?.path ?? '', source: first?.source ?? '', allowed: first?.allowed ?? '' },
  });
}

function allowedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' ? 'a whole number' : `a ${issue.expected}`;
    case 'too_small':
      return `${issue.inclusive ? 'at least' : 'above'} ${issue.minimum}`;
    case 'too_big':
      return `${issue.inclusive ? 'at most' : 'below'} ${issue.maximum}`;
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_union':
      return 'true, false or live';
    case 'invalid_key':
      return issue.issues[0]?.message ?? issue.message;
    default:
      return issue.message;
  }
}

/** Entries as an object of objects without prototypes: a key can only ever be a key. */
function nested(entries: readonly Entry[]): Record<string, unknown> {
  const root = empty();
  for (const { path, value } of entries) put(root, path, value);
  return root;
}

function put(root: Record<string, unknown>, path: Path, value: unknown): void {
  let at = root;
  for (const part of path.slice(0, -1)) {
    const below = at[part];
    const next = isSection(below) ? below : empty();
    at[part] = next;
    at = next;
  }
  at[path[path.length - 1] ?? ''] = value;
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function empty(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>;
}
