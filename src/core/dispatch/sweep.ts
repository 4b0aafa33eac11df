import { FxError } from '../base/errors.js';
import type { Stopwatch } from '../ports/clock.js';
import type { CancelOutcome, Venue, VenueOrder } from '../ports/venue.js';

/** Time as a sweep needs it: what passes by a stopwatch, since the wall clock may jump, and a way to let it pass. */
export interface SweepTime extends Stopwatch {
  wait(ms: number): Promise<void>;
}

export interface SweepOptions {
  readonly venue: Pick<Venue, 'openOrders' | 'cancel' | 'rules'>;
  readonly time: SweepTime;
  /** Orders that must not work on. */
  wanted(order: VenueOrder): boolean;
  /** True while something that was sent may still begin to work over there: then no silence counts. Asked at each look. */
  pending?(): Promise<boolean>;
  /** How an order is taken back; the venue's own way unless said. */
  cancel?(order: VenueOrder): Promise<CancelOutcome>;
  /** How long orders that do not go away, or keep coming, are tried, ms; what `pending` waits for is not counted. */
  readonly patienceMs: number;
}

/** An order that would not go away, and what the venue said last. */
export interface Stubborn {
  readonly order: VenueOrder;
  readonly why: string;
}

export interface Swept {
  /** Seen working, and gone now. */
  readonly cancelled: readonly VenueOrder[];
  /** What works and may work on, as of the last look. */
  readonly kept: readonly VenueOrder[];
  readonly left: readonly Stubborn[];
  /** Two looks at least one in-flight window apart saw nothing that must not work. */
  readonly quiet: boolean;
}

const AGAIN_MS = 200;
const READS = 4;
const READS_MS = 5_000;

/**
 * Takes orders back until two looks, one in-flight window apart, see none (reliability.md 3.4): one look proves nothing, since
 * an order may be on its way while we look. Asks for all at once; a cancel may be repeated freely. Throws `BROKER.*` when the
 * venue cannot be read: unknown is never empty.
 */
export async function sweep(options: SweepOptions): Promise<Swept> {
  const { venue, time, wanted, patienceMs } = options;
  const cancel = options.cancel ?? ((order: VenueOrder) => venue.cancel(refOf(order)));
  const pending = options.pending ?? (async () => false);
  const seen = new Map<string, VenueOrder>();
  let said = new Map<string, string>();
  let spent = 0;
  let before = time.mono();
  let quietSince: number | undefined;
  for (;;) {
    const open = await readAgain(time, () => venue.openOrders());
    const bad = open.filter(wanted);
    for (const order of bad) seen.set(order.venueId, order);
    const waits = await pending();
    const now = time.mono();
    // What only `pending` waits for is not the orders' fault.
    spent += bad.length === 0 ? 0 : now - before;
    before = now;
    if (spent > patienceMs && bad.length > 0) return sweptOf(seen, open, wanted, said, false);
    if (bad.length > 0 || waits) {
      quietSince = undefined;
      said = await cancelAll(bad, cancel);
      await time.wait(AGAIN_MS);
      continue;
    }
    quietSince ??= now;
    const rest = venue.rules.inFlightWindowMs - (now - quietSince);
    if (rest <= 0) return sweptOf(seen, open, wanted, said, true);
    await time.wait(Math.min(rest, LOOK_MS));
  }
}

function sweptOf(
  seen: ReadonlyMap<string, VenueOrder>,
  open: readonly VenueOrder[],
  wanted: (order: VenueOrder) => boolean,
  said: ReadonlyMap<string, string>,
  quiet: boolean,
): Swept {
  const bad = open.filter(wanted);
  return {
    cancelled: [...seen.values()].filter(({ venueId }) => bad.every((order) => order.venueId !== venueId)),
    kept: open.filter((order) => !wanted(order)),
    left: bad.map((order) => ({ order, why: said.get(order.venueId) ?? 'it still works' })),
    quiet,
  };
}

/** While nothing is seen: a late order is found by then. */
const LOOK_MS = 1_000;

const refOf = ({ venueId, clientId }: VenueOrder) => ({ venueId, ...(clientId === undefined ? {} : { clientId }) });

async function cancelAll(
  orders: readonly VenueOrder[],
  cancel: (order: VenueOrder) => Promise<CancelOutcome>,
): Promise<Map<string, string>> {
  const said = await Promise.all(
    orders.map(async (order) => {
      try {
        const outcome = await cancel(order);
        const why =
          outcome.kind === 'unresolved' ? outcome.why : outcome.kind === 'gone' ? outcome.reason : outcome.kind;
        return [order.venueId, why] as const;
      } catch (error) {
        // One order must not keep the others from being cancelled; the next look says what became of it.
        return [order.venueId, error instanceof Error ? error.message : String(error)] as const;
      }
    }),
  );
  return new Map(said);
}

/** A read in an emergency is asked again, unless it took long to fail: the adapter repeats reads as well. */
export async function readAgain<T>(time: SweepTime, read: () => Promise<T>): Promise<T> {
  const began = time.mono();
  for (let attempt = 1; ; attempt++) {
    try {
      return await read();
    } catch (error) {
      const isSlow = time.mono() - began > READS_MS;
      if (!(error instanceof FxError) || !error.retryable || attempt >= READS || isSlow) throw error;
      await time.wait(AGAIN_MS * attempt);
    }
  }
}
