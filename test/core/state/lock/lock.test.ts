import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { kernelLockHolder, tryKernelLock } from '../../../../src/core/state/lock/kernel-lock.js';
import { acquireLock } from '../../../../src/core/state/lock/lock.js';

const root = mkdtempSync(join(tmpdir(), 'fxtrade-lock-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let made = 0;
const newFolder = (): string => {
  const folder = join(root, `book-${++made}`);
  mkdirSync(folder);
  return folder;
};

// A test on Linux can try its own kind and the one with ports; named pipes exist on Windows only.
describe.each(['linux', 'darwin'] as const)('a lock that the kernel keeps, as on %s', (platform) => {
  const own = process.platform === 'linux' || platform === 'darwin';

  it.runIf(own)('is had by one, told to who asks, and free after its release', async () => {
    const key = `${root} ${platform}`;
    const first = await tryKernelLock(key, platform);
    expect(first).toBeDefined();
    expect(await tryKernelLock(key, platform)).toBeUndefined();
    expect(await kernelLockHolder(key, platform)).toBe(process.pid);
    first?.release();
    expect(await kernelLockHolder(key, platform)).toBeUndefined();
    const second = await tryKernelLock(key, platform);
    expect(second).toBeDefined();
    second?.release();
  });

  it.runIf(own)('of one key does not close another', async () => {
    const locks = await Promise.all(['a', 'b', 'c'].map((name) => tryKernelLock(`${root} ${name}`, platform)));
    for (const lock of locks) expect(lock).toBeDefined();
    for (const lock of locks) lock?.release();
  });
});

it('a program that is not ours on the port of a lock is passed over', async () => {
  const key = `${root} foreign`;
  const probe = await tryKernelLock(key, 'darwin');
  probe?.release();
  const { createHash } = await import('node:crypto');
  const first = Number.parseInt(createHash('sha256').update(key).digest('hex').slice(0, 8), 16);
  const foreign = createServer((socket) => socket.end('220 mail\r\n'));
  await new Promise<void>((done) => foreign.listen(49_152 + (first % 16_384), '127.0.0.1', done));
  const lock = await tryKernelLock(key, 'darwin');
  expect(lock).toBeDefined();
  expect(await tryKernelLock(key, 'darwin')).toBeUndefined();
  expect(await kernelLockHolder(key, 'darwin')).toBe(process.pid);
  lock?.release();
  foreign.close();
});

describe('the lock of a folder', () => {
  it('tells the second who has it, also through a link', async () => {
    const folder = newFolder();
    const link = `${folder}-link`;
    symlinkSync(folder, link);
    const lock = await acquireLock(folder);
    for (const path of [folder, link]) {
      await expect(acquireLock(path)).rejects.toMatchObject({ code: 'STATE.BUSY', facts: { pid: process.pid } });
    }
    lock.release();
    lock.release();
    const again = await acquireLock(link);
    again.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('names process, start, boot, host and generation in its file', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'head.json'), '{"version":1,"seq":0,"h":"","generation":6}');
    const lock = await acquireLock(folder);
    const said = JSON.parse(readFileSync(join(folder, 'lock'), 'utf8'));
    expect(said).toMatchObject({ pid: process.pid, generation: 7 });
    expect(Object.keys(said).sort()).toEqual(['bootId', 'generation', 'host', 'pid', 'startedAt']);
    lock.release();
  });

  it('holds by its file alone against one who cannot see the kernel’s', async () => {
    const folder = newFolder();
    const lock = await acquireLock(folder);
    const text = readFileSync(join(folder, 'lock'));
    lock.release();
    // What a container of this machine would leave: another network, the same disk.
    writeFileSync(join(folder, 'lock'), text);
    await expect(acquireLock(folder)).rejects.toMatchObject({ code: 'STATE.BUSY', facts: { pid: process.pid } });
  });

  it.each([
    ['of a process that is gone', { pid: 4_194_303 }],
    ['of a process with another start', { startedAt: '1' }],
    ['of before the last boot', { bootId: 'another' }],
  ])('takes over a file %s', async (_, change) => {
    const folder = newFolder();
    const lock = await acquireLock(folder);
    const said = JSON.parse(readFileSync(join(folder, 'lock'), 'utf8'));
    lock.release();
    writeFileSync(join(folder, 'lock'), JSON.stringify({ ...said, ...change }));
    (await acquireLock(folder)).release();
  });

  it('leaves no folder behind that it made and nobody used', async () => {
    const folder = join(root, 'home', 'books', 'paper-x');
    (await acquireLock(folder)).release();
    expect(existsSync(join(root, 'home'))).toBe(false);
  });
});

it.runIf(process.platform === 'linux')(
  'a holder that is dead and not yet asked for by its parent holds nothing',
  async () => {
    const folder = newFolder();
    // The shell starts a child, tells its number, and becomes a program that never asks for it.
    const shell = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 30']);
    const pid = await new Promise<number>((done) => shell.stdout.once('data', (text) => done(Number(text))));
    const stat = (): string[] => {
      const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return line.slice(line.lastIndexOf(')') + 2).split(' ');
    };
    await expect.poll(() => stat()[0]).toBe('Z');
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    writeFileSync(join(folder, 'lock'), JSON.stringify({ pid, startedAt: stat()[19], bootId }));
    (await acquireLock(folder)).release();
    shell.kill();
  },
);
