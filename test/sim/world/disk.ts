import { basename, dirname } from 'node:path';
import type { Rng } from '../../../src/core/base/rng.js';
import type { FileCalls } from '../../../src/core/state/file-calls.js';

/** Asked before every call; throws what the call is to fail with. May say how many bytes of a write are taken. */
export type DiskGuard = (call: string, bytes: number) => number | undefined;

interface Inode {
  readonly ino: number;
  data: Buffer;
  size: number;
  /** Bytes from the start that an fsync made safe; with `before`, what an fsync made safe stands there. */
  safe: number;
  before: Buffer | undefined;
  mode: number;
}

interface Folder {
  readonly entries: Map<string, Inode>;
  /** Changes of names since the last fsync of the folder. */
  pending: { readonly name: string; readonly to: Inode | undefined }[][];
  safe: Map<string, Inode>;
}

interface OpenFile {
  readonly inode: Inode | undefined;
  readonly folder: Folder | undefined;
  readonly append: boolean;
  position: number;
}

const trouble = (code: string, path: string): Error =>
  Object.assign(new Error(`${code}: ${path}`), { code, errno: -1 });

/**
 * A disk in memory that knows what was made safe. A process that is killed loses nothing; with the power go the bytes and
 * names that no fsync covered: all of them, the later ones, or the end of the last write.
 */
export class VirtualDisk {
  readonly #folders = new Map<string, Folder>();
  readonly #open = new Map<number, OpenFile>();
  #nextIno = 1;
  #nextFd = 3;
  writes = 0;

