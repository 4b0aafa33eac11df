import { afterEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { WireError } from '../../src/wire/message.js';
import {
  closeInWords,
  SocketClosed,
  type SocketItem,
  type SocketOptions,
  type SocketRequest,
  socketDoor,
} from '../../src/wire/socket.js';
import { answerText, loopback } from '../helpers/loopback.js';
import { frame, rawSocketServer, socketServer } from '../helpers/socket-server.js';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});
const kept = <T extends { close(): Promise<void> }>(one: T): T => {
  closers.push(() => one.close());
  return one;
};
const server = async (act: (socket: WebSocket) => void) => kept(await socketServer(act));
const raw = async (speak: Parameters<typeof rawSocketServer>[0]) => kept(await rawSocketServer(speak));

const never = new AbortController().signal;
const to = ({ url }: { readonly url: string }, more: Partial<SocketRequest> = {}): SocketRequest => ({
  url: `${url}/prices`,
  connectTo: '127.0.0.1',
  settleMs: 5_000,
  ...more,
});

async function talkTo(there: { readonly url: string }, options: SocketOptions = {}, signal: AbortSignal = never) {
  const talk = await socketDoor(options).open(to(there), signal);
  talk.settled();
  return talk;
}

/** All that comes until the end, and how it ended. */
async function heard(items: AsyncIterable<SocketItem>) {
  const said: SocketItem[] = [];
  let error: unknown;
  try {
    for await (const item of items) said.push(item);
  } catch (thrown) {
    error = thrown;
  }
  return { said, error, why: error instanceof WireError ? error.why : undefined };
}

async function failure(work: Promise<unknown>): Promise<WireError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(WireError);
  return error as WireError;
}

