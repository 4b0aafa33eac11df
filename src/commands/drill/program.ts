import { type ChildProcess, spawn } from 'node:child_process';
import type { Wait } from '../../core/ports/clock.js';

/** How a process ended. */
export interface Ended {
  /** Undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of this very program, as a person would start it. */
export class Running {
  readonly #child: ChildProcess;
  readonly #ended: Promise<Ended>;
  #stdout = '';
  #stderr = '';
  #isOver = false;

  constructor(
    command: string,
    args: readonly string[],
    options: { readonly env: NodeJS.ProcessEnv; readonly cwd: string },
  ) {
    this.#child = spawn(command, [...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#stdout += chunk.toString('utf8');
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString('utf8');
    });
    this.#ended = new Promise((done) => {
      this.#child.on('close', (code) => {
        this.#isOver = true;
        done({ code: code ?? undefined, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
  }

  get ended(): Promise<Ended> {
    return this.#ended;
  }

  /** Lines of JSON that it printed so far. */
  lines(): readonly Readonly<Record<string, unknown>>[] {
    return linesOf(this.#stdout);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits until a line says something; undefined when it ended or the time is over first. */
  async sees(
    wanted: (line: Readonly<Record<string, unknown>>) => boolean,
    patienceMs: number,
    wait: Wait,
  ): Promise<Readonly<Record<string, unknown>> | undefined> {
    for (let waited = 0; ; waited += LOOK_MS) {
      const found = this.lines().find(wanted);
      if (found !== undefined || this.#isOver || waited >= patienceMs) return found;
      await wait(LOOK_MS);
    }
  }
}

const LOOK_MS = 100;

/** The whole lines of JSON in a text; a last one that is not whole is left out. */
export function linesOf(text: string): readonly Readonly<Record<string, unknown>>[] {
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as Record<string, unknown>];
    } catch {
      return [];
    }
  });
}
