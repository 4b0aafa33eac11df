import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isLoopback } from './address.js';

/** A request as it came in, whole. */
export interface Arrival {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Lower-case names; of a name that came twice the values are joined. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The way back to whoever asked. Each call after the end does nothing. */
export interface Responder {
  reply(status: number, headers: Readonly<Record<string, string>>, body: string): void;
  /** The same, a few bytes a second. */
  trickle(status: number, headers: Readonly<Record<string, string>>, body: string, bytesPerSecond: number): void;
  /** Begins an answer that does not end by itself. */
  begin(status: number, headers: Readonly<Record<string, string>>): void;
  write(text: string): void;
  /** The connection dies. */
  reset(): void;
  /** Called when the connection is over, whoever ended it. */
  onClose(act: () => void): void;
}

export interface LoopbackServer {
  readonly port: number;
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}

const BODY_MAX = 1_000_000;

/** Listens on this machine only, to programs and not to pages of a browser; port 0 takes a free one. Bodies over a megabyte end the connection. */
export function listen(handler: (arrival: Arrival, responder: Responder) => void, port = 0): Promise<LoopbackServer> {
  const server = createServer((request, response) => {
    if (!isForHere(request)) {
      response.writeHead(421, { connection: 'close' }).end();
      return;
    }
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      body += chunk;
      if (body.length > BODY_MAX) request.destroy();
    });
    request.on('error', () => undefined);
    request.on('end', () => {
      handler(
        { method: request.method ?? 'GET', path: request.url ?? '/', headers: headersOf(request), body },
        responderOf(response),
      );
    });
  });
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(port, '127.0.0.1', () => {
      const { port: bound } = server.address() as AddressInfo;
      done({
        port: bound,
        url: `http://127.0.0.1:${bound}`,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      });
    });
  });
}

/**
 * Asked for by the address of this machine. A page in a browser can make a name of its own stand for 127.0.0.1 and then
 * talk to what listens there; its requests still carry its name.
 */
function isForHere({ headers }: IncomingMessage): boolean {
  const host = (headers.host ?? '').replace(/:\d+$/, '');
  return (host === 'localhost' || isLoopback(host)) && headers.origin === undefined;
}

function headersOf(request: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}

function responderOf(response: ServerResponse): Responder {
  response.on('error', () => undefined);
  const usable = (): boolean => !response.destroyed && !response.writableEnded;
  return {
    reply(status, headers, body) {
      if (!usable()) return;
      response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) });
      response.end(body);
    },
    trickle(status, headers, body, bytesPerSecond) {
      if (!usable()) return;
      const bytes = Buffer.from(body);
      const step = Math.max(1, Math.round(bytesPerSecond / 10));
      response.writeHead(status, { ...headers, 'content-length': String(bytes.length) });
      response.flushHeaders();
      let at = 0;
      const timer = setInterval(
        () => {
          if (usable()) response.write(bytes.subarray(at, at + step));
          at += step;
          if (at < bytes.length && usable()) return;
          clearInterval(timer);
          response.end();
        },
        Math.max(1, (1000 * step) / bytesPerSecond),
      );
      response.on('close', () => clearInterval(timer));
    },
    begin(status, headers) {
      if (!usable()) return;
      response.writeHead(status, headers);
      response.flushHeaders();
    },
    write(text) {
      if (usable()) response.write(text);
    },
    reset() {
      response.destroy();
    },
    onClose(act) {
      response.on('close', act);
    },
  };
}
