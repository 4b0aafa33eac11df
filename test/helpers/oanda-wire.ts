import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { oandaVenue } from '../../src/brokers/oanda/venue.js';
import { clientId, instrumentId, orderId } from '../../src/core/model/ids.js';
import type { ApprovedOrder, OrderIntent } from '../../src/core/model/order.js';
import { HeldError, type Http, type HttpAnswer, type HttpRequest, WireError } from '../../src/wire/message.js';
import { ACCOUNT, type aSandbox, SHARED } from './oanda-sandbox.js';

export const OUR_ID = clientId('fxsmAAAABBBBCCCCDDDD');

/** An order as the gate would let it pass; a test of an adapter needs no gate. */
export function anOrder(intent: Partial<OrderIntent> = {}, id: string = OUR_ID): ApprovedOrder {
  const whole: OrderIntent = {
    instrument: instrumentId('EUR/USD'),
    side: 'buy',
    units: 1_000,
    type: 'market',
    timeInForce: 'FOK',
    reduceOnly: false,
    reason: 'test',
    ...intent,
  };
  return { intent: whole, id: orderId('o-1'), clientId: clientId(id), createdAt: 0 } as unknown as ApprovedOrder;
}

/** A network that leads to a sandbox; every request is kept. */
export function sandboxHttp(box: ReturnType<typeof aSandbox>): Http & { readonly seen: HttpRequest[] } {
  const seen: HttpRequest[] = [];
  const heard = ({ method, url, headers, body }: HttpRequest) => ({
    method,
    path: url.replace(/^https?:\/\/[^/]+/, ''),
    headers,
    ...(body === undefined ? {} : { body }),
  });
  return {
    seen,
    async send(request) {
      if (request.mayLeave?.() === false) throw new HeldError();
      seen.push(request);
      return box.sandbox.handle(heard(request), box.now());
    },
    async *lines(request, signal) {
      seen.push(request);
      const queue: string[] = [];
      const stream = box.sandbox.subscribe(heard(request), box.now(), (line) => queue.push(line));
      if (stream.kind === 'refused') throw new WireError(`status-${stream.reply.status}`, true);
      while (!signal.aborted) {
        const line = queue.shift();
        if (line === undefined) box.pass(1_000);
        else yield line;
      }
      stream.close();
    },
  };
}

/** A network that gives the answer of a function, and the lines that it is told. */
export function fakeHttp(
  answer: (request: HttpRequest) => HttpAnswer | Error,
  lines: readonly (string | Error)[] = [],
): Http & { readonly seen: HttpRequest[] } {
  const seen: HttpRequest[] = [];
  return {
    seen,
    async send(request) {
      if (request.mayLeave?.() === false) throw new HeldError();
      seen.push(request);
      const given = answer(request);
      if (given instanceof Error) throw given;
      return given;
    },
    async *lines(request) {
      seen.push(request);
      for (const line of lines) {
        if (line instanceof Error) throw line;
        yield line;
      }
    },
  };
}

export function aVenue(http: Http, more: Partial<Parameters<typeof oandaVenue>[0]> = {}) {
  return oandaVenue({
    http,
    token: 'sandbox-token',
    accountId: ACCOUNT,
    environment: 'practice',
    clock: { now: () => Date.UTC(2024, 0, 10, 15), observe: () => undefined },
    ...more,
  });
}

interface Operation {
  readonly parameters?: readonly { readonly $ref?: string; readonly name?: string; readonly in?: string }[];
  readonly requestBody?: object;
}

/** Checks what we send against the published description: path, method, names in the query, body. */
export class RequestCheck {
  readonly #ajv = new Ajv({ strict: false, allErrors: false });
  readonly #paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly #bodies = new Map<string, ValidateFunction>();

  private constructor(spec: { readonly paths: RequestCheck['paths'] }) {
    this.#paths = spec.paths;
    (addFormats as unknown as (ajv: Ajv) => void)(this.#ajv);
    this.#ajv.addSchema(spec as unknown as object, 'spec');
  }

  get paths() {
    return this.#paths;
  }

  /** Undefined where the shared data is absent. */
  static load(): RequestCheck | undefined {
    try {
      return new RequestCheck(JSON.parse(readFileSync(`${SHARED}/specs/oanda/v20-strict.json`, 'utf8')));
    } catch {
      return undefined;
    }
  }

  /** What is wrong with a request; empty when nothing is. */
  problems(request: HttpRequest): string[] {
    const url = new URL(request.url);
    const path = this.#match(url.pathname);
    if (path === undefined) return [`no path ${url.pathname}`];
    const operation = this.#paths[path]?.[request.method.toLowerCase()];
    if (operation === undefined) return [`no ${request.method} ${path}`];
    const known = new Set((operation.parameters ?? []).map((one) => one.name ?? ''));
    const wrong = [...url.searchParams.keys()]
      .filter((name) => !known.has(name))
      .map((name) => `${path}: no parameter ${name}`);
    if (request.headers['authorization']?.startsWith('Bearer ') !== true) wrong.push('no bearer');
    if (operation.requestBody === undefined) return request.body === undefined ? wrong : [...wrong, `${path}: a body`];
    const check = this.#body(path, request.method.toLowerCase());
    if (!check(JSON.parse(request.body ?? 'null'))) wrong.push(`${path}: ${this.#ajv.errorsText(check.errors)}`);
    return wrong;
  }

  #match(pathname: string): string | undefined {
    const parts = pathname.split('/');
    const fits = Object.keys(this.#paths).filter((path) => {
      const wanted = path.split('/');
      return wanted.length === parts.length && wanted.every((part, i) => part.startsWith('{') || part === parts[i]);
    });
    // `/orders/{id}` and `/transactions/sinceid` have one form: the path without a blank is meant.
    return fits.sort((a, b) => a.split('{').length - b.split('{').length)[0];
  }

  #body(path: string, method: string): ValidateFunction {
    const key = `${method} ${path}`;
    const known = this.#bodies.get(key);
    if (known !== undefined) return known;
    const pointer = path.replaceAll('~', '~0').replaceAll('/', '~1');
    const made = this.#ajv.compile({
      $ref: `spec#/paths/${encodeURIComponent(pointer)}/${method}/requestBody/content/application~1json/schema`,
    });
    this.#bodies.set(key, made);
    return made;
  }
}
