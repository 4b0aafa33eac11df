import { BugError, type ErrorFamily, FxError } from '../../core/base/errors.js';
import { oneLine } from '../../core/base/text.js';
import { learnSecrets } from '../../core/config/secrets.js';
import type { Terminal } from '../ui/terminal.js';
import type { AnyCommand, CommandContext, ExitCode, Flags } from './command.js';
import { createContext, type Host } from './context.js';
import { failureLine, finite, successLine } from './envelope.js';
import type { ManifestEntry } from './spec.js';

/** One row a family: the only place where an error becomes an exit code. */
const EXIT_OF_FAMILY: Readonly<Record<ErrorFamily, ExitCode>> = {
  USAGE: 2,
  CONFIG: 2,
  DATA: 2,
  STRATEGY: 2,
  RISK: 5,
  GATE: 5,
  HALT: 5,
  APPROVAL: 5,
  ORDER: 5,
  FEED: 6,
  BROKER: 6,
  STATE: 7,
  BUG: 1,
};

/** Codes whose exit is not that of their family: a person said no, or somebody else is at work. */
const EXIT_OF_CODE: Readonly<Record<string, ExitCode>> = {
  'APPROVAL.DECLINED': 3,
  'USAGE.DECLINED': 3,
  'STATE.BUSY': 75,
  'STATE.LOCKED': 75,
};

const EXIT_OF_SIGNAL: Readonly<Record<string, ExitCode>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

export interface Invocation {
  readonly entry: ManifestEntry;
  readonly args: readonly string[];
  readonly flags: Flags;
}

/** What is said of a failure, in the words of the contract. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly next: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly exit: ExitCode;
}

/** Runs a command from flags to exit code: computes, prints the answer, turns every error into a line and a number. */
export async function runCommand(invocation: Invocation, host: Host, terminal: Terminal): Promise<ExitCode> {
  const { entry, flags } = invocation;
  const shape = {
    command: entry.name,
    version: host.version,
    json: flags['json'] === true,
    lines: isStream(entry, flags),
  };
  let afterwards = async (_: unknown): Promise<void> => undefined;
  try {
    const { command } = await entry.load();
    const ctx = await createContext(invocation, host, terminal, command);
    afterwards = async (error) => command.failed?.(error, ctx);
    const result = await command.run(ctx);
    afterwards = async () => undefined;
    if (shape.json) terminal.write(successLine(shape, result));
    else await draw(command, result.data, terminal, ctx);
    await result.after?.();
    return signalExit(host.signal) ?? result.exit ?? 0;
  } catch (error) {
    const exit = fail(error, shape, host, terminal, flags['verbose'] === true);
    await afterwards(error);
    return exit;
  }
}

export interface AnswerShape {
  readonly command: string;
  readonly version: string;
  readonly json: boolean;
  /** One object a line, the last `{kind:"end"}`. */
  readonly lines: boolean;
}

/** Prints `error` as the answer and says how the program must end. */
export function fail(error: unknown, shape: AnswerShape, host: Host, terminal: Terminal, verbose: boolean): ExitCode {
  // An error may repeat what was typed or read, and somebody may have put a secret there.
  learnSecrets(host.env);
  const failure = failureOf(error, host.signal);
  if (shape.json) {
    const { exit, ...said } = failure;
    terminal.write(failureLine(shape, { ...said, facts: finite(said.facts).value as Failure['facts'] }));
  } else {
    const { red, dim } = terminal.style;
    terminal.err(`${red('error')} ${failure.code}: ${oneLine(failure.message)}`);
    terminal.err(dim(`  next: ${oneLine(failure.next)}`));
  }
  if (verbose && error instanceof Error && error.stack !== undefined) terminal.err(error.stack);
  return failure.exit;
}

/** The table: what an error says and which exit code it has. */
export function failureOf(error: unknown, signal: AbortSignal): Failure {
  const stopped = signalExit(signal);
  if (stopped !== undefined && (isAbort(error) || error === signal.reason)) {
    const message = `stopped by ${String(signal.reason)}`;
    return { code: 'USAGE.INTERRUPTED', message, next: 'run the same command again', facts: {}, exit: stopped };
  }
  if (error instanceof FxError) {
    const family = error.code.slice(0, error.code.indexOf('.')) as ErrorFamily;
    const exit = stopped ?? EXIT_OF_CODE[error.code] ?? EXIT_OF_FAMILY[family];
    return { code: error.code, message: error.message, next: error.next, facts: error.facts, exit };
  }
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof BugError ? 'BUG.INVARIANT' : 'BUG.UNEXPECTED';
  const next = 'this is a mistake in fxtrade: run it again with --verbose and report what it prints';
  return { code, message, next, facts: {}, exit: 1 };
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** The exit code of the signal that stopped the program, if one did. */
function signalExit(signal: AbortSignal): ExitCode | undefined {
  return signal.aborted ? EXIT_OF_SIGNAL[String(signal.reason)] : undefined;
}

export function isStream(entry: ManifestEntry, flags: Flags): boolean {
  return entry.stream === 'always' || (entry.stream === 'watch' && flags['watch'] === true);
}

async function draw(command: AnyCommand, data: unknown, terminal: Terminal, ctx: CommandContext): Promise<void> {
  await terminal.prepare();
  await command.view(data as never, terminal, ctx);
}
