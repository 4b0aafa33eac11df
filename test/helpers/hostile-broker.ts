import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What comes back instead of the broker's own answer; undefined: the answer itself. */
export interface Tampered {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export type Tamper = (
  asked: { readonly method: string; readonly path: string },
  body: string,
) => Tampered | 'hang' | 'reset' | undefined;

export interface HostileBroker {
  readonly url: string;
  /** Authorization headers that arrived. */
  readonly tokens: string[];
  /** What it does from now on. */
  turn(tamper: Tamper): void;
  close(): Promise<void>;
}

/**
 * Stands between the program and the stand-in: takes any token, passes requests on with the right one, and says what it likes
 * in the answers. Streams pass as they are.
 */
export async function hostileBroker(upstream: string, token: string): Promise<HostileBroker> {
  let tamper: Tamper = () => undefined;
  const tokens: string[] = [];
  const server = createServer((asked, answer) => {
    tokens.push(String(asked.headers['authorization']));
    const headers = { ...asked.headers, authorization: `Bearer ${token}`, 'accept-encoding': 'identity' };
    const onward = httpRequest(`${upstream}${asked.url ?? '/'}`, { method: asked.method ?? 'GET', headers }, (came) => {
      if (/\/stream/.test(asked.url ?? '')) {
        answer.writeHead(came.statusCode ?? 200, came.headers);
        came.pipe(answer);
        answer.on('close', () => came.destroy());
        return;
      }
      void bodyOf(came).then((body) => deliver({ asked, answer, came, body }, tamper));
    });
    onward.on('error', () => answer.destroy());
    asked.pipe(onward);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tokens,
    turn: (next) => {
      tamper = next;
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

interface Exchange {
  readonly asked: IncomingMessage;
  readonly answer: ServerResponse;
  readonly came: IncomingMessage;
  readonly body: string;
}

function deliver({ asked, answer, came, body }: Exchange, tamper: Tamper): void {
  const instead = tamper({ method: asked.method ?? '', path: asked.url ?? '' }, body);
  if (instead === 'hang') return;
  if (instead === 'reset') {
    answer.destroy();
    return;
  }
  const sent = Buffer.from(instead?.body ?? body);
  const headers = { 'content-type': 'application/json', ...instead?.headers, 'content-length': String(sent.length) };
  answer.writeHead(instead?.status ?? came.statusCode ?? 200, headers);
  answer.end(sent);
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
