import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import type { CommanderError, Option } from 'commander';
import { MANIFEST } from './commands/manifest.js';
import type { ExitCode, Flags } from './commands/runtime/command.js';
import type { Host } from './commands/runtime/context.js';
import { type AnswerShape, fail, type Invocation, isStream, runCommand } from './commands/runtime/run.js';
import { camelCase, type FlagSpec, flagsOf, type ManifestEntry, WATCH_WORD } from './commands/runtime/spec.js';
import { processTerminal, type Terminal } from './commands/ui/terminal.js';
import { FxError } from './core/base/errors.js';
import { systemClock } from './core/ports/clock.js';

/** What `bin` and tests start the program with; everything else has a default. */
export interface Start extends Partial<Host> {
  readonly argv: readonly string[];
  readonly env: Host['env'];
  readonly signal: AbortSignal;
  readonly terminal?: Terminal;
  /** The reader of stdout has gone. */
  readonly onClosed?: () => void;
}

/** The program: flags in, exit code out. Never throws. */
export async function main(start: Start): Promise<ExitCode> {
  const { argv } = start;
  const host: Host = {
    env: start.env,
    cwd: start.cwd ?? workingFolder(start.env),
    clock: start.clock ?? systemClock(),
    signal: start.signal,
    version: start.version ?? packageVersion(),
    manifest: MANIFEST,
    ...(start.program === undefined ? {} : { program: start.program }),
  };
  const has = (flag: string): boolean => beforeDashes(argv).includes(flag);
  const json = has('--json');
  let outlivesReader = false;
  const onClosed = (): void => {
    if (!outlivesReader) start.onClosed?.();
  };
  const terminal =
    start.terminal ??
    processTerminal({ env: start.env, noColor: has('--no-color'), still: json || has('--quiet'), onClosed });
  let shape: AnswerShape = { command: 'fxtrade', version: host.version, json, lines: false };
  try {
    const halt = urgentHalt(argv);
    if (halt !== undefined) return await runCommand(halt, host, terminal);
    if (argv[0] === WATCH_WORD) return await runCommand(watchAfter(argv), host, terminal);
    const usage = await import('./commands/runtime/usage.js');
    const found = usage.findCommand(argv, MANIFEST);
    if (found === 'version') return say(terminal, host.version, shape);
    if (found === 'help')
      return say(terminal, (await import('./commands/runtime/help.js')).overview(host.version, MANIFEST), shape);
    shape = { ...shape, command: found.entry.name, lines: isStream(found.entry, { watch: has('--watch') }) };
    if (found.help) {
      return say(
        terminal,
        await (await import('./commands/runtime/help.js')).commandHelp(found.entry, found.rest, host.cwd),
        shape,
      );
    }
    // Positions are at stake: a terminal that went away must not end who watches them.
    outlivesReader = found.entry.name === 'live';
    usage.refuseMissingValues(found.rest, found.flags);
    const parsed = await parse(found.rest, found.entry, found.flags);
    return await runCommand(usage.checked(parsed), host, terminal);
  } catch (error) {
    return fail(error, shape, host, terminal, has('--verbose'));
  }
}

/** What escaped every command (a callback of some stream): told on stderr like any bug, never as a stack trace. */
export function crash(error: unknown, start: Pick<Start, 'argv' | 'env' | 'signal'>): ExitCode {
  const terminal = processTerminal({ env: start.env, noColor: true, still: true });
  const host: Host = { ...start, cwd: '', clock: systemClock(), version: '', manifest: MANIFEST };
  const shape: AnswerShape = { command: 'fxtrade', version: '', json: false, lines: false };
  return fail(error, shape, host, terminal, start.argv.includes('--verbose'));
}

/** Help and version are answers too: text, or one JSON object. */
function say(terminal: Terminal, text: string, shape: AnswerShape): ExitCode {
  const { command, version } = shape;
  terminal.write(shape.json ? `${JSON.stringify({ ok: true, command, version, data: { text } })}\n` : `${text}\n`);
  return 0;
}

/**
 * `fxtrade halt`, understood by Node's own parser, so that the latch is on disk before commander could be loaded. Anything
 * unusual (help, an unknown flag) is left to the long way, which explains it.
 */
