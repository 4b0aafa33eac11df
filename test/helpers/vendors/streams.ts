import type { Server } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { KEY } from './keyed.js';

/** One quote of one instrument, in our words. */
export interface StreamQuote {
  readonly id: string;
  readonly ts: number;
  readonly bid: number;
  readonly ask: number;
}

/** What a vendor does with a connection instead of what is wanted. */
export type StreamMood =
  | 'well'
  /** Takes up the conversation and never says a word. */
  | 'mute'
  | 'no-key'
  | 'no-plan'
  /** Another connection has the key. */
  | 'taken'
  | 'slow-client'
  /** A status instead of a conversation. */
  | 'redirect'
  | 'outage'
  | 'throttle';

/** How a vendor speaks. */
interface Protocol {
  readonly greeting?: unknown;
  /** What it says to a message of the client, and the ids that were asked for with it. */
  hear(
    message: Record<string, unknown>,
    mood: StreamMood,
  ): { readonly says: readonly unknown[]; readonly asked?: readonly string[] };
  quote(quote: StreamQuote): unknown;
  /** Said when it drops a client that reads too slowly. */
  readonly slow: unknown;
}

/** One conversation that began. */
export interface StreamConnection {
  isOpen: boolean;
  /** Messages to the client, and from it. */
  sent: number;
  heard: number;
}

export interface StreamStandIn {
  /** Decides for each connection, by its number from 0. */
  mood: (connection: number) => StreamMood;
  /** Sent for each id as soon as it is asked for, like a market that is open. */
  first: ((id: string) => StreamQuote) | undefined;
  /** Everything that clients said, oldest first. */
  readonly said: readonly Record<string, unknown>[];
  /** Paths that were asked for, one for each connection. */
  readonly paths: readonly string[];
  /** Every conversation that began, oldest first. */
  readonly connections: readonly StreamConnection[];
  /** Connections that stand and asked for something. */
  listeners(): number;
  /** Resolves when so many connections have asked for something. */
  asked(connections: number): Promise<void>;
  quote(quote: StreamQuote): void;
  /** As it stands: garbage, status messages, several quotes in one frame. */
  send(text: string): void;
  /** Every connection, for what only a socket can do. */
  each(act: (socket: WebSocket) => void): void;
}

const STATUS: Readonly<Partial<Record<StreamMood, string>>> = {
  redirect: '302 Found\r\nlocation: http://169.254.169.254/keys',
  outage: '503 Down',
  throttle: '429 Too Many\r\nretry-after: 1',
};

interface Heard extends StreamConnection {
  readonly socket: WebSocket;
  readonly protocol: Protocol;
  ids: readonly string[];
}

