import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a request is for, as the columns of the matrix name it. */
export type Column = 'submit' | 'cancel' | 'query' | 'stream';

/** What comes back instead of the venue's own answer, and whether the venue heard the request at all. */
export interface Reply {
  /** `late`: it hears the request when the test says so, long after the answer. Default `heard`. */
  readonly reach?: 'heard' | 'lost' | 'late';
  /** Default: the venue's own. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Out of the venue's own words; on a stream, out of each line. Default: its own words. */
  readonly body?: (own: string) => string | Uint8Array;
  /** Nothing that is a line comes on a stream any more. */
  readonly isMute?: true;
  /** How the connection ends instead of with a whole answer. The last three: nothing leaves at all. */
  readonly end?: 'reset' | 'cut' | 'silence' | 'trickle' | 'garbage' | 'refused' | 'no-name' | 'no-tls';
}

export interface Meddler {
  readonly url: string;
  /** Requests that came, oldest first: `POST /v3/…`. */
  readonly seen: string[];
  /** Spoils every answer of a column from now on; without arguments none. */
  spoil(column?: Column, reply?: Reply): void;
  /** Streams that were opened at the venue since the beginning. */
  opened(): number;
  /** The venue hears what is late. */
  deliverLate(): Promise<void>;
  close(): Promise<void>;
}

export function columnOf(method: string, path: string): Column | undefined {
  if (method === 'POST' && path.endsWith('/orders')) return 'submit';
  if (method === 'PUT' && path.endsWith('/cancel')) return 'cancel';
  if (/\/transactions\/stream(\?|$)/.test(path)) return 'stream';
  return method === 'GET' ? 'query' : undefined;
}

/** Stands between the adapter and the stand-in, on sockets of its own. */
export async function meddler(upstream: string): Promise<Meddler> {
  let active: { readonly column: Column; readonly reply: Reply } | undefined;
  const seen: string[] = [];
  const late: (() => Promise<unknown>)[] = [];
  let opened = 0;
  const server = createServer((asked, answer) => {
    const { method = '', url = '' } = asked;
    seen.push(`${method} ${url}`);
    answer.on('error', () => undefined);
    const column = columnOf(method, url);
    const reply = active?.column === column ? active?.reply : undefined;
    if (/\/stream(\?|$)/.test(url)) {
      stream({ upstream, asked, answer, reply: reply ?? {}, onOpen: () => opened++ });
      return;
    }
    void bodyOf(asked).then(async (sent) => {
      const onward = () => forward(upstream, asked, sent);
      if (reply?.reach === 'late') late.push(onward);
      const isHeard = reply === undefined || (reply.reach ?? 'heard') === 'heard';
      const own = isHeard ? await onward() : { status: 502, body: '' };
      await deliver(answer, own, reply ?? {});
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    spoil: (column, reply) => {
      active = column === undefined || reply === undefined ? undefined : { column, reply };
    },
    opened: () => opened,
    deliverLate: async () => {
      for (const one of late.splice(0)) await one();
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

interface Own {
  readonly status: number;
  readonly body: string;
}

function forward(upstream: string, asked: IncomingMessage, sent: string): Promise<Own> {
  return new Promise((done, failed) => {
    const headers = {
      ...asked.headers,
      'accept-encoding': 'identity',
      'content-length': String(Buffer.byteLength(sent)),
    };
    const onward = httpRequest(`${upstream}${asked.url}`, { method: asked.method ?? '', headers }, (came) => {
      void bodyOf(came).then((body) => done({ status: came.statusCode ?? 0, body }));
    });
    onward.on('error', failed);
    onward.end(sent);
  });
}

async function deliver(answer: ServerResponse, own: Own, reply: Reply): Promise<void> {
  if (reply.end === 'silence') return;
  if (reply.end === 'reset') {
    answer.destroy();
    return;
  }
  if (reply.end === 'garbage') {
    answer.socket?.end('this is no HTTP\r\n\r\n');
    return;
  }
  const body = Buffer.from(reply.body?.(own.body) ?? own.body);
  const headers = { 'content-type': 'application/json', ...reply.headers, 'content-length': String(body.length) };
  answer.writeHead(reply.status ?? own.status, headers);
  if (reply.end === 'cut' || reply.end === 'trickle') {
    answer.write(body.subarray(0, Math.ceil(body.length / 2)), () => {
      if (reply.end === 'cut') answer.destroy();
    });
    return;
  }
  answer.end(body);
}

interface Streaming {
  readonly upstream: string;
  readonly asked: IncomingMessage;
  readonly answer: ServerResponse;
  readonly reply: Reply;
  onOpen(): void;
}

/** A status of its own ends a stream with one answer; else each line is passed on, spoiled. */
function stream({ upstream, asked, answer, reply, onOpen }: Streaming): void {
  const isAnswer =
    reply.status !== undefined || reply.end === 'silence' || reply.end === 'reset' || reply.end === 'garbage';
  if (isAnswer) {
    void deliver(answer, { status: 200, body: '' }, reply);
    return;
  }
  const onward = httpRequest(`${upstream}${asked.url}`, { headers: asked.headers }, (came) => {
    answer.writeHead(came.statusCode ?? 0, { 'content-type': 'application/octet-stream', ...reply.headers });
    answer.flushHeaders();
    onOpen();
    came.setEncoding('utf8');
    came.on('data', (text: string) => {
      for (const line of text.split('\n').filter((one) => one !== '')) {
        const spoiled = Buffer.from(reply.body?.(line) ?? line);
        if (reply.end === undefined) answer.write(Buffer.concat([spoiled, Buffer.from('\n')]));
        else if (reply.end === 'trickle') trickle(answer, spoiled);
        else answer.write(spoiled.subarray(0, Math.ceil(spoiled.length / 2)), () => answer.destroy());
      }
    });
    came.on('end', () => answer.end());
  });
  onward.on('error', () => answer.destroy());
  answer.on('close', () => onward.destroy());
  onward.end();
}

/** A byte now and then, and never a whole line. */
function trickle(answer: ServerResponse, bytes: Buffer): void {
  let at = 0;
  const timer = setInterval(() => answer.write(bytes.subarray(at % bytes.length, (at++ % bytes.length) + 1)), 20);
  answer.on('close', () => clearInterval(timer));
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
