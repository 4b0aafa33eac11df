import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type LoopbackServer, listen } from '../../src/wire/server.js';

const arrived: string[] = [];
let server: LoopbackServer;

beforeEach(async () => {
  arrived.length = 0;
  server = await listen(({ path }, responder) => {
    arrived.push(path);
    responder.reply(200, {}, '{}');
  });
});

afterEach(() => server.close());

/** The first line of what comes back to raw headers. */
function ask(headers: string): Promise<string> {
  return new Promise((done, fail) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(`GET /x HTTP/1.1\r\n${headers}\r\n\r\n`));
    socket.on('data', (chunk) => {
      done(String(chunk).split('\r\n')[0] ?? '');
      socket.destroy();
    });
    socket.on('error', fail);
  });
}

it.each(['127.0.0.1:8080', 'localhost:8080', '127.0.0.1', '[::1]:8080'])(
  'a program that asks %s is answered',
  async (host) => {
    expect(await ask(`Host: ${host}`)).toBe('HTTP/1.1 200 OK');
    expect(arrived).toEqual(['/x']);
  },
);

it.each([
  'Host: evil.example.org',
  'Host: 127.0.0.1.evil.example.org:80',
  'Host: 10.0.0.1',
  'Host:',
  'Host: localhost\r\nOrigin: http://evil.example.org',
])('a page that made its name stand for this machine is not: %s', async (headers) => {
  expect(await ask(headers)).toBe('HTTP/1.1 421 Misdirected Request');
  expect(arrived).toEqual([]);
});
