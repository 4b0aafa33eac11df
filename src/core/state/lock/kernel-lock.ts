import { createHash } from 'node:crypto';
import { connect, createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import { diskError } from '../disk-error.js';

/** Something only one process of this machine has. */
export interface Lock {
  release(): void;
}

/** First port for systems without sockets that have no file; the dynamic range, where no service is registered. */
const FIRST_PORT = 49_152;
const PORTS = 16_384;
/** How many ports are tried when programs that are not ours sit on them. */
const PORT_TRIES = 16;
/** How long a holder may take to say who it is, ms; a busy one may not answer. */
const ANSWER_MS = 250;
const MOST_ANSWER = 200;

/**
 * A lock that the kernel keeps: it is free the moment its holder is gone, however it went. Undefined when somebody has it.
 * Linux: an abstract Unix socket. Windows: a named pipe. Elsewhere: a port of the loopback address, which proves by what it
 * says that it is this lock and no other program.
 *
 * `key` may be any text; two locks are the same when their keys are. Costs well under a millisecond. `answerMs` is how long
 * whoever sits on a port may take to speak.
 */
export async function tryKernelLock(
  key: string,
  platform: NodeJS.Platform = process.platform,
  answerMs: number = ANSWER_MS,
): Promise<Lock | undefined> {
  for (const place of placesOf(key, platform)) {
    const server = await listen(key, place);
    if (server !== undefined) return { release: () => void server.close() };
    if (place.port === undefined) return undefined;
    // Who says nothing may be a holder at work: only another name shows that the place is somebody else's.
    const answer = await ask(place, answerMs);
    if (answer === 'silent' || answer === 'nobody' || answer.name === nameOf(key)) return undefined;
  }
  return undefined;
}

/** Process id of the holder as it says itself; undefined when nobody holds the lock, or the holder is too busy to say. */
export async function kernelLockHolder(
  key: string,
  platform: NodeJS.Platform = process.platform,
  answerMs: number = ANSWER_MS,
): Promise<number | undefined> {
  for (const place of placesOf(key, platform)) {
    const answer = await ask(place, answerMs);
    if (answer === 'silent' || answer === 'nobody') return undefined;
    if (answer.name === nameOf(key)) return answer.pid;
  }
  return undefined;
}

type Place = Pick<ListenOptions, 'path' | 'port' | 'host'>;

function placesOf(key: string, platform: NodeJS.Platform): readonly Place[] {
  const name = nameOf(key);
  if (platform === 'linux') return [{ path: `\0${name}` }];
  if (platform === 'win32') return [{ path: `\\\\.\\pipe\\${name}` }];
  const first = Number.parseInt(digest(key).slice(0, 8), 16);
  return Array.from({ length: PORT_TRIES }, (_, step) => ({
    host: '127.0.0.1',
    port: FIRST_PORT + ((first + step) % PORTS),
  }));
}

const digest = (key: string): string => createHash('sha256').update(key).digest('hex');
const nameOf = (key: string): string => `fxtrade-${digest(key)}`;

/** A server that says whose it is to everybody who asks; undefined when the place is taken. */
function listen(key: string, place: Place): Promise<Server | undefined> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.unref();
    socket.end(`${nameOf(key)} ${process.pid}\n`);
  });
  return new Promise((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') done(undefined);
      else fail(diskError(error, 'could not take the lock', key));
    });
    // A lock keeps no process alive.
    server.listen({ ...place, exclusive: true }, () => done(server.unref()));
  });
}

interface Answer {
  /** Empty for a program that is not ours. */
  readonly name: string;
  readonly pid: number;
}

function ask(place: Place, answerMs: number): Promise<Answer | 'silent' | 'nobody'> {
  return new Promise((done) => {
    const { path, port, host } = place;
    const socket: Socket = path === undefined ? connect(port ?? 0, host) : connect(path);
    let text = '';
    const end = (error?: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      socket.destroy();
      const [, name = '', pid] = /^(fxtrade-[0-9a-f]{64}) (\d+)\n$/.exec(text) ?? [];
      if (text !== '') done({ name, pid: Number(pid) });
      else done(error?.code === 'ECONNREFUSED' || error?.code === 'ENOENT' ? 'nobody' : 'silent');
    };
    const timer = setTimeout(end, answerMs);
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (text.length > MOST_ANSWER) end();
    });
    socket.on('end', () => end());
    socket.on('error', end);
  });
}
