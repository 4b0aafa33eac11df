import { FxError } from '../../core/base/errors.js';
import { parseInstant } from '../../core/base/instant.js';
import { didYouMean } from '../../core/base/suggest.js';
import { parseDuration } from '../../core/config/duration.js';
import type { Flags } from './command.js';
import type { Invocation } from './run.js';
import { type ArgSpec, camelCase, type FlagSpec, flagsOf, GLOBAL_FLAGS, type ManifestEntry } from './spec.js';

export interface FoundCommand {
  readonly entry: ManifestEntry;
  /** Everything but the command's own name. */
  readonly rest: readonly string[];
  readonly flags: readonly FlagSpec[];
  readonly help: boolean;
}

/** Which command a line means, wherever its global flags stand. Throws `USAGE.UNKNOWN_COMMAND` with the nearest name. */
export function findCommand(
  argv: readonly string[],
  manifest: readonly ManifestEntry[],
): FoundCommand | 'help' | 'version' {
  const at = firstWord(argv);
  const word = argv[at];
  if (word === undefined) return argv.includes('--version') ? 'version' : leading(argv);
  if (word === 'help') {
    const rest = argv.filter((_, index) => index !== at);
    const topic = rest[firstWord(rest)];
    return topic === undefined ? 'help' : { ...commandNamed(topic, rest, firstWord(rest), manifest), help: true };
  }
  return commandNamed(word, argv, at, manifest);
}

function commandNamed(
  word: string,
  argv: readonly string[],
  at: number,
  manifest: readonly ManifestEntry[],
): FoundCommand {
  const entry = manifest.find((one) => one.name === word);
  if (entry === undefined) {
    const next = `${didYouMean(
      word,
      manifest.map((one) => one.name),
    )}See: fxtrade --help`;
    throw new FxError('USAGE.UNKNOWN_COMMAND', { message: `there is no command ${JSON.stringify(word)}`, next });
  }
  const rest = argv.filter((_, index) => index !== at);
  const action = entry.actions === undefined ? undefined : rest[firstWord(rest)];
  return { entry, rest, flags: flagsOf(entry, action), help: isHelp(rest) };
}

/** No command at all: help, unless a flag is unknown. */
function leading(argv: readonly string[]): 'help' {
  for (const word of argv) {
    const name = word.replace(/^--/, '').replace(/=.*$/s, '');
    if (!word.startsWith('-') || word === '-h' || GLOBAL_FLAGS.some((flag) => flag.name === name)) continue;
    const next = `${didYouMean(
      name,
      GLOBAL_FLAGS.map((flag) => flag.name),
    )}See: fxtrade --help`;
    throw new FxError('USAGE.UNKNOWN_FLAG', { message: `unknown flag '${word}'`, next });
  }
  return 'help';
}

function isHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  const mine = end === -1 ? words : words.slice(0, end);
  return mine.includes('--help') || mine.includes('-h');
}

/** The index of the first word that is neither a flag nor the value of a global flag. */
function firstWord(argv: readonly string[]): number {
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (!word.startsWith('-')) return at;
    if (GLOBAL_FLAGS.some((flag) => flag.value !== undefined && `--${flag.name}` === word)) at++;
  }
  return argv.length;
}

/** Refuses `--reason --json`, where the first flag would eat the second. `--reason=--json` says it on purpose. */
export function refuseMissingValues(words: readonly string[], flags: readonly FlagSpec[]): void {
  for (const [index, word] of words.entries()) {
    if (word === '--') return;
    const flag = flags.find((one) => one.value !== undefined && `--${one.name}` === word);
    const value = words[index + 1];
    if (flag === undefined || (value !== undefined && !value.startsWith('--'))) continue;
    const next = `write --${flag.name} ${flag.value}, or --${flag.name}=TEXT when the text begins with two dashes`;
    throw new FxError('USAGE.MISSING_VALUE', { message: `--${flag.name} needs a value`, next });
  }
}

/** Everything that can be refused without loading the command: actions, arguments, choices, types, contradictions. */
export function checked(parsed: Invocation): Invocation {
  const { entry, args } = parsed;
  const action = entry.actions === undefined ? undefined : chosenAction(entry, args[0]);
  const specs = action === undefined ? (entry.args ?? []) : (action.args ?? []);
  const words = action === undefined ? args : args.slice(1);
  refuseArgs(entry, action === undefined ? entry.name : `${entry.name} ${action.name}`, specs, words);
  for (const flag of flagsOf(entry, action?.name)) refuseValue(flag, parsed.flags);
  const flags = withNamedArgs(parsed.flags, specs, words);
  for (const [one, other] of entry.conflicts ?? []) {
    if (flags[camelCase(one)] === undefined || flags[camelCase(other)] === undefined) continue;
    const message = `--${one} and --${other} contradict each other`;
    throw new FxError('USAGE.CONFLICTING_FLAGS', { message, next: 'leave one of them out' });
  }
  return { entry, args, flags };
}

