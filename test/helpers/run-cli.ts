import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../src/cli.js';
import { type Clock, replayClock } from '../../src/core/ports/clock.js';
import { recordingTerminal } from './recording-terminal.js';

export interface RunCliOptions {
  /** The same home for several runs; default a new empty one. */
  readonly home?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  readonly columns?: number;
}

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly home: string;
  /** The one JSON object on stdout. */
  json(): Record<string, unknown>;
  /** Each line of stdout as JSON: what a streaming command prints. */
  lines(): Record<string, unknown>[];
}

/** 2026-01-05T12:00:00Z, a Monday. */
export const TEST_NOW = 1_767_614_400_000;

/** Runs the whole program in this process: a home of its own, a clock that stands still, a terminal that records. */
export async function runCli(line: string | readonly string[], options: RunCliOptions = {}): Promise<CliResult> {
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'fxtrade-test-'));
  const terminal = recordingTerminal(options.columns === undefined ? {} : { columns: options.columns });
  const code = await main({
    argv: typeof line === 'string' ? words(line) : line,
    env: { FXTRADE_HOME: home, ...options.env },
    cwd: options.cwd ?? home,
    clock: options.clock ?? replayClock(TEST_NOW),
    signal: options.signal ?? new AbortController().signal,
    version: '0.0.0-test',
    terminal,
  });
  const stdout = terminal.stdout();
  return {
    code,
    stdout,
    stderr: terminal.stderr(),
    home,
    json: () => JSON.parse(stdout),
    lines: () =>
      stdout
        .trim()
        .split('\n')
        .map((one) => JSON.parse(one)),
  };
}

/** Splits like a shell does with double and single quotes, nothing else. */
function words(line: string): string[] {
  const found = line.match(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g) ?? [];
  return found.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
}
