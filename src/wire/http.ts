import * as nodeHttp from 'node:http';
import * as nodeHttps from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import type { AxiosInstance, AxiosResponse } from 'axios';
import { isAllowedUrl, isLoopback } from './address.js';
import { linesOf } from './lines.js';
import { codeOf, HeldError, type Http, type HttpAnswer, type HttpRequest, WireError, whyOf } from './message.js';

export interface HttpOptions {
  /** Longest body that is read, bytes after unpacking. */
  readonly bodyCap?: number;
  /** Longest line of a stream, characters. */
  readonly lineCap?: number;
  /** A stream without any line for this long is dead, ms. */
  readonly idleMs?: number;
  /** Connections to one host at most, and as many again for what is urgent. */
  readonly connections?: number;
}

const MIB = 1024 * 1024;
const DEFAULTS = { bodyCap: 8 * MIB, lineCap: MIB, idleMs: 15_000, connections: 16 } as const;

/** Kept connections are dropped before a server does it: a request on a dying one has no known outcome. */
const AGENT = { keepAlive: true, maxFreeSockets: 4, timeout: 20_000 } as const;

/** Said outright, because a variable of the environment (`NODE_TLS_REJECT_UNAUTHORIZED`) turns the default off. */
export const TLS = { rejectUnauthorized: true, minVersion: 'TLSv1.2' } as const;

const poolOf = (maxSockets: number) => ({
  httpAgent: new nodeHttp.Agent({ ...AGENT, maxSockets }),
  httpsAgent: new nodeHttps.Agent({ ...AGENT, ...TLS, maxSockets }),
});
type Pools = Readonly<Record<'urgent' | 'other', ReturnType<typeof poolOf>>>;

/** Where one exchange stands, written by the transport. */
interface Progress {
  sent: boolean;
  refusal: 'held' | 'forbidden-address' | undefined;
  why: 'timeout' | 'too-large' | 'aborted' | undefined;
}

/** A real network. Timers of the machine run on its monotonic clock, so a deadline holds whatever happens to the wall clock. */
export function httpClient(options: HttpOptions = {}): Http & { close(): void } {
  const limits = { ...DEFAULTS, ...options };
  // Data that hangs may hold every connection of its own, never those of a cancel.
  const pools: Pools = { urgent: poolOf(limits.connections), other: poolOf(limits.connections) };
  // Loading axios takes longer than a command may: whoever sends nothing does not pay.
  let loading: Promise<AxiosInstance> | undefined;
  const load = (): Promise<AxiosInstance> => {
    loading ??= import('axios').then(({ default: axios }) => axios.create());
    return loading;
  };
  return {
    send: async (request) => sendOnce(await load(), request, limits.bodyCap, pools),
    async *lines(request, signal) {
      const axios = await load();
      yield* openLines(axios, request, signal, limits, pools);
    },
    close() {
      for (const pool of Object.values(pools)) {
        pool.httpAgent.destroy();
        pool.httpsAgent.destroy();
      }
    },
  };
}

async function sendOnce(axios: AxiosInstance, request: HttpRequest, cap: number, pools: Pools): Promise<HttpAnswer> {
  const progress: Progress = { sent: false, refusal: undefined, why: undefined };
  const controller = new AbortController();
  const timer = setTimeout(() => {
    progress.why ??= 'timeout';
    controller.abort();
  }, request.deadlineMs);
  try {
    const response = await open(axios, request, progress, controller.signal, { packed: true, pools });
    const body = await readBody(response.data, cap, progress, request.binary === true ? 'latin1' : 'utf8');
    return { status: response.status, headers: plainHeaders(response), body };
  } catch (error) {
    throw told(error, progress);
  } finally {
    clearTimeout(timer);
    // Whatever is still open belongs to an answer that nobody reads any more.
    controller.abort();
  }
}

async function* openLines(
  axios: AxiosInstance,
  request: HttpRequest,
  signal: AbortSignal,
  limits: Required<HttpOptions>,
  pools: Pools,
): AsyncGenerator<string> {
  const progress: Progress = { sent: false, refusal: undefined, why: undefined };
  const controller = new AbortController();
  const stop = (why: 'timeout' | 'aborted'): void => {
    progress.why ??= why;
    controller.abort();
  };
  const onAbort = (): void => stop('aborted');
  signal.addEventListener('abort', onAbort);
  let timer = setTimeout(() => stop('timeout'), request.deadlineMs);
  try {
    if (signal.aborted) return;
    const response = await open(axios, request, progress, controller.signal, { packed: false, pools });
    if (response.status !== 200) throw new WireError(`status-${response.status}`, true);
    const alive = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => stop('timeout'), limits.idleMs);
    };
    alive();
    yield* linesOf(response.data, limits.lineCap, alive);
    throw new WireError('closed', true);
  } catch (error) {
    if (signal.aborted) return;
    throw told(error, progress);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    controller.abort();
  }
}

