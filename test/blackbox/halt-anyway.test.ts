import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltProgram, builtProgram } from '../helpers/built-program.js';
import { Desk, type Ended } from './desk.js';
import { hasTracer } from './every-call.js';

if (!hasTracer) console.log('skipped: there is no strace, so no home on a read-only disk (apt-get install strace)');

let program: BuiltProgram;
let desk: Desk;
beforeAll(async () => {
  program = await builtProgram();
  desk = await Desk.open(program.bin, 'halt anyway', { rules: [], events: [] });
  await desk.run(cycle());
}, 120_000);
afterAll(async () => {
  await desk.close();
  program.remove();
});

const FLAGS = ['--once', '--param', 'fast=2', '--param', 'slow=3'];
const cycle = (): readonly string[] => desk.session(FLAGS, 'sma-cross');
const latch = (): string => join(desk.home, 'HALT');
const HALT = ['halt', '--reason', 'by test', '--json'];

interface Answer {
  readonly ok: boolean;
  readonly data?: { readonly entriesBlocked?: boolean; readonly notProven?: readonly unknown[] };
  readonly error?: { readonly code: string; readonly message: string; readonly facts?: { entriesBlocked?: boolean } };
}

const answerOf = ({ stdout }: Ended): Answer => JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Answer;

describe('a halt', () => {
  it('on a full disk blocks entries by the empty file that it leaves, and says what it could not do: exit 7', async () => {
    // A write beyond no bytes at all fails, as on a full disk, and the file itself can be made.
    const full = ['bash', '-c', 'trap "" XFSZ; ulimit -f 0; exec "$@"', 'bash'];

    const end = await desk.start(HALT, full).ended;

    expect([end.code, answerOf(end)]).toMatchObject([7, { ok: false, error: { facts: { entriesBlocked: true } } }]);
    const sent = desk.venue.arrived.length;
    expect([(await desk.run(cycle())).code, desk.venue.arrived.length]).toEqual([5, sent]);
    rmSync(latch());
  }, 180_000);

  it.skipIf(!hasTracer)(
    'on a disk that is read-only says that the latch does not stand: exit 7',
    async () => {
      const inject = ['-P', latch(), '-e', 'trace=openat', '-e', 'inject=openat:error=EROFS'];

      const end = await desk.start(HALT, ['strace', '-f', '-qq', '-o', '/dev/null', ...inject]).ended;

      expect([end.code, answerOf(end)]).toMatchObject([7, { ok: false, error: { facts: { entriesBlocked: false } } }]);
      expect(existsSync(latch())).toBe(false);
    },
    180_000,
  );

  it('with settings that nobody can read, twice at once, is proven, and its own lift is a resume with a reason', async () => {
    const config = join(desk.home, 'config.json');
    writeFileSync(config, '{{{', { mode: 0o600 });

    const both = await Promise.all([desk.run(HALT), desk.run(HALT)]);

    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(both.map((end) => answerOf(end).data)).toMatchObject([{ entriesBlocked: true }, { entriesBlocked: true }]);
    writeFileSync(config, desk.settings, { mode: 0o600 });
  }, 180_000);
});

describe('what is halted', () => {
  it.each([
    ['a new process', []],
    ['the same again, as a service that is restarted', []],
    ['a line of cron, with next to nothing in its environment', ['env', '-i', 'PATH=/usr/bin:/bin']],
  ])(
    'stays so for %s: exit 5, and nothing is sent',
    async (_, under) => {
      const sent = desk.venue.arrived.length;
      const keys =
        under.length === 0 ? [] : Object.entries(desk.venue.exports).map(([name, value]) => `${name}=${value}`);

      const end = await desk.start(cycle(), [...under, ...keys]).ended;

      expect([end.code, answerOf(end).error?.code, desk.venue.arrived.length]).toEqual([5, 'HALT.ACTIVE', sent]);
    },
    180_000,
  );

  it('stays so for a session that runs, is killed and started again, though somebody took the latch away', async () => {
    await desk.run(['resume', '--reason', 'looked', '--confirm', desk.venue.account, '--json']);
    const running = desk.start(desk.session(FLAGS.slice(1), 'sma-cross'));
    await new Promise<void>((done) => desk.venue.onOrder(() => done()));
    expect((await desk.run(HALT)).code).toBe(0);
    running.child.kill('SIGKILL');
    await running.ended;
    rmSync(latch());
    const sent = desk.venue.arrived.length;

    const end = await desk.run(cycle());

    expect([end.code, existsSync(latch()), desk.venue.arrived.length]).toEqual([5, true, sent]);
  }, 180_000);

  it('is free again after a resume with a reason, and by nothing less', async () => {
    const confirm = ['--confirm', desk.venue.account, '--json'];
    expect((await desk.run(['resume', ...confirm])).code).toBe(2);
    expect((await desk.run(cycle())).code).toBe(5);

    expect((await desk.run(['resume', '--reason', 'looked', ...confirm])).code).toBe(0);

    expect((await desk.run(cycle())).code).toBe(0);
  }, 180_000);
});
