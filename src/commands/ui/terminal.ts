import { isatty } from 'node:tty';
import type { ChalkInstance } from 'chalk';
import { hideKnown } from '../../core/base/hide.js';
import { visible } from '../../core/base/text.js';

const CTRL_C = '\u0003';

type Paint = (text: string) => string;

/** Colours by meaning; each is the identity when colours are off. */
export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly blue: Paint;
  readonly cyan: Paint;
  readonly magenta: Paint;
}

/** A sign of life on stderr; silent where nobody is watching. */
export interface Spinner {
  update(text: string): void;
  /** Takes the spinner away; `text` stays in its place when given. */
  stop(text?: string): void;
}

/** The only door to the person: stdout carries the answer, stderr the talk. No secret that the process knows gets out. */
export interface Terminal {
  /** A line of the answer. Control characters other than our own colours are shown escaped, so file text cannot act. */
  out(line: string): void;
  /** A line of talk, escaped in the same way. */
  err(line: string): void;
  /** Raw text to stdout: JSON, and screens that move the cursor. Text from files must be escaped by the caller. */
  write(text: string): void;
  /** stdin, stdout and stderr are all a terminal and nobody said CI: prompts are allowed. */
  readonly interactive: boolean;
  /** stdout is a terminal: live screens are allowed. */
  readonly isTTY: boolean;
  /** Columns to draw in: the terminal's, else 100. */
  readonly columns: number;
  readonly rows: number;
  readonly color: boolean;
  readonly style: Style;
  /** Loads chalk when colours are on; the runner awaits it before it draws. */
  prepare(): Promise<void>;
  spinner(text: string): Promise<Spinner>;
  /** Tells each key that a person presses, until the answer is called; Ctrl-C goes on stopping the program. */
  keys?(onKey: (key: string) => void): () => void;
}

export const PLAIN: Style = {
  bold: String,
  dim: String,
  red: String,
  green: String,
  yellow: String,
  blue: String,
  cyan: String,
  magenta: String,
};

export const SILENT_SPINNER: Spinner = { update: () => undefined, stop: () => undefined };

export interface TerminalOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--no-color` was given. */
  readonly noColor: boolean;
  /** `--quiet` or `--json`: no spinner. */
  readonly still: boolean;
  /** Called once when the reader of stdout has gone. */
  readonly onClosed?: () => void;
}

/** The terminal of this process. */
export function processTerminal(options: TerminalOptions): Terminal {
  // Asked of the file descriptors: making the streams costs milliseconds that a halt does not have.
  const watched = isatty(1);
  const asked = watched && isatty(0) && isatty(2);
  const ci = isSet(options.env['CI']);
  const color = watched && !options.noColor && !isSet(options.env['NO_COLOR']) && !ci && options.env['TERM'] !== 'dumb';
  let closing: Closed | undefined;
  const gone = (): Closed => {
    closing ??= watchClosed(options.onClosed);
    return closing;
  };
  let style = PLAIN;
  return {
    out: (line) => void (gone().out || process.stdout.write(`${visible(hideKnown(line), color)}\n`)),
    err: (line) => void (gone().err || process.stderr.write(`${visible(hideKnown(line), color)}\n`)),
    write: (text) => void (gone().out || process.stdout.write(hideKnown(text))),
    interactive: asked && !ci,
    isTTY: watched,
    get columns() {
      return process.stdout.columns || 100;
    },
    get rows() {
      return process.stdout.rows || 40;
    },
    color,
    get style() {
      return style;
    },
    async prepare() {
      if (!color || style !== PLAIN) return;
      const { Chalk } = await import('chalk');
      style = chalkStyle(new Chalk({ level: levelOf(process.stdout.getColorDepth()) }));
    },
    async spinner(text) {
      // In a terminal that says no width ora counts lines without end and never comes back.
      if (options.still || !isatty(2) || ci || !process.stderr.columns) return SILENT_SPINNER;
      const { default: ora } = await import('ora');
      const spinner = ora({
        text: visible(hideKnown(text), false),
        stream: process.stderr,
        discardStdin: false,
      }).start();
      return {
        update: (now) => {
          spinner.text = visible(hideKnown(now), false);
        },
        stop: (last) =>
          void (last === undefined
            ? spinner.stop()
            : spinner.stopAndPersist({ text: visible(hideKnown(last), false) })),
      };
    },
    keys: (onKey) => (asked ? readKeys(onKey) : () => undefined),
  };
}

/** In raw mode the system makes no signal of Ctrl-C any more: we send it ourselves. */
function readKeys(onKey: (key: string) => void): () => void {
  const { stdin } = process;
  const listen = (chunk: Buffer) => {
    const key = chunk.toString('utf8');
    if (key.includes(CTRL_C)) process.kill(process.pid, 'SIGINT');
    else onKey(key);
  };
  stdin.setRawMode(true);
  stdin.on('data', listen);
  return () => {
    stdin.off('data', listen);
    stdin.setRawMode(false);
    stdin.pause();
  };
}

function chalkStyle(chalk: ChalkInstance): Style {
  const { bold, dim, red, green, yellow, blue, cyan, magenta } = chalk;
  return { bold, dim, red, green, yellow, blue, cyan, magenta };
}

function levelOf(depth: number): 1 | 2 | 3 {
  if (depth >= 24) return 3;
  return depth >= 8 ? 2 : 1;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}

/** Which of the two streams nobody reads any more. */
interface Closed {
  out: boolean;
  err: boolean;
}

/** A reader that went away (`fxtrade report | head`) ends the output quietly instead of crashing the program. */
function watchClosed(onClosed: (() => void) | undefined): Closed {
  const gone = { out: false, err: false };
  const closes = (error: NodeJS.ErrnoException): boolean =>
    ['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED'].includes(error.code ?? '');
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (!closes(error)) throw error;
    if (!gone.out) onClosed?.();
    gone.out = true;
  });
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (!closes(error)) throw error;
    gone.err = true;
  });
  return gone;
}
