import type { Rng } from '../../../src/core/base/rng.js';
import { seededRng } from '../../../src/core/base/rng.js';
import { openPriceFeed } from '../../../src/feeds/registry.js';
import { httpClient } from '../../../src/wire/http.js';
import type { Http } from '../../../src/wire/message.js';
import { type Sockets, socketDoor } from '../../../src/wire/socket.js';
import type { SleepingTime } from '../feed-session.js';
import { alpacaStandIn, KEY, madeBars, polygonStandIn, tiingoStandIn } from './keyed.js';
import type { Mood, VendorReply } from './stand-in.js';
import {
  alpacaProtocol,
  polygonProtocol,
  type StreamMood,
  type StreamQuote,
  streamOn,
  tiingoProtocol,
} from './streams.js';

export const TROUBLES: readonly Mood[] = ['throttle', 'malformed', 'stall', 'outage', 'page', 'drop'];
const STALL_MS = 30_000;
/** A vendor makes its bars so long after they closed. */
const MADE_AFTER_MS = 8_000;

/** What a vendor is like: its stand-in, how it speaks, what it trades, and at which prices. */
export const VENDORS = {
  polygon: { make: polygonStandIn, protocol: polygonProtocol, ids: ['EUR/USD', 'GBP/USD'], scale: 1 },
  tiingo: { make: tiingoStandIn, protocol: tiingoProtocol, ids: ['EUR/USD', 'GBP/USD'], scale: 1 },
  alpaca: { make: alpacaStandIn, protocol: alpacaProtocol, ids: ['BTC/USD', 'ETH/USD'], scale: 100_000 },
} as const;
export type VendorName = keyof typeof VENDORS;

const ENV: Readonly<Record<string, string>> = {
  POLYGON_API_KEY: KEY,
  TIINGO_API_KEY: KEY,
  ALPACA_API_KEY: KEY,
  ALPACA_SECRET_KEY: KEY,
};
const BASES = { polygon: 'POLYGON_BASE_URL', tiingo: 'TIINGO_BASE_URL', alpaca: 'ALPACA_DATA_BASE_URL' } as const;

/** What a vendor does at a moment. */
export interface Weather {
  /** Nobody takes a call: every connection breaks at once. */
  readonly isGone?: boolean;
  /** Streams stay open and say nothing, new ones too. */
  readonly isMute?: boolean;
  /** Streams are refused with these; what is asked for is answered. */
  readonly refuses?: readonly StreamMood[];
  /** One of so many requests meets trouble, each time of another kind. */
  readonly troubleEvery?: number;
}

/** A stretch in which quotes were told to somebody who had asked for them. */
interface Told {
  readonly from: number;
  to: number;
}

/** Bars that the vendor has of its own, whatever it streamed. */
export function ownBars(name: VendorName, from: number, to: number, stepMs: number) {
  const { scale } = VENDORS[name];
  const scaled = (price: number): number => Math.round(price * scale * 1e5) / 1e5;
  return madeBars(from, to, stepMs).map(({ begin, o, h, l, c }) => ({
    ...{ begin, o: scaled(o), h: scaled(h), l: scaled(l), c: scaled(c) },
  }));
}

/**
 * A vendor with real sockets that lives in the time of a session: time stands while anything is on its way through a socket, so
 * that a day of the vendor's is the same day on every machine.
 */
