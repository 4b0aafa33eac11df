import { type FaultScript, parseFaultScript } from '../../src/brokers/oanda/sandbox/faults.js';

/** What the network and the venue do to an order that did arrive, or that the venue plainly refused. */
const KNOWABLE: readonly object[] = [
  { kind: 'drop-after' },
  { kind: 'late', ms: 700 },
  { kind: 'error-after', status: 504 },
  { kind: 'html', after: true },
  { kind: 'empty', after: true },
  { kind: 'too-many', retryAfter: '1' },
  { kind: 'slow', ms: 300 },
  { kind: 'malformed' },
  { kind: 'wrong-id' },
  { kind: 'partial-fill', share: 0.5 },
];

/**
 * What leaves an order unknown to everybody: at this venue nothing proves that it will not come after all, so the session waits
 * for half a minute and then asks a person.
 */
const UNKNOWABLE: readonly object[] = [
  { kind: 'drop-before' },
  { kind: 'error-before', status: 503 },
  { kind: 'html', after: false },
  { kind: 'error-in-200' },
  { kind: 'hidden', ms: 2_000 },
  { kind: 'silence-after' },
  { kind: 'slow-body', bytesPerSecond: 200 },
  { kind: 'endless-body' },
];

/** What happens at the venue itself; a person has to look at some of it. */
const OUTSIDE: readonly object[] = [
  { kind: 'revoked' },
  { kind: 'halt', instrument: 'NZD_USD' },
  { kind: 'trade-by-hand', instrument: 'GBP_USD', units: 300 },
  { kind: 'close-out' },
  { kind: 'transfer', amount: 250 },
  { kind: 'clock-skew', ms: 700 },
];

/** What ends what lasts. */
const MENDED: readonly object[] = [
  { kind: 'halt', instrument: 'NZD_USD', halted: false },
  { kind: 'clock-skew', ms: 0 },
];

/** Chances of each kind, of one submission. */
export interface Chances {
  readonly knowable: number;
  readonly unknowable: number;
  readonly outside: number;
  /**
   * A request that arrives twice, where the venue refuses an id that it has ever seen. Elsewhere no program can keep it from
   * filling the order twice.
   */
  readonly duplicate: number;
}

/** Submissions by their chances; streams and reads break now and then. */
export function allFaults({ knowable, unknowable, outside, duplicate }: Chances): FaultScript {
  const submitted = (faults: readonly object[], chance: number) =>
    chance === 0 ? [] : faults.map((fault) => ({ on: 'submit', chance, fault }));
  return parseFaultScript({
    rules: [
      ...submitted(KNOWABLE, knowable),
      ...submitted(UNKNOWABLE, unknowable),
      ...submitted(OUTSIDE, outside),
      ...submitted([{ kind: 'duplicate' }], duplicate),
      ...(outside === 0 ? [] : MENDED.map((fault) => ({ on: 'candles', chance: 0.1, fault }))),
      { on: 'price-stream', chance: 0.2, fault: { kind: 'stall', ms: 500 } },
      { on: 'transaction-stream', chance: 0.2, fault: { kind: 'drop-stream', ms: 800 } },
      { on: 'transactions', chance: 0.02, fault: { kind: 'error-before', status: 503 } },
      { on: 'candles', chance: 0.01, fault: { kind: 'slow', ms: 200 } },
    ],
  });
}
