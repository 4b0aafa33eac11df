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
 * for half a minute and then asks a person. Only in the long run. The request that arrives twice is left out: no program can
 * keep this venue, which knows an id only while its order is pending, from filling it twice.
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

/** Of each submission the first kinds by `chance`, the second by `unknowable`; streams and reads break now and then. */
export function allFaults(chance: number, unknowable: number): FaultScript {
  return parseFaultScript({
    rules: [
      ...KNOWABLE.map((fault) => ({ on: 'submit', chance, fault })),
      ...(unknowable === 0 ? [] : UNKNOWABLE.map((fault) => ({ on: 'submit', chance: unknowable, fault }))),
      { on: 'price-stream', chance: 0.2, fault: { kind: 'stall', ms: 500 } },
      { on: 'transaction-stream', chance: 0.2, fault: { kind: 'drop-stream', ms: 800 } },
      { on: 'transactions', chance: 0.02, fault: { kind: 'error-before', status: 503 } },
      { on: 'candles', chance: 0.01, fault: { kind: 'slow', ms: 200 } },
    ],
  });
}
