import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
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
import { createServer, type Server, type Socket } from 'node:net';
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

/** A machine at work may take its time to let both ends speak. */
const PATIENT = 20_000;

const digest = (key: string): string => createHash('sha256').update(key).digest('hex');
const portOf = (key: string, step = 0): number =>
  49_152 + ((Number.parseInt(digest(key).slice(0, 8), 16) + step) % 16_384);

const listening = (server: Server, port: number): Promise<void> =>
  new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(port, '127.0.0.1', done);
  });

/** A key of our own whose first ports no other program of this machine uses, be it for a connection. */
async function freeKey(what: string): Promise<string> {
  for (let n = 0; ; n++) {
    const key = `${root} ${what} ${n}`;
    const servers = [0, 1, 2].map(() => createServer());
    const found = await Promise.allSettled(servers.map((server, step) => listening(server, portOf(key, step))));
    await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
    if (found.every(({ status }) => status === 'fulfilled')) return key;
  }
}

// A test on Linux can try its own kind and the one with ports; named pipes exist on Windows only.
describe.each(['linux', 'darwin'] as const)('a lock that the kernel keeps, as on %s', (platform) => {
  const own = process.platform === 'linux' || platform === 'darwin';

  it.runIf(own)('is had by one, told to who asks, and free after its release', async () => {
    const key = await freeKey(platform);
    const first = await tryKernelLock(key, platform, PATIENT);
    expect(first).toBeDefined();
    expect(await tryKernelLock(key, platform, PATIENT)).toBeUndefined();
    expect(await kernelLockHolder(key, platform, PATIENT)).toBe(process.pid);
    first?.release();
    expect(await kernelLockHolder(key, platform, PATIENT)).toBeUndefined();
    const second = await tryKernelLock(key, platform, PATIENT);
    expect(second).toBeDefined();
    second?.release();
  });

  it.runIf(own)('of one key does not close another', async () => {
    const keys = await Promise.all(['a', 'b', 'c'].map((name) => freeKey(name)));
    const locks = await Promise.all(keys.map((key) => tryKernelLock(key, platform, PATIENT)));
    for (const lock of locks) expect(lock).toBeDefined();
    for (const lock of locks) lock?.release();
  });
});

