import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltProgram, builtProgram } from '../helpers/built-program.js';
import { check } from './checker.js';
import { Desk, lastWord, type Running } from './desk.js';

let program: BuiltProgram;
beforeAll(async () => {
  program = await builtProgram();
}, 120_000);
afterAll(() => program.remove());

const open: Desk[] = [];
afterEach(async () => {
  for (const desk of open.splice(0)) await desk.close();
});

async function opened(seed: string): Promise<Desk> {
  const desk = await Desk.open(program.bin, seed, { rules: [], events: [] });
  open.push(desk);
  return desk;
}

/** Resolves when the venue has had so many orders. */
function orders(desk: Desk, count: number): Promise<void> {
  return new Promise((done) => {
    let seen = 0;
    desk.venue.onOrder(() => {
      if (++seen >= count) done();
    });
  });
}

/** The book goes on, and both sides agree. */
async function expectSound(desk: Desk): Promise<void> {
  const end = await desk.run(desk.session(['--once']));
  expect(end.code, end.stdout.slice(-500) + end.stderr).toBe(0);
  const { home, book: folder, venue } = desk;
  expect(check({ home, folder, truth: venue.truth(), arrived: venue.arrived }).problems).toEqual([]);
}

const MOST_MS = 5_000;

async function stopped({ child, ended }: Running, signal: NodeJS.Signals) {
  const begin = performance.now();
  child.kill(signal);
  const end = await ended;
  return { ...end, ms: performance.now() - begin };
}

describe('a live session that is told to stop while it sends', () => {
  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)(
    'by %s ends in order with exit %i within five seconds, and its book goes on',
    async (signal, exit) => {
      const desk = await opened(`stopped by ${signal}`);
      const running = desk.start(desk.session());
      await orders(desk, 3);

      const end = await stopped(running, signal);

      console.log(`black box: ${signal} while sending, exit ${end.code} after ${Math.round(end.ms)} ms`);
      expect([end.code, end.signal], end.stderr).toEqual([exit, null]);
      expect(end.ms).toBeLessThan(MOST_MS);
      expect(lastWord(end)).toMatchObject({ kind: 'end', ok: true });
      const sent = desk.venue.arrived.length;
      await expectSound(desk);
      expect(sent).toBeGreaterThan(0);
    },
    180_000,
  );

  it('also when the broker does not answer', async () => {
    const desk = await Desk.open(program.bin, 'silent', {
      rules: [{ on: 'submit', from: 3, fault: { kind: 'silence-after' } }],
      events: [],
    });
    open.push(desk);
    const running = desk.start(desk.session());
    await orders(desk, 3);

    const end = await stopped(running, 'SIGTERM');

    console.log(`black box: SIGTERM while a broker is silent, exit ${end.code} after ${Math.round(end.ms)} ms`);
    expect(end.code, end.stderr).toBe(143);
    expect(end.ms).toBeLessThan(MOST_MS);
  }, 180_000);
});

it('whoever stops reading its output does not stop its journal', async () => {
  const desk = await opened('closed pipe');
  await desk.run(desk.session(['--once']));
  const line = [process.execPath, program.bin, '--home', desk.home, ...desk.session(['--duration', '8s'])];
  const before = statSync(join(desk.book, 'journal.ndjson')).size;
  const sent = desk.venue.arrived.length;

  const code = await new Promise((done) => {
    const quoted = line.map((word) => `'${word}'`).join(' ');
    const env = { ...process.env, ...desk.venue.exports };
    const shell = spawn('bash', ['-c', `${quoted} | head -1 >/dev/null; exit \${PIPESTATUS[0]}`], {
      env,
      stdio: 'ignore',
    });
    shell.on('close', done);
  });

  console.log(`black box: output closed after a line, exit ${code}, ${desk.venue.arrived.length - sent} orders after`);
  expect(statSync(join(desk.book, 'journal.ndjson')).size).toBeGreaterThan(before);
  expect(desk.venue.arrived.length).toBeGreaterThan(sent);
  await expectSound(desk);
}, 180_000);