/** Streams of a vendor on the server of its stand-in. */
export function streamOn(server: Server, protocolOf: (path: string) => Protocol): StreamStandIn {
  const sockets = new WebSocketServer({ noServer: true });
  const open: Heard[] = [];
  const connections: Heard[] = [];
  const tell = (heard: Heard, text: string): void => {
    heard.sent++;
    heard.socket.send(text);
  };
  const paths: string[] = [];
  const said: Record<string, unknown>[] = [];
  const waiting: { readonly count: number; readonly done: () => void }[] = [];
  let askedInAll = 0;
  const stand: StreamStandIn = {
    mood: () => 'well',
    first: undefined,
    said,
    paths,
    connections,
    listeners: () => open.filter(({ ids }) => ids.length > 0).length,
    asked: (count) =>
      new Promise((done) => {
        if (askedInAll >= count) done();
        else waiting.push({ count, done });
      }),
    quote(quote) {
      for (const one of open) {
        if (one.ids.includes(quote.id)) tell(one, JSON.stringify(one.protocol.quote(quote)));
      }
    },
    send(text) {
      for (const one of open) tell(one, text);
    },
    each(act) {
      for (const { socket } of [...open]) act(socket);
    },
  };
  server.on('upgrade', (request, socket, head) => {
    const path = request.url ?? '/';
    const mood = stand.mood(paths.length);
    paths.push(path);
    const line = STATUS[mood];
    if (line !== undefined) {
      socket.end(`HTTP/1.1 ${line}\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (one) => {
      const protocol = protocolOf(path);
      const heard: Heard = { socket: one, protocol, ids: [], isOpen: true, sent: 0, heard: 0 };
      open.push(heard);
      connections.push(heard);
      one.on('error', () => undefined);
      one.on('close', () => {
        heard.isOpen = false;
        open.splice(open.indexOf(heard), 1);
      });
      one.on('message', () => heard.heard++);
      if (mood === 'mute') return;
      if (protocol.greeting !== undefined) tell(heard, JSON.stringify(protocol.greeting));
      one.on('message', (data) => {
        const message = JSON.parse(String(data)) as Record<string, unknown>;
        said.push(message);
        const { says, asked } = protocol.hear(message, mood);
        for (const answer of says) tell(heard, JSON.stringify(answer));
        if (asked === undefined) return;
        heard.ids = asked;
        if (stand.first !== undefined) for (const id of asked) stand.quote(stand.first(id));
        if (mood === 'slow-client') tell(heard, JSON.stringify(protocol.slow));
        askedInAll++;
        for (const { done } of waiting.filter(({ count }) => count <= askedInAll)) done();
      });
    });
  });
  return stand;
}

const status = (word: string, message: string) => [{ ev: 'status', status: word, message }];

/** Massive: pairs at /forex, coins at /crypto, stocks at /stocks. */
export function polygonProtocol(path: string): Protocol {
  const [topic, between] = { '/forex': ['C', '/'], '/crypto': ['XQ', '-'] }[path] ?? ['Q', ''];
  return {
    greeting: status('connected', 'Connected Successfully'),
    hear({ action, params }, mood) {
      if (action === 'auth') {
        if (mood === 'no-key' || params !== KEY) {
          return { says: [status('auth_failed', `authentication failed for ${String(params)}\u001b[2J`)] };
        }
        return { says: [status('auth_success', 'authenticated')] };
      }
      if (mood === 'no-plan') return { says: [status('error', 'not authorized: upgrade your plan')] };
      if (mood === 'taken') {
        return { says: [status('max_connections', 'Maximum number of websocket connections exceeded.')] };
      }
      const topics = String(params).split(',');
      const names = topics.map((one) => one.slice(`${topic}.`.length));
      return {
        says: topics.map((one) => status('success', `subscribed to: ${one}`)),
        asked: between === '' ? names : names.map((name) => name.replace(between ?? '', '/')),
      };
    },
    quote({ id, ts, bid, ask }) {
      const name = id.replace('/', between ?? '');
      if (topic === 'C') return [{ ev: 'C', p: name, x: 48, a: ask, b: bid, t: ts }];
      if (topic === 'XQ') return [{ ev: 'XQ', pair: name, bp: bid, bs: 1, ap: ask, as: 1, t: ts, x: 1, r: ts }];
      return [{ ev: 'Q', sym: name, bx: 4, bp: bid, bs: 100, ax: 7, ap: ask, as: 160, c: 0, t: ts, q: 1, z: 3 }];
    },
    slow: status('force_disconnect', 'slow consumer: messages are not being consumed fast enough'),
  };
}

/** Tiingo: pairs at /fx, stocks at /iex. */
export function tiingoProtocol(path: string): Protocol {
  const idOf = (ticker: string): string =>
    path === '/fx' ? `${ticker.slice(0, 3)}/${ticker.slice(3)}`.toUpperCase() : ticker.toUpperCase();
  const error = (code: number, message: string) => ({ messageType: 'E', response: { code, message } });
  return {
    hear({ authorization, eventData }, mood) {
      if (mood === 'no-key' || authorization !== KEY) {
        return { says: [error(403, `Invalid token ${String(authorization)}\u001b[2J`)] };
      }
      if (mood === 'no-plan') return { says: [error(403, 'You do not have permission to access this websocket')] };
      const { tickers } = eventData as { readonly tickers: readonly string[] };
      const response = { code: 200, message: 'Success' };
      return {
        says: [
          { messageType: 'I', response, data: { subscriptionId: 2563396 } },
          { messageType: 'I', response, data: { tickers, thresholdLevel: '7' } },
          { messageType: 'H', response: { code: 200, message: 'HeartBeat' } },
        ],
        asked: tickers.map(idOf),
      };
    },
    quote({ id, ts, bid, ask }) {
      const ticker = id.replace('/', '').toLowerCase();
      const time = new Date(ts).toISOString().replace('Z', '000+00:00');
      const middle = Math.round(((bid + ask) / 2) * 1e10) / 1e10;
      const data =
        path === '/fx'
          ? ['Q', ticker, time, 1_000_000, bid, middle, 5_000_000, ask]
          : ['Q', time, ts * 1e6, ticker, 100, bid, middle, ask, 200, null, null, 0, 0, 0, 0, 0];
      return { service: path.slice(1), messageType: 'A', data };
    },
    slow: error(500, 'disconnected'),
  };
}

/** Alpaca: stocks at /v2/iex, coins at /v1beta3/crypto/us, headlines at /v1beta1/news. */
export function alpacaProtocol(): Protocol {
  const error = (code: number, msg: string) => [{ T: 'error', code, msg }];
  return {
    greeting: [{ T: 'success', msg: 'connected' }],
    hear({ action, key, secret, quotes, news }, mood) {
      if (action === 'auth') {
        if (mood === 'no-key' || key !== KEY || secret !== KEY) {
          return { says: [error(402, `auth failed for ${String(secret)}\u001b[2J`)] };
        }
        if (mood === 'taken') return { says: [error(406, 'connection limit exceeded')] };
        return { says: [[{ T: 'success', msg: 'authenticated' }]] };
      }
      if (mood === 'no-plan') return { says: [error(409, 'insufficient subscription')] };
      const asked = (quotes ?? news) as readonly string[];
      const lists = news === undefined ? { trades: [], quotes: asked, bars: [] } : { news: asked };
      return { says: [[{ T: 'subscription', ...lists }]], asked };
    },
    quote: ({ id, ts, bid, ask }) => [
      {
        T: 'q',
        S: id,
        bx: 'V',
        bp: bid,
        bs: 1,
        ax: 'V',
        ap: ask,
        as: 2,
        t: new Date(ts).toISOString().replace('Z', '123456Z'),
        c: ['R'],
        z: 'C',
      },
    ],
    slow: error(407, 'slow client'),
  };
}