function chosenAction(entry: ManifestEntry, word: string | undefined): NonNullable<ManifestEntry['actions']>[number] {
  const actions = entry.actions ?? [];
  const action = actions.find((one) => one.name === word);
  if (action !== undefined) return action;
  const names = actions.map((one) => one.name);
  const message =
    word === undefined ? `${entry.name} needs to know what to do` : `${entry.name} has no ${JSON.stringify(word)}`;
  const meant = word === undefined ? '' : didYouMean(word, names);
  const code = word === undefined ? 'USAGE.MISSING_ARGUMENT' : 'USAGE.UNKNOWN_ACTION';
  throw new FxError(code, { message, next: `${meant}Choose: fxtrade ${entry.name} ${names.join('|')}` });
}

function refuseArgs(entry: ManifestEntry, name: string, specs: readonly ArgSpec[], words: readonly string[]): void {
  const last = specs.at(-1);
  const extra = last?.rest === true ? undefined : words[specs.length];
  const next = `See: fxtrade ${entry.name} --help`;
  if (extra !== undefined) {
    throw new FxError('USAGE.TOO_MANY_ARGUMENTS', {
      message: `${name} does not understand ${JSON.stringify(extra)}`,
      next,
    });
  }
  const more = last?.rest === true ? words.slice(specs.length).map(() => last) : [];
  for (const [index, spec] of [...specs, ...more].entries()) {
    const word = words[index];
    if (word === undefined) {
      if (spec.required !== true) continue;
      throw new FxError('USAGE.MISSING_ARGUMENT', { message: `${name} needs <${spec.name}>: ${spec.summary}`, next });
    }
    if (word === '') throw new FxError('USAGE.BAD_VALUE', { message: `<${spec.name}> is empty`, next });
    if (spec.choices === undefined || spec.choices.includes(word)) continue;
    const message = `<${spec.name}> is ${JSON.stringify(word)}, must be one of ${spec.choices.join(', ')}`;
    throw new FxError('USAGE.BAD_VALUE', { message, next: `${didYouMean(word, spec.choices)}${next}` });
  }
}

function withNamedArgs(flags: Flags, specs: readonly ArgSpec[], words: readonly string[]): Flags {
  const all: Record<string, string | boolean | readonly string[] | undefined> = { ...flags };
  for (const [index, spec] of specs.entries()) {
    const word = words[index];
    if (spec.flag === undefined || word === undefined) continue;
    const key = camelCase(spec.flag);
    if (all[key] !== undefined) {
      const message = `two of --${spec.flag}: ${JSON.stringify(word)} and ${JSON.stringify(all[key])}`;
      throw new FxError('USAGE.CONFLICTING_FLAGS', { message, next: `name the ${spec.name} once` });
    }
    all[key] = word;
  }
  return all;
}

function refuseValue(flag: FlagSpec, flags: Flags): void {
  const given = flags[camelCase(flag.name)];
  if (given === undefined || typeof given === 'boolean') return;
  for (const value of typeof given === 'string' ? [given] : given) {
    const wrong = wrongValue(flag, value);
    if (wrong === undefined) continue;
    const next =
      flag.choices === undefined
        ? `give --${flag.name} ${flag.value}`
        : `${didYouMean(value, flag.choices)}Choose: ${flag.choices.join(', ')}`;
    throw new FxError('USAGE.BAD_VALUE', {
      message: `--${flag.name} is ${JSON.stringify(value)}, must be ${wrong}`,
      next,
    });
  }
  if (flag.list === true && given.length === 0) {
    throw new FxError('USAGE.MISSING_VALUE', {
      message: `--${flag.name} is empty`,
      next: `give --${flag.name} ${flag.value}`,
    });
  }
}

/** What a value of each type must be, and whether it is that. */
const TYPES: Readonly<Record<NonNullable<FlagSpec['type']>, readonly [string, (value: string) => boolean]>> = {
  text: ['a text', () => true],
  number: ['a number', (value) => Number.isFinite(numberOf(value))],
  integer: ['a whole number', (value) => Number.isSafeInteger(numberOf(value))],
  date: ['a date like 2024-01-31, or a time like 2024-01-31T17:00:00Z', (value) => parseInstant(value) !== undefined],
  duration: ['a duration like 500ms, 2s, 60m, 8h or 45d', (value) => (parseDuration(value) ?? 0) !== 0],
  pair: ['of the form name=value', (value) => /^[^=]+=/s.test(value)],
};

/** What the value must be, when it is not that. */
function wrongValue(flag: FlagSpec, value: string): string | undefined {
  if (flag.choices !== undefined) return flag.choices.includes(value) ? undefined : `one of ${flag.choices.join(', ')}`;
  const [mustBe, fits] = TYPES[flag.type ?? 'text'];
  return fits(value) ? undefined : mustBe;
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}
