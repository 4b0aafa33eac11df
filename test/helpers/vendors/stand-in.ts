import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

/** A request as a vendor saw it. */
export interface Seen {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** On the monotonic clock, ms. */
  readonly at: number;
}

export interface VendorReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** How a vendor behaves towards a request. */
export type Mood =
  | 'well'
  | 'throttle'
  | 'outage'
  | 'malformed'
  | 'drop'
  | 'stall'
  | 'redirect'
  | 'endless'
  | 'bomb'
  | 'no-key'
  | 'page';

export interface VendorStandIn {
  readonly url: string;
  /** For streams, which begin as a request. */
  readonly server: Server;
  readonly seen: readonly Seen[];
  /** Decides for each request, by its number from 0; default always `well`. */
  mood: (request: number, seen: Seen) => Mood;
  /** What it has; may be replaced. */
  answer: (seen: Seen) => VendorReply;
  /** Requests that are stalled now. */
  stalled(): number;
  /** Breaks them off. */
  letGo(): void;
  /** Most requests in any stretch of `perMs`. */
  busiest(perMs: number): number;
  close(): Promise<void>;
}

/** A vendor on this machine: `answer` gives what it has, `mood` what goes wrong. */
export async function vendorStandIn(answer: (seen: Seen) => VendorReply): Promise<VendorStandIn> {
  const seen: Seen[] = [];
  const stalled = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    const one = seenOf(request);
    seen.push(one);
    response.on('error', () => undefined);
    const mood = stand.mood(seen.length - 1, one);
    if (mood === 'stall') {
      stalled.add(response);
      response.on('close', () => stalled.delete(response));
    }
    behave(mood, response, () => stand.answer(one));
  });
  // What became a stream is no connection of the server any more, and holds it open.
  const streams = new Set<Duplex>();
  server.on('upgrade', (_, socket) => {
    streams.add(socket);
    socket.on('close', () => streams.delete(socket));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const stand: VendorStandIn = {
    url: `http://127.0.0.1:${port}`,
    server,
    seen,
    mood: () => 'well',
    answer,
    stalled: () => stalled.size,
    letGo() {
      for (const response of stalled) response.destroy();
      stalled.clear();
    },
    busiest: (perMs) =>
      Math.max(0, ...seen.map(({ at }) => seen.filter((other) => other.at >= at && other.at < at + perMs).length)),
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
        for (const socket of streams) socket.destroy();
      }),
  };
  return stand;
}

function seenOf(request: IncomingMessage): Seen {
  const url = new URL(request.url ?? '/', 'http://localhost');
  return { path: url.pathname, query: url.searchParams, headers: request.headers, at: performance.now() };
}

const MOODS: Readonly<Record<Exclude<Mood, 'well'>, (response: ServerResponse, answer: () => VendorReply) => void>> = {
  throttle: (response) => give(response, { status: 429, headers: { 'retry-after': '0.01' }, body: 'too many' }),
  outage: (response) => give(response, { status: 503, body: '<html>down for maintenance</html>' }),
  malformed: (response, answer) => {
    const { body, ...rest } = answer();
    give(response, {
      ...rest,
      headers: {},
      status: 200,
      body: Buffer.from(body).subarray(0, 18),
    });
  },
  drop: (response, answer) => {
    const { body } = answer();
    response.writeHead(200, { 'content-length': String(Buffer.byteLength(body)) });
    response.write(body.slice(0, Math.max(1, body.length >> 1)), () => response.destroy());
  },
  stall: (response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.flushHeaders();
  },
  redirect: (response) =>
    give(response, { status: 302, headers: { location: 'http://169.254.169.254/keys' }, body: '' }),
  endless: (response) => {
    response.writeHead(200);
    const piece = Buffer.alloc(256 * 1024, 0x61);
    const more = (): void => {
      while (!response.destroyed && response.write(piece));
    };
    response.on('drain', more);
    more();
  },
  bomb: (response) => {
    // A megabyte of packed zeros unpacks to a thousand.
    response.writeHead(200, { 'content-encoding': 'gzip' });
    response.end(BOMB);
  },
  'no-key': (response) => give(response, { status: 401, body: '{"error":"Invalid key SECRET-KEY-123456"}' }),
  page: (response) =>
    give(response, { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>sign in</html>' }),
};

let BOMB = Buffer.alloc(0);
/** Made once, by whoever needs it: it takes a moment. */
export async function prepareBomb(): Promise<void> {
  const { gzipSync } = await import('node:zlib');
  BOMB = gzipSync(Buffer.alloc(256 * 1024 * 1024));
}

function behave(mood: Mood, response: ServerResponse, answer: () => VendorReply): void {
  if (mood === 'well') give(response, answer());
  else MOODS[mood](response, answer);
}

function give(response: ServerResponse, { status = 200, headers = {}, body }: VendorReply): void {
  response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) });
  response.end(body);
}
