import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  awaitEngine,
  killStopped,
  livingSessions,
  lockedFolders,
  takeFence,
} from '../../../src/commands/safety/engines.js';
import { tryKernelLock } from '../../../src/core/state/lock/kernel-lock.js';

const home = mkdtempSync(join(tmpdir(), 'fxtrade-engines-'));
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

const folder = join(home, 'books', 'live-a');
const DESK = { broker: 'oanda', account: 'a', environment: undefined, books: [{ name: 'a', folder }] } as never;

/** A process that holds the book's lock and never looks at anything. */
async function holder(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', 'process.stdout.write("up");setInterval(()=>{},1e6)']);
  started.push(child);
  await new Promise((done) => child.stdout?.once('data', done));
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
  const startedAt = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: child.pid, startedAt, bootId }));
  return child;
}

/** Time that passes only when somebody waits. */
function counted() {
  let now = 0;
  return {
    mono: () => now,
    wait: async (ms: number) => {
      now += ms;
      await new Promise((done) => setImmediate(done));
    },
  };
}

async function stopped(child: ChildProcess): Promise<void> {
  child.kill('SIGSTOP');
  const state = () => readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.[0];
  while (state() !== 'T') await new Promise((done) => setImmediate(done));
}

it.skipIf(process.platform !== 'linux')(
  'a session that is stopped is killed at once, one that runs is not',
  async () => {
    const child = await holder();
    expect(killStopped(home, DESK)).toEqual([]);
    const ended = new Promise((done) => child.once('exit', (_, signal) => done(signal)));
    await stopped(child);

    expect(killStopped(home, DESK)).toEqual([child.pid]);
    expect(await ended).toBe('SIGKILL');
    expect(killStopped(home, DESK)).toEqual([]);
  },
);

it('sessions that live are named until they have ended', async () => {
  const child = await holder();
  const ended = new Promise((done) => child.once('exit', done));
  expect(livingSessions(home, DESK)).toEqual([child.pid]);
  child.kill('SIGKILL');
  await ended;
  expect(livingSessions(home, DESK)).toEqual([]);
});

describe('a session that hangs', () => {
  it('has two seconds to say that it saw the halt', async () => {
    const child = await holder();
    const time = counted();

    const report = await awaitEngine(folder, 'a', 'h-1', 0, time);

    expect(report).toMatchObject({ pid: child.pid, confirmed: false, killed: true });
    expect(time.mono()).toBe(2_000);
  });

  it('has two seconds to give the fence back, and lives when it does', async () => {
    const child = await holder();
    const fence = await tryKernelLock('submit oanda a');
    const inner = counted();
    const time = {
      mono: inner.mono,
      wait: async (ms: number) => {
        await inner.wait(ms);
        if (inner.mono() >= 1_900) fence?.release();
      },
    };

    const { lock, killed } = await takeFence(home, DESK, time);
    lock?.release();

    expect([lock !== undefined, killed, child.exitCode, child.signalCode]).toEqual([true, [], null, null]);
    expect(lockedFolders(home, DESK)).toContain(folder);
  });
});