function urgentHalt(argv: readonly string[]): Invocation | undefined {
  const entry = MANIFEST.find((one) => one.name === 'halt');
  if (entry === undefined || !argv.includes('halt')) return undefined;
  const specs = flagsOf(entry);
  const options = Object.fromEntries(
    specs.map(
      (flag) =>
        [flag.name, { type: flag.value === undefined ? 'boolean' : 'string', multiple: flag.repeat === true }] as const,
    ),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
    if (positionals.length !== 1 || positionals[0] !== 'halt' || values['help'] === true) return undefined;
    const flags: Flags = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [camelCase(name), value as Flags[string]]),
    );
    const unusual = specs.some(
      ({ name, choices }) =>
        choices !== undefined && flags[name] !== undefined && !choices.includes(String(flags[name])),
    );
    return unusual ? undefined : { entry, args: [], flags };
  } catch {
    return undefined;
  }
}

function watchAfter([, home = '', plan = '']: readonly string[]): Invocation {
  const load = () => import('./commands/after.js');
  return {
    entry: { name: WATCH_WORD, group: 'safety', summary: '', flags: [], examples: [], load },
    args: [plan],
    flags: { home },
  };
}

/** The rest of the line through commander, which is loaded only here. */
async function parse(rest: readonly string[], entry: ManifestEntry, flags: readonly FlagSpec[]): Promise<Invocation> {
  const { Command, CommanderError, Option } = await import('commander');
  const program = new Command(entry.name);
  program.exitOverride().helpOption(false).allowExcessArguments(true).argument('[args...]');
  program.configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  for (const flag of flags) program.addOption(optionOf(flag, Option));
  try {
    program.parse([...rest], { from: 'user' });
  } catch (error) {
    throw error instanceof CommanderError ? usageError(error, entry) : error;
  }
  const { color, ...values } = program.opts<Record<string, string | boolean | string[]>>();
  return { entry, args: program.args, flags: color === false ? { ...values, noColor: true } : values };
}

function optionOf(flag: FlagSpec, OptionType: typeof Option): Option {
  const option = new OptionType(flag.value === undefined ? `--${flag.name}` : `--${flag.name} <value>`, flag.summary);
  if (flag.repeat === true || flag.list === true) {
    option.argParser((value: string, all: readonly string[] | undefined) => [
      ...(all ?? []),
      ...(flag.list === true
        ? value
            .split(',')
            .map((one) => one.trim())
            .filter((one) => one !== '')
        : [value]),
    ]);
  } else if (flag.value !== undefined) {
    option.argParser((value: string, before: string | undefined) => {
      if (before === undefined || before === value) return value;
      const message = `--${flag.name} is given twice: ${JSON.stringify(before)} and ${JSON.stringify(value)}`;
      throw new FxError('USAGE.CONFLICTING_FLAGS', { message, next: `give --${flag.name} once` });
    });
  }
  return option;
}

/** What commander refuses is an unknown flag or a value left out; its own words, with our code and our next step. */
function usageError(error: CommanderError, entry: ManifestEntry): FxError {
  const code = error.code === 'commander.unknownOption' ? 'USAGE.UNKNOWN_FLAG' : 'USAGE.MISSING_VALUE';
  const [what = '', hint] = error.message.replace(/^error: /, '').split('\n');
  const meant = hint === undefined ? '' : `${hint.replace(/^\(|\)$/g, '').replace(/\?$/, '')}? `;
  const nothing = entry.name === 'halt' ? 'Nothing was halted. ' : '';
  const isParam = code === 'USAGE.UNKNOWN_FLAG' && hint === undefined && entry.takesStrategy === true;
  const param = isParam ? 'A parameter of the strategy is given as --param NAME=VALUE. ' : '';
  const next = `${nothing}${meant}${param}See: fxtrade ${entry.name} --help`;
  return new FxError(code, { message: what.replace('option', 'flag'), next });
}

function beforeDashes(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  return end === -1 ? argv : argv.slice(0, end);
}

/** A folder that was deleted under the shell's feet must not keep a halt from working. */
function workingFolder(env: Host['env']): string {
  try {
    return process.cwd();
  } catch {
    return env['PWD'] ?? '/';
  }
}

function packageVersion(): string {
  const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
  return version;
}
