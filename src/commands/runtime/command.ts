/**
 * What a command is, and what it is given.
 *
 * A command computes in `run` and draws in `view`; it prints nothing itself and knows nothing of JSON or exit codes:
 * - `run(ctx)` returns `{ data }`. Under `--json` the runner prints it in the envelope of product.md 1; else it calls `view`.
 * - An operating error is thrown as an `FxError`; its family decides the exit code (runtime/run.ts). A refusal or a finding
 *   is data with `exit: 5` or `exit: 4`.
 * - `ctx.emit(kind, fields)` is for commands that stream (`paper`, `--watch`): one JSON line under `--json`, else `event`.
 * - `ctx.note` is talk that `--quiet` silences, `ctx.warn` is talk that it does not; both go to stderr.
 * - `view` may be async, so that it can import `../ui/table.js` only when a picture is wanted.
 */
import { FxError } from '../../core/base/errors.js';
import type { LoadedSettings } from '../../core/config/settings.js';
import type { Clock } from '../../core/ports/clock.js';
import type { Terminal } from '../ui/terminal.js';
import type { ManifestEntry } from './spec.js';

export type { LoadedSettings };

/** Everything a script can see as `$?`; product.md 1 says when. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 75 | 129 | 130 | 143;

/** Flags by camelCase name, as the user typed them (checked against the manifest); absent means not given. */
export type Flags = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

export interface CommandContext {
  /** What stands beside the flags; for `data` and `config` the first is the action. */
  readonly args: readonly string[];
  readonly flags: Flags;
  /** Where state lives; not yet made. */
  readonly home: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Aborted by SIGINT, SIGTERM, SIGHUP and a closed stdout: stop in good order and return. */
  readonly signal: AbortSignal;
  readonly terminal: Terminal;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly version: string;
  /** The program's own file, to start another process of it; undefined where it runs inside something else. */
  readonly program?: string;
  /** Every command that works. */
  readonly manifest: readonly ManifestEntry[];
  /** Loads core/config on the first call. `extra` are `key=value` settings that win over everything but `--set`. */
  settings(extra?: readonly string[]): Promise<LoadedSettings>;
  emit(kind: string, fields: Readonly<Record<string, unknown>>): void;
  note(text: string): void;
  warn(text: string): void;
}

export interface CommandResult<T> {
  readonly data: T;
  /** Default 0. */
  readonly exit?: ExitCode;
  /** Why a value of `data` is null; merged into `data.reasons`. */
  readonly reasons?: Readonly<Record<string, string>>;
  /** Done when the answer is out, before the program ends; throws nothing. */
  after?(): Promise<void>;
}

export interface Command<T> {
  run(ctx: CommandContext): Promise<CommandResult<T>>;
  view(data: T, terminal: Terminal, ctx: CommandContext): void | Promise<void>;
  /** One line for people about what just happened; called by `ctx.emit` without `--json`. */
  event?(kind: string, fields: Readonly<Record<string, unknown>>, terminal: Terminal): void;
  /** Done when `run` threw and the error is out, before the program ends; throws nothing. */
  failed?(error: unknown, ctx: CommandContext): Promise<void>;
}

/** A command whose data type is not known here: what the manifest loads. */
export interface AnyCommand {
  run(ctx: CommandContext): Promise<CommandResult<unknown>>;
  view(data: never, terminal: Terminal, ctx: CommandContext): void | Promise<void>;
  event?(kind: string, fields: Readonly<Record<string, unknown>>, terminal: Terminal): void;
  failed?(error: unknown, ctx: CommandContext): Promise<void>;
}

/** Declares a command; the identity function with types. Each command file exports it as `command`. */
export function defineCommand<T>(command: Command<T>): Command<T> {
  return command;
}

/** The text of `--name TEXT`, or undefined when it was not given. */
export function textFlag(ctx: Pick<CommandContext, 'flags'>, name: string): string | undefined {
  const value = ctx.flags[name];
  return typeof value === 'string' ? value : undefined;
}

/** The values of a repeatable or comma-separated flag; empty when it was not given. */
export function listFlag(ctx: Pick<CommandContext, 'flags'>, name: string): readonly string[] {
  const value = ctx.flags[name];
  if (Array.isArray(value)) return value;
  return typeof value === 'string' ? [value] : [];
}

/** True when the switch `--name` was given. */
export function switchFlag(ctx: Pick<CommandContext, 'flags'>, name: string): boolean {
  return ctx.flags[name] === true;
}

/** The number of `--name N`, or undefined; the shell has already refused what is no finite number. */
export function numberFlag(ctx: Pick<CommandContext, 'flags'>, name: string): number | undefined {
  const text = textFlag(ctx, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) {
    throw new FxError('USAGE.BAD_VALUE', {
      message: `--${name} is ${JSON.stringify(text)}, must be a number`,
      next: `give --${name} a number, for example --${name} 100`,
    });
  }
  return value;
}
