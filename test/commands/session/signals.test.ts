import { spawn, spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltProgram, builtProgram } from '../../helpers/built-program.js';

let program: BuiltProgram;
beforeAll(async () => {
  program = await builtProgram();
}, 120_000);
afterAll(() => program.remove());

const FLAGS = ['sma-cross', '--timeframe', '1m', '--param', 'fast=2', '--param', 'slow=4'];

interface Ended {
  readonly code: number | null;
  readonly killedBy: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `paper` until it has worked through its first bar, then sends it `signal`. */
function stopped(signal: NodeJS.Signals, flags: readonly string[], said: RegExp): Promise<Ended> {
  return new Promise((done) => {
    const child = program.start(['paper', ...FLAGS, ...flags]);
    let [stdout, stderr] = ['', ''];
    let sent = false;
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk.toString('utf8');
      if (!sent && said.test(stdout)) sent = child.kill(signal);
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr += chunk.toString('utf8');
    });
    child.on('close', (code, killedBy) => done({ code, killedBy, stdout, stderr }));
  });
}

async function expectResumes(book: string): Promise<void> {
  const { code, stdout } = await program.run(['paper', ...FLAGS, '--book', book, '--once', '--json']);
  expect(code, stdout).toBe(0);
  expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ kind: 'end', ok: true });
}

let books = 0;
const newBook = () => `book-${++books}`;

describe('a real-time session that is told to stop', () => {
  it.each`
    signal       | exit   | flags         | said
    ${'SIGINT'}  | ${130} | ${['--json']} | ${/"kind":"bar"/}
    ${'SIGTERM'} | ${143} | ${['--json']} | ${/"kind":"bar"/}
    ${'SIGHUP'}  | ${129} | ${['--json']} | ${/"kind":"bar"/}
    ${'SIGINT'}  | ${130} | ${[]}         | ${/^bar close /m}
  `(
    'by $signal ends in order with exit $exit, and its book goes on ($flags)',
    async ({ signal, exit, flags, said }) => {
      const book = newBook();
      const end = await stopped(signal, ['--book', book, ...flags], said);
      expect([end.code, end.killedBy], end.stderr).toEqual([exit, null]);
      if (flags.includes('--json')) {
        const lines = end.stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line));
        expect(lines.map(({ kind }) => kind).slice(-2)).toEqual(['stopped', 'end']);
        expect(lines.at(-1)).toMatchObject({ ok: true, data: { decided: true } });
      }
      await expectResumes(book);
    },
  );

  it('killed outright, its book goes on', async () => {
    const book = newBook();
    const end = await stopped('SIGKILL', ['--book', book, '--json'], /"kind":"bar"/);
    expect([end.code, end.killedBy]).toEqual([null, 'SIGKILL']);
    await expectResumes(book);
  });
});

/** `script` gives a program a terminal of its own. */
const hasScript = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;
if (!hasScript) console.log('skipped: there is no script(1) that makes a terminal');

describe.skipIf(!hasScript)('--watch on a terminal', () => {
  it.each`
    what        | key         | exit
    ${'q'}      | ${'q'}      | ${0}
    ${'Ctrl-C'} | ${'\u0003'} | ${130}
  `('draws, and $what ends it in order with exit $exit', async ({ key, exit }) => {
    const book = newBook();
    const line = [process.execPath, program.bin, '--home', program.home, 'paper', ...FLAGS, '--book', book, '--watch'];
    const env = { ...process.env, CI: '', TERM: 'xterm' };
    const child = spawn('script', ['-qec', line.join(' '), '/dev/null'], { env });
    let screen = '';
    let pressed = false;
    child.stdout.on('data', (chunk: Buffer) => {
      screen += chunk.toString('utf8');
      if (pressed || !/newest close \d{4}-.*q ends it/.test(screen)) return;
      pressed = child.stdin.write(key);
    });
    const code = await new Promise((done) => child.on('close', done));
    expect(code, screen).toBe(exit);
    expect(screen).toContain('\u001b[H\u001b[J');
    await expectResumes(book);
  });
});
