import { seededRng } from '../base/rng.js';

declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;

/** What the field calls it: `EUR/USD`, `AAPL`, `BTC/USDT`. */
export type InstrumentId = Brand<string, 'InstrumentId'>;

/** Our own number of an order inside one book: `o-1`, `o-2`; a bracket's children are `o-1.sl`, `o-1.tp`. */
export type OrderId = Brand<string, 'OrderId'>;

/** 20 characters, made once and journalled before the send, so that a repeated send cannot act twice. */
export type ClientId = Brand<string, 'ClientId'>;

export const instrumentId = (text: string): InstrumentId => text as InstrumentId;
export const orderId = (text: string): OrderId => text as OrderId;
export const clientId = (text: string): ClientId => text as ClientId;

/** RFC 4648. */
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Tag of orders that only ever meet the simulated venue, the same in backtest and paper. */
const SIMULATED = 'sm';

/** Character codes of the id that is being made. */
const codes: number[] = Array.from({ length: 16 }, () => 0);

/**
 * The 20 characters of a simulated order: `fx`, a tag of two, 80 bits in base32, seeded by the run and the order's place in it,
 * so that a replay writes the same ids.
 */
export function seededClientId(run: string, sequence: number | string): ClientId {
  const rng = seededRng(`${run} ${sequence}`);
  // One string of sixteen codes: adding them one by one takes three times as long, and every order needs this.
  for (let i = 0; i < 16; i++) codes[i] = BASE32.charCodeAt(Math.floor(rng.next() * 32));
  return clientId(`fx${SIMULATED}${String.fromCharCode(...codes)}`);
}

/** The client id of a stop or target that a venue makes with its parent's fill: known before the parent is sent. */
export function childClientId(parent: ClientId, role: 'sl' | 'tp'): ClientId {
  const rng = seededRng(`${parent} ${role}`);
  let text = parent.slice(0, 4);
  for (let i = 0; i < 16; i++) text += BASE32[Math.floor(rng.next() * 32)];
  return clientId(text);
}

/** A client id of 80 given bits, ten bytes of them, under a deployment's tag of two characters. */
export function mintedClientId(tag: string, bits: Uint8Array): ClientId {
  let text = `fx${tag}`;
  let held = 0;
  let count = 0;
  for (const byte of bits) {
    held = (held << 8) | byte;
    count += 8;
    while (count >= 5) {
      count -= 5;
      text += BASE32[(held >> count) & 31];
    }
    held &= (1 << count) - 1;
  }
  return clientId(text);
}
