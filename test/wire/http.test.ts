import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { type HttpOptions, httpClient } from '../../src/wire/http.js';
import { HeldError, type HttpRequest, WireError } from '../../src/wire/message.js';
import { answerText, type Loopback, loopback } from '../helpers/loopback.js';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function server(answer: (socket: Socket, request: string) => void, onConnect?: (socket: Socket) => void) {
  const made = await loopback(answer, onConnect);
  closers.push(() => made.close());
  return made;
}

function client(options: HttpOptions = {}) {
  const made = httpClient(options);
  closers.push(() => made.close());
  return made;
}

const get = (from: Pick<Loopback, 'url'>, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url: `${from.url}/v3/accounts`,
  headers: { authorization: 'Bearer canary-token-0123456789' },
  deadlineMs: 5_000,
  ...more,
});

const post = (from: Pick<Loopback, 'url'>, more: Partial<HttpRequest> = {}): HttpRequest =>
  get(from, { method: 'POST', body: '{"order":1}', ...more });

async function failure(promise: Promise<unknown>): Promise<WireError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(WireError);
  return error as WireError;
}

describe('an answer', () => {
  it('is handed on with its status, its headers in small letters and its body, whatever the status', async () => {
    const there = await server((socket) => socket.write(answerText(503, '{"a":1}', { 'Retry-After': '2' })));
    const answer = await client().send(get(there));
    expect(answer).toMatchObject({ status: 503, body: '{"a":1}' });
    expect(answer.headers['retry-after']).toBe('2');
  });

  it('that is packed is unpacked', async () => {
    const packed = gzipSync('{"hello":"wörld"}');
    const there = await server((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${packed.length}\r\n\r\n`);
      socket.write(packed);
    });
    expect((await client().send(get(there))).body).toBe('{"hello":"wörld"}');
  });

  it('that sends us elsewhere is an answer: nobody goes there, the token stays here', async () => {
    const elsewhere = await server((socket) => socket.write(answerText(200, '{}')));
    const there = await server((socket) => socket.write(answerText(302, '', { location: `${elsewhere.url}/steal` })));
    expect((await client().send(get(there))).status).toBe(302);
    expect(elsewhere.requests).toEqual([]);
  });

  it('goes over one connection as long as it stands', async () => {
    const there = await server((socket) => socket.write(answerText(200, '{}')));
    const http = client();
    for (let i = 0; i < 5; i++) await http.send(get(there));
    expect(there.connections()).toBe(1);
    expect(there.requests).toHaveLength(5);
  });

  it('comes to each of many that wait for a connection', async () => {
    const there = await server((socket) => socket.write(answerText(200, '{}')));
    const http = client({ connections: 3 });
    const answers = await Promise.all(Array.from({ length: 100 }, () => http.send(get(there))));
    expect(answers).toHaveLength(100);
    expect(there.connections()).toBe(3);
  });

  it('to what is urgent comes although data hangs on every connection', async () => {
    const there = await server((socket, text) => {
      if (text.startsWith('PUT')) socket.write(answerText(200, '{}'));
    });
    const http = client();
    const hanging = Array.from({ length: 60 }, () => http.send(get(there, { deadlineMs: 800 })).catch(() => 'late'));
    const answer = await http.send(post(there, { method: 'PUT', urgent: true, deadlineMs: 600 }));
    expect(answer.status).toBe(200);
    expect(new Set(await Promise.all(hanging))).toEqual(new Set(['late']));
  });

  it('to a body carries the body once, with its length', async () => {
    const there = await server((socket) => socket.write(answerText(201, '{}')));
    await client().send(post(there, { body: '{"text":"ü"}' }));
    expect(there.requests[0]).toContain('content-length: 13'.replace('content-length', 'Content-Length'));
    expect(there.requests[0]?.split('\r\n\r\n')[1]).toBe(Buffer.from('{"text":"ü"}').toString('latin1'));
  });
});

describe('no whole answer', () => {
  const cases: readonly (readonly [string, (socket: Socket) => void, string])[] = [
    ['the connection breaks before a byte of the answer', (socket) => socket.destroy(), 'reset'],
    ['it breaks inside the headers', (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-le'), 'reset'],
    [
      'it breaks inside the body',
      (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{"a"'),
      'reset',
    ],
    ['the answer is no HTTP', (socket) => void socket.end('SSH-2.0-OpenSSH_9\r\n'), 'reset'],
    ['nothing ever comes', () => undefined, 'timeout'],
    [
      'one byte comes now and then, for ever',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 999999\r\n\r\n');
        const timer = setInterval(() => socket.write('x'), 20);
        socket.on('close', () => clearInterval(timer));
      },
      'timeout',
    ],
    [
      'the headers come one byte at a time',
      (socket) => {
        const timer = setInterval(() => socket.write('H'), 20);
        socket.on('close', () => clearInterval(timer));
      },
      'reset',
    ],
    [
      'the body has no end',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
        const piece = `10000\r\n${'x'.repeat(65_536)}\r\n`;
        const more = (): void => {
          while (!socket.destroyed && socket.write(piece)) {}
        };
        socket.on('drain', more);
        more();
      },
      'too-large',
    ],
    [
      'a small packed body is a large one unpacked',
      (socket) => {
        const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
        socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`);
        socket.write(bomb);
      },
      'too-large',
    ],
    [
      'what says it is packed is not',
      (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nhello'),
      'reset',
    ],
  ];
  it.each(cases)('when %s; what was asked for may have happened', async (_, answer, why) => {
    const there = await server(answer);
    const error = await failure(client().send(post(there, { deadlineMs: why === 'timeout' ? 150 : 5_000 })));
    expect(error).toMatchObject({ why, sent: true });
    expect(there.requests).toHaveLength(1);
  });

  it('and nothing was sent when nobody listens', async () => {
    const there = await server(() => undefined);
    await there.close();
    expect(await failure(client().send(post(there)))).toMatchObject({ why: 'refused', sent: false });
  });

  it.each([
    'http://192.0.2.1/v3',
    'http://example.com/',
    'http://127.0.0.1.example.com/',
    'ftp://127.0.0.1/',
    'http://user:pass@127.0.0.1/',
    'nonsense',
  ])('and nothing was sent to %s', async (url) => {
    expect(await failure(client().send(get({ url: '' }, { url })))).toMatchObject({
      why: 'forbidden-address',
      sent: false,
    });
  });

  it('says nothing of the token, however the error is looked at', async () => {
    const there = await server((socket) => socket.destroy());
    const error = await failure(client().send(get(there)));
    const { inspect } = await import('node:util');
    const seen = [inspect(error, { depth: 20, showHidden: true }), JSON.stringify(error), String(error.stack)].join();
    expect(seen).not.toContain('canary');
  });
});

describe('the latch', () => {
  it('is asked when the connection stands; when it says no, not one byte leaves', async () => {
    const there = await server((socket) => socket.write(answerText(201, '{}')));
    const asked: number[] = [];
    const mayLeave = () => {
      asked.push(there.connections());
      return false;
    };
    await expect(client().send(post(there, { mayLeave }))).rejects.toBeInstanceOf(HeldError);
    expect(asked).toHaveLength(1);
    expect(there.requests).toEqual([]);
  });

  it('that is set while the connection is made holds the request', async () => {
    let open = true;
    const there = await server((socket) => socket.write(answerText(201, '{}')));
    const sending = client().send(post(there, { mayLeave: () => open }));
    open = false;
    await expect(sending).rejects.toBeInstanceOf(HeldError);
    expect(there.requests).toEqual([]);
  });

  it('is asked again on a kept connection', async () => {
    const there = await server((socket) => socket.write(answerText(201, '{}')));
    const http = client();
    await http.send(post(there, { mayLeave: () => true }));
    await expect(http.send(post(there, { mayLeave: () => false }))).rejects.toBeInstanceOf(HeldError);
    await http.send(post(there, { mayLeave: () => true }));
    expect(there.requests).toHaveLength(2);
  });
});

describe('lines', () => {
  const chunked = (socket: Socket, ...pieces: readonly (string | Buffer)[]): void => {
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
    for (const piece of pieces) {
      socket.write(`${Buffer.byteLength(piece).toString(16)}\r\n`);
      socket.write(piece);
      socket.write('\r\n');
    }
  };

  async function read(there: Loopback, options: HttpOptions = {}, more: Partial<HttpRequest> = {}) {
    const lines: string[] = [];
    try {
      for await (const line of client(options).lines(get(there, more), new AbortController().signal)) lines.push(line);
    } catch (error) {
      return { lines, error };
    }
    return { lines, error: undefined };
  }

  it('come whole, however the chunks fall, and the connection’s end is told', async () => {
    const euro = Buffer.from('{"sign":"€"}\n');
    const there = await server((socket) => {
      chunked(socket, '{"a"', ':1}\n{"b":2}\r\n\n', '\n', euro.subarray(0, 10), euro.subarray(10), '{"half":');
      socket.write('0\r\n\r\n');
    });
    const { lines, error } = await read(there);
    expect(lines).toEqual(['{"a":1}', '{"b":2}', '{"sign":"€"}']);
    expect(error).toMatchObject({ why: 'closed', sent: true });
  });

  it('end with an error when nothing comes for too long', async () => {
    const there = await server((socket) => chunked(socket, 'one\n'));
    const { lines, error } = await read(there, { idleMs: 60 });
    expect(lines).toEqual(['one']);
    expect(error).toMatchObject({ why: 'timeout' });
  });

  it('end with an error when bytes drip and never become a line', async () => {
    const there = await server((socket) => {
      chunked(socket, 'one\n');
      const drip = setInterval(() => socket.write('1\r\nx\r\n'), 10);
      socket.on('close', () => clearInterval(drip));
    });
    const { lines, error } = await read(there, { idleMs: 60 });
    expect(lines).toEqual(['one']);
    expect(error).toMatchObject({ why: 'timeout' });
  });

  it('that are too long end the stream', async () => {
    const there = await server((socket) => chunked(socket, 'ok\n', 'x'.repeat(2_000)));
    const { lines, error } = await read(there, { lineCap: 1_000 });
    expect(lines).toEqual(['ok']);
    expect(error).toMatchObject({ why: 'too-large' });
  });

  it('that come packed although nobody asked for it are held to the same length', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 'x'));
    const there = await server((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`);
      socket.write(bomb);
    });
    const { lines, error } = await read(there);
    expect(lines).toEqual([]);
    expect(error).toMatchObject({ why: 'too-large' });
  });

  it('of a refused stream are none: the status is the reason', async () => {
    const there = await server((socket) => socket.write(answerText(401, '{"errorMessage":"no"}')));
    const { lines, error } = await read(there);
    expect(lines).toEqual([]);
    expect(error).toMatchObject({ why: 'status-401' });
  });

  it('stop without an error when nobody wants them any more', async () => {
    const there = await server((socket) => chunked(socket, 'one\n'));
    const controller = new AbortController();
    const lines: string[] = [];
    for await (const line of client().lines(get(there), controller.signal)) {
      lines.push(line);
      controller.abort();
    }
    expect(lines).toEqual(['one']);
  });
});