describe('a conversation', () => {
  it('carries every message in order, in both directions, and tells how it ended', async () => {
    const there = await server((socket) => {
      socket.on('message', (data) => {
        for (let i = 0; i < 500; i++) socket.send(`${data} ${i}`);
        socket.close(1012, 'back soon');
      });
    });
    const talk = await talkTo(there, { queueCap: 16 });
    talk.say('hello');
    const { said, error } = await heard(talk.items());
    expect(said).toEqual(Array.from({ length: 500 }, (_, i) => ({ kind: 'text', text: `hello ${i}` })));
    expect(error).toBeInstanceOf(SocketClosed);
    expect(error).toMatchObject({ why: 'closed', code: 1012, reason: 'back soon' });
  });

  it('hands binary messages on as what they are, without reading them', async () => {
    const there = await server((socket) => socket.send(Buffer.from([1, 2, 3]), () => socket.close()));
    expect((await heard((await talkTo(there)).items())).said).toEqual([{ kind: 'binary' }]);
  });

  it('answers pings, and says that the other side is there when it answers ours', async () => {
    let answered = (_: string): void => undefined;
    const answer = new Promise<string>((done) => {
      answered = done;
    });
    const there = await server((socket) => {
      socket.on('pong', (data) => answered(data.toString()));
      socket.ping('are you there');
    });
    const items = (await talkTo(there, { pingMs: 20 })).items();
    expect(await items.next()).toEqual({ done: false, value: { kind: 'alive' } });
    expect(await answer).toBe('are you there');
    await items.return(undefined);
  });

  it('is ended politely by whoever stops reading, before the next one is begun', async () => {
    const codes: number[] = [];
    const there = await server((socket) => {
      socket.on('close', (code) => codes.push(code));
      socket.send('one');
    });
    for await (const item of (await talkTo(there)).items()) {
      expect(item).toEqual({ kind: 'text', text: 'one' });
      break;
    }
    expect(there.made.map(({ readyState }) => readyState)).toEqual([3]);
    expect(codes).toEqual([1000]);
  });

  it('ends without an error when the signal says so, also for a server that does not answer the farewell', async () => {
    const stop = new AbortController();
    const there = await raw((socket) => socket.write(frame(0x81, Buffer.from('x'))));
    const items = (await talkTo(there, {}, stop.signal)).items();
    expect((await items.next()).value).toEqual({ kind: 'text', text: 'x' });
    const next = items.next();
    stop.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it('is never begun after the signal', async () => {
    const there = await server(() => undefined);
    const error = await failure(socketDoor().open(to(there), AbortSignal.abort()));
    expect([error.why, there.made.length]).toEqual(['aborted', 0]);
  });

  it('can be given up while it is being made', async () => {
    const stop = new AbortController();
    const there = kept(await loopback(() => stop.abort()));
    expect((await failure(socketDoor().open(to(there), stop.signal))).why).toBe('aborted');
  });
});

describe('a reader that is behind', () => {
  it('makes the other side wait: what waits here stays bounded, and nothing is lost', async () => {
    const count = 24_000;
    const payload = 'y'.repeat(1_000);
    const there = await server((socket) => {
      for (let i = 0; i < count; i++) socket.send(`${i} ${payload}`);
      socket.close();
    });
    const items = (await talkTo(there, { queueCap: 64, pingMs: 10 })).items();
    expect((await items.next()).value).toMatchObject({ text: `0 ${payload}` });
    // Several pings pass in which nothing is read: a held connection is not a dead one.
    const [socket] = there.made;
    await new Promise((done) => setTimeout(done, 60));
    // 24 megabytes were sent at once; what the two buffers of the machine do not hold is still over there.
    expect(socket?.bufferedAmount).toBeGreaterThan(10_000_000);
    let next = 1;
    for await (const item of items) {
      if (item.kind === 'text' && !item.text.startsWith(`${next++} `)) throw new Error(`not ${next - 1}`);
      if (next === count) break;
    }
    expect(next).toBe(count);
  });
});

describe('a server that misbehaves', () => {
  it.each([
    ['a frame that says it is 10 GB long', frame(0x81, Buffer.from('a'), 10n * 1024n ** 3n), 'too-large'],
    ['a frame longer than numbers count', frame(0x81, Buffer.from('a'), 2n ** 62n), 'too-large'],
    ['a frame over the cap', frame(0x81, Buffer.alloc(2_000, 0x61)), 'too-large'],
    [
      'a message in pieces that never ends',
      Buffer.concat([frame(0x01, Buffer.alloc(600)), frame(0x00, Buffer.alloc(600))]),
      'too-large',
    ],
    ['a packed frame that was not agreed on', frame(0xc1, Buffer.from('a')), 'protocol'],
    ['a kind of frame that is none', frame(0x83, Buffer.from('a')), 'protocol'],
    ['bytes that are no text', frame(0x81, Buffer.from([0xc3, 0x28])), 'protocol'],
    ['something else', Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), 'protocol'],
  ])('%s ends it', async (_, bytes, why) => {
    const there = await raw((socket) => socket.write(bytes));
    const { said, why: ended } = await heard((await talkTo(there, { messageCap: 1_000 })).items());
    expect([said, ended]).toEqual([[], why]);
  });

  it('messages that came before the trouble are still read', async () => {
    const there = await raw((socket) => {
      socket.write(frame(0x81, Buffer.from('good')));
      socket.write(frame(0x81, Buffer.from('a'), 10n * 1024n ** 3n));
    });
    const { said, why } = await heard((await talkTo(there)).items());
    expect([said, why]).toEqual([[{ kind: 'text', text: 'good' }], 'too-large']);
  });

  it('silence without answers to pings ends it', async () => {
    const there = await raw(() => undefined);
    expect((await heard((await talkTo(there, { pingMs: 20 })).items())).why).toBe('timeout');
  });

  it('a message that trickles in for ever ends it', async () => {
    const there = await raw((socket) => {
      socket.write(frame(0x81, Buffer.from('a'), 900n));
      const timer = setInterval(() => socket.write('a'), 5);
      socket.on('close', () => clearInterval(timer));
    });
    expect((await heard((await talkTo(there, { pingMs: 30 })).items())).why).toBe('timeout');
  });

  it('pings without end are answered only as long as the answers are read', async () => {
    const there = await raw((socket) => {
      const ping = frame(0x89, Buffer.alloc(0)).subarray(0, 2);
      ping[1] = 0;
      socket.pause();
      socket.write(Buffer.concat(Array.from({ length: 50_000 }, () => ping)));
      socket.end(frame(0x81, Buffer.from('done')));
    });
    const { said } = await heard((await talkTo(there)).items());
    expect(said).toEqual([{ kind: 'text', text: 'done' }]);
  });

  it.each([301, 302, 307, 401, 403, 404, 429, 500, 200])('status %d instead of a conversation', async (status) => {
    const elsewhere = kept(await loopback((socket) => socket.write(answerText(200, ''))));
    const there = kept(
      await loopback((socket) => socket.write(answerText(status, 'x', { location: `${elsewhere.url}/steal` }))),
    );
    expect((await failure(socketDoor().open(to(there), never))).why).toBe(`status-${status}`);
    expect(elsewhere.connections()).toBe(0);
  });

  it.each([
    [
      'a wrong proof',
      'HTTP/1.1 101 Go\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: x\r\n\r\n',
    ],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
    ['headers without end', `HTTP/1.1 101 Go\r\n${'x: y\r\n'.repeat(20_000)}`],
  ])('%s is no beginning', async (_, text) => {
    const there = kept(await loopback((socket) => socket.write(text)));
    expect((await failure(socketDoor().open(to(there), never))).why).toBe('protocol');
  });

  it('an answer a byte at a time does not hold it up: the beginning has one deadline', async () => {
    const there = kept(
      await loopback((socket) => {
        socket.write('HTTP/1.1 101 Go\r\nx: ');
        const timer = setInterval(() => socket.write('y'), 5);
        socket.on('close', () => clearInterval(timer));
      }),
    );
    expect((await failure(socketDoor().open(to(there, { settleMs: 60 }), never))).why).toBe('timeout');
  });

  it('a conversation in which nothing is settled ends by the same deadline', async () => {
    const there = await server((socket) => socket.send('welcome'));
    const talk = await socketDoor().open(to(there, { settleMs: 60 }), never);
    const { said, why } = await heard(talk.items());
    expect([said.length, why]).toEqual([1, 'timeout']);
  });

  it('a port on which nobody listens', async () => {
    const there = await server(() => undefined);
    await there.close();
    expect((await failure(socketDoor().open(to(there), never))).why).toBe('refused');
  });
});

describe('where it goes', () => {
  it.each([
    ['http://192.168.1.1', '192.168.1.1'],
    ['http://example.com', '93.184.216.34'],
    ['http://localhost:9', '93.184.216.34'],
    ['ws://127.0.0.1:9', '127.0.0.1'],
    ['https://user:pass@example.com', '93.184.216.34'],
    ['nonsense', '127.0.0.1'],
  ])('%s at %s is forbidden', async (url, connectTo) => {
    const error = await failure(socketDoor().open({ url, connectTo, settleMs: 1_000 }, never));
    expect(error.why).toBe('forbidden-address');
    expect(error.message).not.toContain('pass');
  });

  it('only to the address that was checked, whatever the name stands for', async () => {
    const there = await server((socket) => socket.send('here'));
    const { port } = new URL(there.url);
    const url = `https://prices.example.org:${port}`;
    // The name exists nowhere: the connection is made to the checked address, and fails because no TLS is spoken there.
    expect((await failure(socketDoor().open({ url, connectTo: '127.0.0.1', settleMs: 5_000 }, never))).why).toBe('tls');
  });

  it('not to an address in the URL that is not the checked one', async () => {
    const there = await server((socket) => socket.send('here'));
    const request = { ...to(there), connectTo: '127.0.0.2' };
    expect((await failure(socketDoor().open(request, never))).why).toBe('forbidden-address');
  });
});

describe('close codes', () => {
  it.each([1000, 1001, 1005, 1006, 1008, 1011, 1012, 1013, 4000, 2999])('%d has words', (code) => {
    expect(closeInWords(code)).toMatch(/^(it|the connection|a server) [a-z ,:]+/);
  });
});