describe('what sits on the port of a lock', () => {
  /** A server on the first port of `key`, or a later one, that says `text` and then, or never, ends. */
  async function sitting(key: string, text: string, ends = true, step = 0) {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      if (ends) socket.end(text);
      else socket.write(text);
    });
    await listening(server, portOf(key, step));
    return () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    };
  }
  const other = `fxtrade-${'0'.repeat(64)}`;

  it.each([
    ['mail', '220 mail\r\n', true],
    ['a lock of another name', `${other} 7\n`, true],
    ['a lock of its name that says no number', 'ours no number\n', true],
    ['a program that quotes a lock', 'x ours 7\n', true],
    ['a program that goes on after it said a lock', 'ours 7\nmore', true],
    ['a program that says more than a lock would', 'x'.repeat(500), false],
  ])('%s, is passed over', async (what, text, ends) => {
    const key = await freeKey(what);
    const said = text.replace('ours', `fxtrade-${digest(key)}`);
    const close = await sitting(key, said, ends);
    const lock = await tryKernelLock(key, 'darwin', PATIENT);
    expect(lock).toBeDefined();
    expect(await tryKernelLock(key, 'darwin', PATIENT)).toBeUndefined();
    expect(await kernelLockHolder(key, 'darwin', PATIENT)).toBe(process.pid);
    lock?.release();
    expect(await kernelLockHolder(key, 'darwin', PATIENT)).toBeUndefined();
    close();
  });

  it.each([
    ['who ends without a word', true],
    ['who says nothing', false],
  ])('somebody %s, may be a holder at work: the lock is had', async (what, ends) => {
    const key = await freeKey(what);
    const close = await sitting(key, '', ends);
    expect(await tryKernelLock(key, 'darwin')).toBeUndefined();
    expect(await kernelLockHolder(key, 'darwin')).toBeUndefined();
    close();
  });

  it('who says nothing hides who comes after', async () => {
    const key = await freeKey('hidden');
    const closes = [await sitting(key, ''), await sitting(key, `fxtrade-${digest(key)} 4242\n`, true, 1)];
    expect(await kernelLockHolder(key, 'darwin', PATIENT)).toBeUndefined();
    for (const close of closes) close();
  });

  it('a holder, on whichever port it found, has the lock and says its number', async () => {
    const key = await freeKey('second');
    const name = `fxtrade-${digest(key)}`;
    const closes = [await sitting(key, 'mail\n'), await sitting(key, `${name} 4242\n`, true, 1)];
    expect(await tryKernelLock(key, 'darwin', PATIENT)).toBeUndefined();
    expect(await kernelLockHolder(key, 'darwin', PATIENT)).toBe(4242);
    for (const close of closes) close();
  });
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

  it('says to the second what is held by whom, and what to do', async () => {
    const folder = newFolder();
    const lock = await acquireLock(folder);
    await expect(acquireLock(folder)).rejects.toMatchObject({
      message: `another run holds ${folder} (process ${process.pid}); nothing was done`,
      next: 'wait until it ends, or use another book with --book NAME',
      facts: { folder, pid: process.pid },
    });
    lock.release();
  });

  it('is given back with its file when that is held by another', async () => {
    const folder = newFolder();
    const first = await acquireLock(folder);
    const text = readFileSync(join(folder, 'lock'));
    first.release();
    writeFileSync(join(folder, 'lock'), text);
    await expect(acquireLock(folder)).rejects.toMatchObject({ code: 'STATE.BUSY' });
    rmSync(join(folder, 'lock'));
    // The kernel's part of the attempt that failed is free again.
    (await acquireLock(folder)).release();
  });

  it('is released once, and not again when somebody else has it', async () => {
    const folder = newFolder();
    const first = await acquireLock(folder);
    first.release();
    const second = await acquireLock(folder);
    first.release();
    await expect(acquireLock(folder)).rejects.toMatchObject({ code: 'STATE.BUSY' });
    second.release();
  });

  it('is a lock of that folder alone', async () => {
    const locks = [await acquireLock(newFolder()), await acquireLock(newFolder())];
    for (const lock of locks) lock.release();
  });

  it('is taken anew when the folder is removed while it is taken', async () => {
    const folder = join(newFolder(), 'books', 'paper-z');
    const taking = acquireLock(folder);
    rmSync(folder, { recursive: true });
    const lock = await taking;
    expect(readdirSync(folder)).toEqual(['lock']);
    await expect(acquireLock(folder)).rejects.toMatchObject({ code: 'STATE.BUSY', facts: { pid: process.pid } });
    lock.release();
  });

  it('keeps what is in the folder, and the folder', async () => {
    const folder = join(root, 'kept', 'books', 'paper-y');
    const lock = await acquireLock(folder);
    writeFileSync(join(folder, 'book.json'), '{}');
    lock.release();
    expect(readdirSync(folder)).toEqual(['book.json']);
    const empty = newFolder();
    (await acquireLock(empty)).release();
    expect(existsSync(empty)).toBe(true);
  });

  it('removes only what it made', async () => {
    const there = newFolder();
    (await acquireLock(join(there, 'a', 'b'))).release();
    expect(readdirSync(there)).toEqual([]);
    const busy = join(there, 'c', 'd');
    const lock = await acquireLock(busy);
    writeFileSync(join(there, 'c', 'other'), '');
    lock.release();
    expect(readdirSync(there)).toEqual(['c']);
    expect(readdirSync(join(there, 'c'))).toEqual(['other']);
  });

  it('of a path through a file is refused as what it is', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'file'), '');
    await expect(acquireLock(join(folder, 'file', 'book'))).rejects.toMatchObject({
      code: 'STATE.WRONG_KIND',
      message: expect.stringContaining('could not make the folder'),
    });
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

it.runIf(process.platform === 'linux')('on Linux is a name in the kernel, and no port', async () => {
  const key = `${root} named`;
  const lock = await tryKernelLock(key);
  expect(readFileSync('/proc/net/unix', 'utf8')).toContain(`@fxtrade-${digest(key)}`);
  lock?.release();
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
