import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runCli } from './run-cli.js';
import { treeHash } from './tree-hash.js';

/** One wrong command line and what it must answer. */
export interface BadInput {
  readonly name: string;
  /** `{cwd}` stands for the working folder, `{home}` for the home. */
  readonly line: string;
  /** Files of the working folder, or of the home where the name starts with `home:`; a `null` is a folder. */
  readonly files?: Readonly<Record<string, string | Uint8Array | null>>;
  readonly modes?: Readonly<Record<string, number>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly exit: number;
  readonly code: string;
  /** In the message or in the next step. */
  readonly says: RegExp;
}

export interface Answer {
  readonly exit: number;
  readonly code: string;
  readonly text: string;
  /** Anything a user must never see. */
  readonly rubbish: string | undefined;
  readonly homeChanged: boolean;
}

const TRACE = /\n {4}at |\bat \w.*\.[jt]s:\d|\[object Object\]/;
const HOLE = new RegExp(`${TRACE.source}|\\bundefined\\b`);

export type Runner = (
  args: readonly string[],
  at: { readonly home: string; readonly cwd: string; readonly env: Readonly<Record<string, string>> },
) => Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>;

const inProcess: Runner = (args, at) => runCli(args, at);

/** Sets the scene, runs the command with --json and looks at everything it left. */
export async function answerTo(bad: BadInput, run: Runner = inProcess): Promise<Answer> {
  const cwd = mkdtempSync(join(tmpdir(), 'fxtrade-bad-'));
  const home = mkdtempSync(join(tmpdir(), 'fxtrade-home-'));
  const place = (name: string) => (name.startsWith('home:') ? join(home, name.slice(5)) : join(cwd, name));
  for (const [name, content] of Object.entries(bad.files ?? {})) {
    const path = place(name);
    mkdirSync(content === null ? path : dirname(path), { recursive: true });
    if (content !== null) writeFileSync(path, content);
  }
  for (const [name, mode] of Object.entries(bad.modes ?? {})) chmodSync(place(name), mode);
  const args = wordsOf(bad.line).map((word) => word.replaceAll('{cwd}', cwd).replaceAll('{home}', home));
  const before = treeHash(home);
  const { code, stdout, stderr } = await run([...args, '--json'], { home, cwd, env: bad.env ?? {} });
  const last = stdout.trim().split('\n').at(-1) ?? '';
  const error = errorOf(last);
  const text = `${error.message ?? ''} | ${error.next ?? ''}`;
  return {
    exit: code,
    code: error.code ?? `no error: ${last.slice(0, 200)} ${stderr.slice(0, 300)}`,
    text,
    // A strategy may return undefined, and be told so; elsewhere the word is a hole in a message.
    rubbish: (error.code?.startsWith('STRATEGY.') ? TRACE : HOLE).exec(`${stdout}\n${stderr}`)?.[0],
    homeChanged: treeHash(home) !== before,
  };
}

function errorOf(line: string): { code?: string; message?: string; next?: string } {
  try {
    const answer = JSON.parse(line);
    return answer.error ?? {};
  } catch {
    return {};
  }
}

/** Splits at spaces; quotes keep words together. */
function wordsOf(line: string): string[] {
  const found = line.match(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g) ?? [];
  return found.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
}

/** So many hourly bars of a euro from Monday 8 January 2024, with some rows changed. */
export function hourly(count: number, change: Readonly<Record<number, string>> = {}): string {
  const rows = Array.from({ length: count }, (_, i) => {
    const time = new Date(Date.UTC(2024, 0, 8) + i * 3_600_000).toISOString();
    const close = (1.1 + (i % 5) / 1000).toFixed(4);
    return change[i] ?? `${time},${close},${close},${close},${close}`;
  });
  return `time,open,high,low,close\n${rows.join('\n')}\n`;
}
