import { within } from '../base/num.js';
import type { InstrumentId } from '../model/ids.js';
import { type OrderIntent, signOf } from '../model/order.js';
import type { BookView, Failure, InstrumentView, RiskLimits } from './rule.js';

/** One instrument that the book holds or is about to hold; signed units, the most that may come to be held. */
export interface Row {
  readonly view: InstrumentView;
  readonly before: number;
  readonly after: number;
}

/** An order as the rules see it: what the book is now, and what it would be with the order filled. */
export interface Candidate {
  readonly intent: OrderIntent;
  readonly view: InstrumentView;
  /** Signed units that the order adds. */
  readonly delta: number;
  /** It can only shrink the position: no exposure rule may stop it. */
  readonly exit: boolean;
  /** It opens a position from flat, or turns one around. */
  readonly opens: boolean;
  /** Signed units of its instrument, the most that may come to be held: without the order, and with it. */
  readonly before: number;
  readonly after: number;
  readonly rows: readonly Row[];
  /** Orders of the same batch that passed before it. */
  readonly earlier: readonly OrderIntent[];
  /** Positions that orders in flight, earlier ones of the batch included, are about to open from flat, without this one. */
  readonly opening: number;
}

/** One idea of what must not happen. Pure: same arguments, same answer. Runs for entries only. */
export type Rule = (limits: RiskLimits, order: Candidate, book: BookView) => Failure | undefined;

/** Units of an instrument that earlier orders of the batch already moved. */
interface Moved {
  readonly held: number;
  /** In flight, 0 or more. */
  readonly buys: number;
  readonly sells: number;
  /** What exits on their way will take from what is held, 0 or more. */
  readonly leaving: number;
}

/**
 * The book while a batch is judged: every order that passes is counted as filled before the next one is looked at.
 * Entries are counted with the orders in flight, because they may also not fill; exits shrink what is held, so that two
 * exits of one batch cannot turn a position around.
 */
export class Projection {
  readonly #book: BookView;
  readonly #moved = new Map<InstrumentId, Moved>();
  readonly #passed: OrderIntent[] = [];

  constructor(book: BookView) {
    this.#book = book;
  }

  /** The order against the book as it would be after the earlier ones. */
  candidate(intent: OrderIntent, view: InstrumentView): Candidate {
    const delta = signOf(intent.side) * intent.units;
    const units = this.#units(view);
    const { held } = units;
    const exit = intent.reduceOnly || shrinks(units, delta);
    const flips = !exit && held * delta < 0;
    const before = worst(units);
    const after = exit ? held + delta : worst(grown(units, delta));
    const rows: Row[] = [];
    let opening = 0;
    for (const other of this.#book.instruments.values()) {
      if (other === view) {
        rows.push({ view, before, after });
        continue;
      }
      const moved = this.#units(other);
      const most = worst(moved);
      if (most === 0) continue;
      if (moved.held === 0) opening++;
      rows.push({ view: other, before: most, after: most });
    }
    const opens = !exit && (before === 0 || flips);
    return { intent, view, delta, exit, opens, before, after, rows, earlier: this.#passed, opening };
  }

  /** Takes a passed order for filled. */
  count(order: Candidate): void {
    const { view, delta } = order;
    const units = this.#units(view);
    const { held } = units;
    const gone = Math.min(Math.abs(delta), Math.abs(held));
    this.#moved.set(
      view.instrument.id,
      order.exit ? { ...units, held: held - Math.sign(held) * gone } : grown(units, delta),
    );
    this.#passed.push(order.intent);
  }

  #units(view: InstrumentView): Moved {
    const moved = this.#moved.get(view.instrument.id);
    if (moved !== undefined) return moved;
    const { units: held, pendingUnits, pendingSides, leavingUnits: leaving = 0 } = view;
    const { buys, sells } = pendingSides ?? { buys: Math.max(0, pendingUnits), sells: Math.max(0, -pendingUnits) };
    return { held, buys, sells, leaving };
  }
}

/**
 * The most that may come to be held, whatever fills and in whatever order: all that is on its way on one side, beside what is
 * held there. What is held on the other side takes nothing off it: a stop, a target or an exit may close that first, and then
 * the order fills as a whole. No fill makes this larger, and no exit does.
 */
function worst({ held, buys, sells }: Moved): number {
  const long = Math.max(0, held) + buys;
  const short = Math.max(0, -held) + sells;
  return long >= short ? long : -short;
}

/** With one more order in flight. */
function grown({ buys, sells, ...rest }: Moved, delta: number): Moved {
  return { ...rest, buys: buys + Math.max(0, delta), sells: sells + Math.max(0, -delta) };
}

/** Value of signed units in account currency, signed. */
export function notional(view: InstrumentView, units: number): number {
  return units === 0 ? 0 : units * view.price * view.quoteToAccount;
}

/** `amount` in basis points of equity; NaN when there is no equity, so that no limit lets it pass. */
export function bpsOf(amount: number, equity: number): number {
  return equity > 0 ? (amount / equity) * 10_000 : Number.NaN;
}

/** True when a value is known and within its limit. What is not finite fits nowhere: an unknown age is not a young one. */
export function fits(value: number, limit: number): boolean {
  return Number.isFinite(value) && within(value, limit);
}

/** True when the order takes `after` above the limit, or further above it. An order that lowers a broken value may pass. */
export function exceeds(limit: number, before: number, after: number): boolean {
  return !fits(after, limit) && !fits(after, before);
}

/** A failure with its message: `<what> <value> <unit>, limit is <max> <unit>`. */
export function failure(limit: string, what: string, value: number, max: number, unit: string): Failure {
  const shown = Number.isFinite(value) ? `${short(value)} ${unit}` : 'unknown';
  const known = Number.isFinite(value) ? value : null;
  return { limit, value: known, max, unit, message: `${what} ${shown}, limit is ${short(max)} ${unit}` };
}

/** A failure that has no number: something is missing or malformed. */
export function flaw(limit: string, message: string, value: number | null = null): Failure {
  return { limit, value: Number.isFinite(value) ? value : null, max: null, unit: '', message };
}

function short(value: number): string {
  return String(Number(value.toPrecision(7)));
}

/** True when the order and all else that is on its way against the position cannot turn it around together. */
function shrinks({ held, buys, sells, leaving }: Moved, delta: number): boolean {
  const others = leaving + (delta > 0 ? buys : sells);
  return held * delta < 0 && within(Math.abs(delta) + others, Math.abs(held));
}
