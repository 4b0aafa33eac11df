import { FxError } from '../../core/base/errors.js';
import type { BarColumns, PriceColumns, SeriesInfo } from '../../core/model/market.js';
import type { BarSource } from '../../core/ports/feed.js';
import { CHUNK_ROWS } from './bar-builder.js';

/** Times that only one side had: left out of a joined series, and told. */
export interface Unpaired {
  bid: number;
  ask: number;
}

/** Walks the rows of a source. */
class Cursor {
  private readonly chunks: AsyncIterator<BarColumns>;
  private chunk: BarColumns | undefined;
  private at = -1;

  constructor(source: BarSource, signal: AbortSignal) {
    this.chunks = source.chunks(signal)[Symbol.asyncIterator]();
  }

  /** Goes to the next row; a promise only when a new chunk is needed. */
  next(): true | Promise<boolean> {
    return this.chunk !== undefined && ++this.at < this.chunk.length ? true : this.load();
  }

  async load(): Promise<boolean> {
    const { value, done } = await this.chunks.next();
    this.chunk = done === true ? undefined : value;
    this.at = 0;
    return done !== true && (value.length > 0 || this.load());
  }

  async close(): Promise<void> {
    await this.chunks.return?.();
  }

  get ts(): number {
    return this.chunk?.ts[this.at] ?? Number.NaN;
  }

  get volume(): number {
    return this.chunk?.volume[this.at] ?? Number.NaN;
  }

  copy(to: PriceColumns, i: number): void {
    const price = this.chunk?.price;
    to.open[i] = price?.open[this.at] ?? Number.NaN;
    to.high[i] = price?.high[this.at] ?? Number.NaN;
    to.low[i] = price?.low[this.at] ?? Number.NaN;
    to.close[i] = price?.close[this.at] ?? Number.NaN;
  }
}

function corners(): PriceColumns {
  return {
    open: new Float64Array(CHUNK_ROWS),
    high: new Float64Array(CHUNK_ROWS),
    low: new Float64Array(CHUNK_ROWS),
    close: new Float64Array(CHUNK_ROWS),
  };
}

/**
 * One two-sided series from a file of bids and a file of asks. Rows belong together by time; a time that one side
 * lacks is left out and counted in `unpaired`. A bid above its ask throws DATA.CROSSED, or is left out and told to
 * `onCrossed`.
 */
export function joinSides(
  bid: BarSource,
  ask: BarSource,
  names: { readonly bid: string; readonly ask: string },
  unpaired: Unpaired,
  onCrossed?: (ts: number, reason: string) => void,
): BarSource {
  const info: SeriesInfo = { ...bid.info, side: 'both' };
  const tell = (ts: number, reason: string): void => tellCrossed(ts, reason, names, onCrossed);
  return { info, chunks: (signal) => joinedChunks(new Cursor(bid, signal), new Cursor(ask, signal), unpaired, tell) };
}

async function* joinedChunks(
  bids: Cursor,
  asks: Cursor,
  unpaired: Unpaired,
  tell: (ts: number, reason: string) => void,
): AsyncGenerator<BarColumns, void, undefined> {
  unpaired.bid = 0;
  unpaired.ask = 0;
  const out = { ts: new Float64Array(CHUNK_ROWS), volume: new Float64Array(CHUNK_ROWS) };
  const sides = { price: corners(), bid: corners(), ask: corners() };
  let length = 0;
  try {
    let more = (await bids.load()) && (await asks.load());
    while (more) {
      const late = bids.ts - asks.ts;
      if (late !== 0) unpaired[late < 0 ? 'bid' : 'ask']++;
      else if (take(bids, asks, sides, length, tell)) {
        out.ts[length] = bids.ts;
        out.volume[length++] = bids.volume;
      }
      if (length === CHUNK_ROWS) {
        yield { length, ...out, ...sides };
        length = 0;
      }
      const moved = advance(bids, asks, late);
      more = moved === true || (await moved);
    }
    if (length > 0) yield { length, ...out, ...sides };
  } finally {
    await bids.close();
    await asks.close();
  }
}

/** Moves the side that is behind, or both. */
function advance(bids: Cursor, asks: Cursor, late: number): true | Promise<boolean> {
  if (late < 0) return bids.next();
  if (late > 0) return asks.next();
  const moved = [bids.next(), asks.next()];
  if (moved[0] === true && moved[1] === true) return true;
  return Promise.all(moved).then((each) => each.every((more) => more));
}

/** Copies one row of both sides and its mid to place `i`; false when it is crossed, which is told. */
function take(
  bids: Cursor,
  asks: Cursor,
  sides: Readonly<Record<'price' | 'bid' | 'ask', PriceColumns>>,
  i: number,
  tell: (ts: number, reason: string) => void,
): boolean {
  bids.copy(sides.bid, i);
  asks.copy(sides.ask, i);
  setMid(sides, i);
  const crossed = crossedAt(sides.bid, sides.ask, i);
  if (crossed !== undefined) tell(bids.ts, crossed);
  return crossed === undefined;
}

const CORNERS = ['open', 'high', 'low', 'close'] as const;

function crossedAt(bid: PriceColumns, ask: PriceColumns, i: number): string | undefined {
  for (const corner of CORNERS) {
    const low = bid[corner][i] ?? Number.NaN;
    const high = ask[corner][i] ?? Number.NaN;
    if (low > high) return `${corner}: bid ${low} is above ask ${high}`;
  }
  return undefined;
}

function setMid(sides: Readonly<Record<'price' | 'bid' | 'ask', PriceColumns>>, i: number): void {
  for (const corner of CORNERS) {
    sides.price[corner][i] = ((sides.bid[corner][i] ?? Number.NaN) + (sides.ask[corner][i] ?? Number.NaN)) / 2;
  }
}

function tellCrossed(
  ts: number,
  reason: string,
  names: { readonly bid: string; readonly ask: string },
  onCrossed: ((ts: number, reason: string) => void) | undefined,
): void {
  if (onCrossed !== undefined) {
    onCrossed(ts, reason);
    return;
  }
  const time = new Date(ts).toISOString();
  throw new FxError('DATA.CROSSED', {
    message: `${names.bid} and ${names.ask}: bar of ${time}: ${reason}`,
    next: 'correct the rows; "fxtrade data check PATH,PATH" lists them, "data import" leaves them out',
    facts: { files: [names.bid, names.ask], time, value: reason },
  });
}
