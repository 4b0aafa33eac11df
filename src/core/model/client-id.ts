import { seededRng } from '../base/rng.js';
import { type ClientId, clientId } from './ids.js';

/** RFC 4648. */
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Tag of orders that only ever meet the simulated venue, the same in backtest and paper. */
const SIMULATED = 'sm';

/**
 * The 20 characters of a simulated order: `fx`, a tag of two, 80 bits in base32, seeded by the run and the order's place in it,
 * so that a replay writes the same ids.
 */
export function seededClientId(run: string, sequence: number | string): ClientId {
  const rng = seededRng(`${run} ${sequence}`);
  let text = `fx${SIMULATED}`;
  for (let i = 0; i < 16; i++) text += BASE32[Math.floor(rng.next() * 32)];
  return clientId(text);
}