  folder(path: string): void {
    if (this.#folders.has(path)) return;
    if (path !== '/') this.folder(dirname(path));
    this.#folders.set(path, { entries: new Map(), pending: [], safe: new Map() });
  }

  /** The file as whoever reads it now sees it; undefined where there is none. */
  bytes(path: string): Buffer | undefined {
    const inode = this.#folders.get(dirname(path))?.entries.get(basename(path));
    return inode?.data.subarray(0, inode.size);
  }

  /** What would be left of a file if the power went now and took all it can. */
  safeBytes(path: string): Buffer | undefined {
    const inode = this.#folders.get(dirname(path))?.safe.get(basename(path));
    return inode === undefined ? undefined : (inode.before ?? inode.data.subarray(0, inode.safe));
  }

  /** All text there is, for whoever looks for what must not be there. */
  *texts(): Generator<readonly [string, string]> {
    for (const [path, folder] of this.#folders) {
      for (const [name, inode] of folder.entries) {
        yield [`${path}/${name}`, inode.data.toString('latin1', 0, inode.size)];
      }
    }
  }

  /** The power goes and comes back. */
  losePower(rng: Rng): void {
    this.#open.clear();
    for (const folder of this.#folders.values()) {
      const kept = Math.floor(rng.next() * (folder.pending.length + 1));
      for (const step of folder.pending.slice(0, kept)) apply(folder.safe, step);
      folder.pending = [];
      folder.entries.clear();
      for (const [name, inode] of folder.safe) folder.entries.set(name, inode);
    }
    const there = new Set([...this.#folders.values()].flatMap(({ entries }) => [...entries.values()]));
    for (const inode of there) survive(inode, rng);
  }

  /** The calls of one process. */
  calls(guard: DiskGuard): FileCalls {
    const asked = <T extends unknown[], R>(call: string, act: (...args: T) => R) => {
      return (...args: T): R => {
        guard(call, 0);
        return act(...args);
      };
    };
    const calls = {
      // A number says how to read what is there: nobody writes with one.
      openSync: asked('open', (path: string, flags: string | number) =>
        this.#openFile(path, typeof flags === 'number' ? 'r' : flags),
      ),
      closeSync: asked('close', (fd: number) => void this.#open.delete(fd)),
      writeSync: (fd: number, bytes: Uint8Array, from: number, length: number, position: number | null) => {
        const taken = guard('write', length) ?? length;
        this.#write(this.#file(fd), bytes.subarray(from, from + taken), position);
        return taken;
      },
      readSync: asked('read', (fd: number, into: Uint8Array, from: number, length: number, position: number) => {
        const { inode } = this.#file(fd);
        if (inode === undefined) throw trouble('EISDIR', String(fd));
        const end = Math.min(inode.size, position + length);
        if (end <= position) return 0;
        into.set(inode.data.subarray(position, end), from);
        return end - position;
      }),
      fsyncSync: asked('fsync', (fd: number) => sync(this.#file(fd))),
      ftruncateSync: asked('truncate', (fd: number, length: number) => truncate(this.#file(fd).inode, length)),
      fstatSync: asked('fstat', (fd: number) => statOf(this.#file(fd).inode)),
      lstatSync: asked('lstat', (path: string) => this.#stat(path)),
      statSync: asked('stat', (path: string) => this.#stat(path)),
      mkdirSync: asked('mkdir', (path: string) => void this.folder(path)),
      chmodSync: asked('chmod', (path: string, mode: number) => {
        this.#inode(path).mode = mode;
      }),
      readFileSync: asked('readFile', (path: string, encoding?: string) => {
        const { data, size } = this.#inode(path);
        return encoding === undefined ? Buffer.from(data.subarray(0, size)) : data.toString('utf8', 0, size);
      }),
      readdirSync: asked('readdir', (path: string) => {
        const folder = this.#folders.get(path);
        if (folder === undefined) throw trouble('ENOENT', path);
        return [...folder.entries.keys()];
      }),
      renameSync: asked('rename', (from: string, to: string) => {
        const inode = this.#inode(from);
        this.#change(dirname(from), [
          { name: basename(from), to: undefined },
          { name: basename(to), to: inode },
        ]);
      }),
      linkSync: asked('link', (from: string, to: string) => {
        const inode = this.#inode(from);
        if (this.bytes(to) !== undefined) throw trouble('EEXIST', to);
        this.#change(dirname(to), [{ name: basename(to), to: inode }]);
      }),
      unlinkSync: asked('unlink', (path: string) => {
        this.#inode(path);
        this.#change(dirname(path), [{ name: basename(path), to: undefined }]);
      }),
    };
    return calls as unknown as FileCalls;
  }

  #openFile(path: string, flags: string): number {
    const fd = this.#nextFd++;
    const folder = this.#folders.get(path);
    if (folder !== undefined) {
      this.#open.set(fd, { inode: undefined, folder, append: false, position: 0 });
      return fd;
    }
    const there = this.#folders.get(dirname(path))?.entries.get(basename(path));
    if (there !== undefined && flags.includes('x')) throw trouble('EEXIST', path);
    if (there === undefined && flags.startsWith('r')) throw trouble('ENOENT', path);
    const inode = there ?? this.#make(path);
    if (flags.startsWith('w') && there !== undefined) truncate(inode, 0);
    this.#open.set(fd, { inode, folder: undefined, append: flags.startsWith('a'), position: 0 });
    return fd;
  }

  #make(path: string): Inode {
    const ino = this.#nextIno++;
    const inode: Inode = { ino, data: Buffer.alloc(256), size: 0, safe: 0, before: undefined, mode: 0o600 };
    this.#change(dirname(path), [{ name: basename(path), to: inode }]);
    return inode;
  }

  #change(path: string, step: { readonly name: string; readonly to: Inode | undefined }[]): void {
    const folder = this.#folders.get(path);
    if (folder === undefined) throw trouble('ENOENT', path);
    apply(folder.entries, step);
    folder.pending.push(step);
  }

  #write(file: OpenFile, bytes: Uint8Array, position: number | null): void {
    const { inode } = file;
    if (inode === undefined) throw trouble('EISDIR', 'a folder');
    const at = file.append ? inode.size : (position ?? file.position);
    if (at < inode.safe && inode.before === undefined) inode.before = Buffer.from(inode.data.subarray(0, inode.safe));
    const end = at + bytes.length;
    if (end > inode.data.length) {
      const grown = Buffer.alloc(Math.max(end, inode.data.length * 2));
      inode.data.copy(grown, 0, 0, inode.size);
      inode.data = grown;
    }
    inode.data.set(bytes, at);
    inode.size = Math.max(inode.size, end);
    if (position === null) file.position = end;
    this.writes++;
  }

  #file(fd: number): OpenFile {
    const file = this.#open.get(fd);
    if (file === undefined) throw trouble('EBADF', String(fd));
    return file;
  }

  #inode(path: string): Inode {
    const inode = this.#folders.get(dirname(path))?.entries.get(basename(path));
    if (inode === undefined) throw trouble('ENOENT', path);
    return inode;
  }

  #stat(path: string) {
    return statOf(this.#folders.has(path) ? undefined : this.#inode(path));
  }
}

function apply(entries: Map<string, Inode>, step: Folder['pending'][number]): void {
  for (const { name, to } of step) {
    if (to === undefined) entries.delete(name);
    else entries.set(name, to);
  }
}

function sync({ inode, folder }: OpenFile): void {
  if (inode !== undefined) {
    inode.safe = inode.size;
    inode.before = undefined;
  }
  if (folder !== undefined) {
    for (const step of folder.pending) apply(folder.safe, step);
    folder.pending = [];
  }
}

function truncate(inode: Inode | undefined, length: number): void {
  if (inode === undefined) throw trouble('EISDIR', 'a folder');
  if (length < inode.safe && inode.before === undefined) inode.before = Buffer.from(inode.data.subarray(0, inode.safe));
  inode.data.fill(0, length, Math.max(length, inode.size));
  inode.size = length;
}

function statOf(inode: Inode | undefined) {
  if (inode === undefined) return { ino: 0, dev: 1, size: 0, mode: 0o40700, uid: OWNER, isFile: () => false };
  const mode = 0o100000 | inode.mode;
  return { ino: inode.ino, dev: 1, size: inode.size, mode, uid: OWNER, isFile: () => true };
}

const OWNER = process.getuid?.() ?? 0;

/** What the power leaves of a file. */
function survive(inode: Inode, rng: Rng): void {
  if (inode.before !== undefined) {
    if (rng.next() < 0.5) {
      inode.data = inode.before;
      inode.size = inode.before.length;
    }
  } else if (inode.size > inode.safe) {
    const tail = inode.size - inode.safe;
    const kind = rng.next();
    const kept = kind < 0.35 ? 0 : kind < 0.5 ? tail : Math.floor(rng.next() * (tail + 1));
    inode.size = inode.safe + kept;
    // Torn: the length was written, the last bytes were not.
    if (kind > 0.8) inode.data.fill(0, Math.max(inode.safe, inode.size - 1 - Math.floor(rng.next() * 512)), inode.size);
  }
  inode.safe = inode.size;
  inode.before = undefined;
}