function open(
  axios: AxiosInstance,
  request: HttpRequest,
  progress: Progress,
  signal: AbortSignal,
  { packed, pools }: { readonly packed: boolean; readonly pools: Pools },
): Promise<AxiosResponse<Readable>> {
  if (!isAllowedUrl(request.url)) throw new WireError('forbidden-address', false);
  return axios.request<Readable>({
    ...pools[request.urgent === true ? 'urgent' : 'other'],
    method: request.method,
    url: request.url,
    headers: {
      accept: 'application/json',
      'user-agent': 'fxtrade',
      ...request.headers,
      'accept-encoding': packed ? 'gzip' : 'identity',
    },
    ...(request.body === undefined ? {} : { data: request.body }),
    responseType: 'stream',
    maxRedirects: 0,
    proxy: false,
    decompress: true,
    validateStatus: () => true,
    transformRequest: [],
    transport: transportFor(request, progress),
    signal,
  });
}

/**
 * Node's own transport, except that nothing is written before the connection stands. Then the latch is asked and the request
 * is written in one go, without a turn of the event loop in between: a halt that was set while connecting is always seen.
 */
function transportFor(request: HttpRequest, progress: Progress) {
  const node = request.url.startsWith('https:') ? nodeHttps : nodeHttp;
  return {
    request(options: nodeHttps.RequestOptions, answered: (message: nodeHttp.IncomingMessage) => void) {
      const outgoing = node.request({ ...options, ...pinned(request.connectTo) }, answered);
      const finish = outgoing.end.bind(outgoing) as (body?: string) => nodeHttp.ClientRequest;
      const leave = (): void => {
        if (outgoing.destroyed) return;
        progress.refusal = refusalOf(request, outgoing);
        if (progress.refusal !== undefined) {
          outgoing.destroy(new Error(progress.refusal));
          return;
        }
        progress.sent = true;
        finish(request.body);
      };
      return Object.assign(outgoing, {
        write: () => true,
        end: () => {
          whenConnected(outgoing, node === nodeHttps ? 'secureConnect' : 'connect', leave);
          return outgoing;
        },
      });
    },
  };
}

/** Connections whose handshake is over: they say nothing more when they are used again. */
const standing = new WeakSet<object>();

function whenConnected(outgoing: nodeHttp.ClientRequest, ready: string, act: () => void): void {
  const onSocket = (socket: NonNullable<typeof outgoing.socket>): void => {
    if (standing.has(socket)) {
      act();
      return;
    }
    socket.once(ready, () => {
      standing.add(socket);
      act();
    });
  };
  if (outgoing.socket === null) outgoing.once('socket', onSocket);
  else onSocket(outgoing.socket);
}

/** Answers for the name with the address that was checked: a name that changes its mind in between cannot lead elsewhere. */
export function pinned(address: string | undefined): { readonly lookup?: LookupFunction } {
  if (address === undefined) return {};
  const family = isIP(address);
  const lookup: LookupFunction = (_name, options, done) => {
    if (options.all === true) done(null, [{ address, family }]);
    else done(null, address, family);
  };
  return { lookup };
}

function refusalOf(request: HttpRequest, outgoing: nodeHttp.ClientRequest): 'held' | 'forbidden-address' | undefined {
  const there = outgoing.socket?.remoteAddress ?? '';
  // A name may stand for any address; plain text goes to this machine only.
  if (request.url.startsWith('http:') && !isLoopback(there)) return 'forbidden-address';
  // Also for a connection that was made for an earlier request and is used again.
  if (request.connectTo !== undefined && there !== request.connectTo) return 'forbidden-address';
  return request.mayLeave === undefined || request.mayLeave() ? undefined : 'held';
}

async function readBody(
  stream: Readable,
  cap: number,
  progress: Progress,
  encoding: 'utf8' | 'latin1',
): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > cap) {
      progress.why ??= 'too-large';
      throw new WireError('too-large', true);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString(encoding);
}

function plainHeaders(response: AxiosResponse): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) headers[name.toLowerCase()] = String(value);
  return headers;
}

function told(error: unknown, progress: Progress): Error {
  if (error instanceof WireError) return error;
  if (progress.refusal === 'held') return new HeldError('held: nothing was sent');
  if (progress.refusal !== undefined) return new WireError(progress.refusal, false);
  if (progress.why !== undefined) return new WireError(progress.why, progress.sent);
  const code = codeOf(error);
  return new WireError(whyOf(code), progress.sent, new Error(code));
}
