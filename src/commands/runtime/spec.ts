/** What the manifest says of a command, an action, an argument, a flag. */
import type { AnyCommand } from './command.js';

export type Group = 'trade' | 'safety' | 'watch' | 'set up' | 'prove';

export interface FlagSpec {
  /** Without the dashes: `time-zone`. In `ctx.flags` it is `timeZone`. */
  readonly name: string;
  readonly summary: string;
  /** What stands for the value in help: `DIR`. A flag without it is a switch. */
  readonly value?: string;
  /** The shell refuses what does not fit, before the command is loaded. Default `text`. */
  readonly type?: 'text' | 'number' | 'integer' | 'date' | 'duration' | 'pair';
  readonly choices?: readonly string[];
  /** May be given again; the command gets every value as a list. */
  readonly repeat?: boolean;
  /** As `repeat`, and each value may hold several, separated by commas. */
  readonly list?: boolean;
  /** Only for help: what holds when the flag is not given. */
  readonly default?: string;
}

export interface ArgSpec {
  readonly name: string;
  readonly summary: string;
  readonly required?: boolean;
  /** The last one, and it may be given again and again. */
  readonly rest?: boolean;
  readonly choices?: readonly string[];
  /** The flag that says the same thing; giving both is refused, and its value is put into the flags. */
  readonly flag?: string;
}

export interface ActionSpec {
  readonly name: string;
  readonly summary: string;
  readonly args?: readonly ArgSpec[];
  readonly flags?: readonly FlagSpec[];
}

export interface ManifestEntry {
  readonly name: string;
  readonly group: Group;
  readonly summary: string;
  readonly args?: readonly ArgSpec[];
  /** `fxtrade data import …`: the action is the command's first argument. */
  readonly actions?: readonly ActionSpec[];
  readonly flags: readonly FlagSpec[];
  /** Pairs of flags that contradict each other. */
  readonly conflicts?: readonly (readonly [string, string])[];
  /** Prints one JSON object a line: always, or when `--watch` is given. */
  readonly stream?: 'always' | 'watch';
  readonly examples: readonly string[];
  /** `--help` with a strategy named also shows that strategy's parameters. */
  readonly takesStrategy?: boolean;
  load(): Promise<{ readonly command: AnyCommand }>;
}

/** First word of a line that `halt` and `close-all` start themselves: the watch that they leave behind. Offered to nobody. */
export const WATCH_WORD = '__after';

/** Understood everywhere, before or after the command. */
export const GLOBAL_FLAGS: readonly FlagSpec[] = [
  {
    name: 'home',
    value: 'DIR',
    summary: 'folder for settings, books, runs and the halt latch',
    default: 'FXTRADE_HOME, else the platform’s data folder',
  },
  { name: 'json', summary: 'answer as JSON on stdout' },
  { name: 'quiet', summary: 'no progress and no notes' },
  { name: 'verbose', summary: 'more detail, and where an unexpected error came from' },
  { name: 'no-color', summary: 'no colors' },
  {
    name: 'set',
    value: 'KEY=VALUE',
    type: 'pair',
    repeat: true,
    summary: 'a setting for this run: --set risk.preset=cautious',
  },
  { name: 'help', summary: 'this help' },
];

/** The groups in the order in which help shows them. */
export const GROUPS: readonly Group[] = ['trade', 'safety', 'watch', 'set up', 'prove'];

/** `time-zone` → `timeZone`. */
export function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The flags that `entry` takes with `action`, global ones last. */
export function flagsOf(entry: ManifestEntry, action?: string): readonly FlagSpec[] {
  const chosen = entry.actions?.find((one) => one.name === action);
  return [...entry.flags, ...(chosen?.flags ?? []), ...GLOBAL_FLAGS];
}