export async function vendorWorld(name: VendorName, time: SleepingTime, weather: (now: number) => Weather) {
  const { make, protocol } = VENDORS[name];
  const rng = seededRng(`${name} has a day`);
  const vendor = await make({
    page: 10_000,
    bars: (from, to, step) => ownBars(name, from, Math.min(to, time.now() - step - MADE_AFTER_MS), step),
  });
  const stand = streamOn(vendor.server, protocol);
  const door = countedDoor(stand.connections);
  const net = countedHttp(time);
  const told: Told[] = [];
  const met: Mood[] = [];
  let asked = 0;
  const answer = vendor.answer;
  vendor.answer = (seen) => dated(answer(seen), time.now(), rng);
  vendor.mood = () => {
    const { troubleEvery = Number.POSITIVE_INFINITY } = weather(time.now());
    const isDue = ++asked % troubleEvery === 0;
    const mood = isDue ? (TROUBLES[met.length % TROUBLES.length] ?? 'well') : 'well';
    if (isDue) met.push(mood);
    if (mood === 'stall') void time.wait(STALL_MS).then(() => vendor.letGo());
    return mood;
  };
  vendor.server.on('connection', (socket) => {
    if (weather(time.now()).isGone === true) socket.destroy();
  });
  let refused = 0;
  stand.mood = () => {
    const { refuses, isMute } = weather(time.now());
    if (refuses !== undefined) return refuses[refused++ % refuses.length] ?? 'outage';
    return isMute === true ? 'mute' : 'well';
  };
  time.isBusy = () => door.isBusy() || net.inFlight() > vendor.stalled();
  const feed = await openPriceFeed(name, {
    secrets: {
      get: (key) => (ENV[key] === undefined ? undefined : { reveal: () => KEY }),
      plain: (key) => (key === BASES[name] ? vendor.url : undefined),
      hide: (text) => text.replaceAll(KEY, '[secret]'),
    },
    ...{ clock: time, stopwatch: time, wait: time.wait, rng: seededRng(`${name} is followed`) },
    ...{ signal: new AbortController().signal, http: net.http, sockets: door.sockets },
  });

  let lastPlace = -1;
  /** Does what the weather of this moment says; true while somebody listens and is told. */
  const look = (): boolean => {
    const { isGone = false, isMute = false, refuses } = weather(time.now());
    if (isGone) vendor.server.closeAllConnections();
    if (isGone || refuses !== undefined) stand.each((socket) => socket.terminate());
    const tells = !isGone && !isMute && refuses === undefined && stand.listeners() > 0;
    const last = told.at(-1);
    const place = stand.connections.length;
    if (!tells) lastPlace = -1;
    else if (last !== undefined && place === lastPlace) last.to = time.now();
    else {
      told.push({ from: time.now(), to: time.now() });
      lastPlace = place;
    }
    return tells;
  };
  return {
    ...{ feed, stand, told, met, look },
    /** Times at which requests left. */
    requests: net.requests,
    /** Times at which connections were asked for. */
    connects: door.connects(time),
    mostAtOnce: door.mostAtOnce,
    quote: (quote: StreamQuote) => stand.quote(quote),
    async close() {
      feed.close();
      net.http.close();
      await vendor.close();
    },
  };
}

/** With the time over there, and now and then with its bars in another order. */
function dated({ body, headers, ...rest }: VendorReply, now: number, rng: Rng): VendorReply {
  const text = rng.next() < 0.2 ? shuffled(String(body)) : body;
  return { ...rest, headers: { ...headers, date: new Date(now).toUTCString() }, body: text };
}

/** Lists of bars the other way round. */
function shuffled(body: string): string {
  return JSON.stringify(JSON.parse(body), (_, value: unknown) => (Array.isArray(value) ? value.toReversed() : value));
}

/** The real client, which counts what is on its way. */
function countedHttp(time: SleepingTime) {
  const real = httpClient({ connections: 4 });
  const requests: number[] = [];
  let inFlight = 0;
  const http: Http & { close(): void } = {
    async send(request) {
      requests.push(time.now());
      inFlight++;
      try {
        return await real.send(request);
      } finally {
        inFlight--;
      }
    },
    lines: real.lines,
    close: real.close,
  };
  return { http, requests, inFlight: () => inFlight };
}

interface Talk {
  said: number;
  taken: number;
  isOver: boolean;
}

/** Real conversations, each compared with what the other side knows of it. */
function countedDoor(there: readonly { readonly isOpen: boolean; readonly sent: number; readonly heard: number }[]) {
  const real = socketDoor();
  const talks: Talk[] = [];
  const connects: number[] = [];
  let opening = 0;
  let mostAtOnce = 0;
  let now = (): number => 0;
  const sockets: Sockets = {
    async open(request, signal) {
      connects.push(now());
      opening++;
      try {
        const inner = await real.open(request, signal);
        const talk: Talk = { said: 0, taken: 0, isOver: false };
        talks.push(talk);
        mostAtOnce = Math.max(mostAtOnce, there.filter(({ isOpen }) => isOpen).length);
        return {
          say(text) {
            talk.said++;
            inner.say(text);
          },
          settled: () => inner.settled(),
          async *items() {
            try {
              for await (const item of inner.items()) {
                yield item;
                if (item.kind !== 'alive') talk.taken++;
              }
            } finally {
              talk.isOver = true;
            }
          },
        };
      } finally {
        opening--;
      }
    },
  };
  const isOnItsWay = ({ said, taken, isOver }: Talk, place: number): boolean => {
    const other = there[place];
    if (other === undefined) return true;
    return isOver ? other.isOpen : !other.isOpen || taken < other.sent || other.heard < said;
  };
  return {
    sockets,
    isBusy: () => opening > 0 || talks.some(isOnItsWay),
    connects(time: SleepingTime): readonly number[] {
      now = time.now;
      return connects;
    },
    mostAtOnce: () => mostAtOnce,
  };
}
