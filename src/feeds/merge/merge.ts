import type { EpochMs } from '../../core/model/ids.js';
import {
  type BarBatch,
  type BarColumns,
  type CorporateAction,
  LAST_OF_SLICE,
  type PriceColumns,
} from '../../core/model/market.js';
import type { BarSource } from '../../core/ports/feed.js';

/** Rows of one batch, where nobody asks for fewer. */
const BATCH_ROWS = 4_096;
const DAY_MS = 86_400_000;

/** Bits of the day, week and month that a bar at `ts` is the last of; `next` is the close of the next one where known. */
export type PeriodFlags = (ts: EpochMs, next: EpochMs | undefined) => number;

/** One source on its way through the merge. */
interface Lane {
  readonly iterator: AsyncIterator<BarColumns>;
  chunk: BarColumns | undefined;
  row: number;
  /** Close of the row that is next; Infinity at the end. */
  ts: number;
}

/**
 * Bars of several instruments in time order, instruments in their own order inside one close time. Looks one row ahead, at
 * its time alone, so that each row knows whether it ends its slice, day, week or month. Memory: one chunk a source.
 */
export async function* mergeSources(
  sources: readonly BarSource[],
  flagsOf: PeriodFlags,
  signal: AbortSignal,
  batchRows = BATCH_ROWS,
): AsyncIterable<BarBatch> {
  const lanes: Lane[] = [];
  for (const source of sources) {
    const lane = { iterator: source.chunks(signal)[Symbol.asyncIterator](), chunk: undefined, row: 0, ts: 0 };
    await nextChunk(lane);
    lanes.push(lane);
  }
  const twoSided = sources.some((source) => source.info.side === 'both');
  const out = new Output(twoSided, batchRows);
  let from = earliest(lanes);
  while (from >= 0) {
    const lane = lanes[from];
    if (lane?.chunk === undefined) break;
    // A run of rows of one source that come before every other source's next row.
    const until = lanes.length === 1 ? Number.POSITIVE_INFINITY : bound(lanes, from);
    const copied = out.take(lane.chunk, lane.row, from, until, flagsOf);
    lane.row += copied;
    if (lane.row >= lane.chunk.length) await nextChunk(lane);
    else lane.ts = lane.chunk.ts[lane.row] ?? Number.POSITIVE_INFINITY;
    from = earliest(lanes);
    const next = from < 0 ? undefined : lanes[from]?.ts;
    out.finishRow(next, flagsOf);
    if (out.isFull) {
      yield out.batch();
      out.clear();
    }
  }
  if (out.length > 0) yield out.batch();
}

async function nextChunk(lane: Lane): Promise<void> {
  lane.row = 0;
  do {
    const result = await lane.iterator.next();
    lane.chunk = result.done === true ? undefined : result.value;
  } while (lane.chunk !== undefined && lane.chunk.length === 0);
  lane.ts = lane.chunk?.ts[0] ?? Number.POSITIVE_INFINITY;
}

/** The source whose next row is first; the lower index on a tie; −1 at the end of all. */
function earliest(lanes: readonly Lane[]): number {
  let best = -1;
  let bestTs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < lanes.length; i++) {
    const ts = lanes[i]?.ts ?? Number.POSITIVE_INFINITY;
    if (ts < bestTs) {
      best = i;
      bestTs = ts;
    }
  }
  return best;
}

/** Rows of lane `from` may go as long as they close before this: at it, a lower index of another source comes first. */
function bound(lanes: readonly Lane[], from: number): number {
  let until = Number.POSITIVE_INFINITY;
  for (let i = 0; i < lanes.length; i++) {
    const ts = lanes[i]?.ts ?? Number.POSITIVE_INFINITY;
    if (i !== from && ts < until) until = ts;
  }
  return until;
}

/** A batch being filled. */
class Output {
  length = 0;
  readonly #rows: number;
  readonly #instrument: Uint16Array;
  readonly #ts: Float64Array;
  readonly #price: PriceColumns;
  readonly #volume: Float64Array;
  readonly #bid: PriceColumns | undefined;
  readonly #ask: PriceColumns | undefined;
  readonly #flags: Uint8Array;
  #actions: CorporateAction[] = [];
  /** End of the day, UTC, of the newest row: a bar that closes at midnight belongs to the day before. */
  #dayEnd = Number.NEGATIVE_INFINITY;

  constructor(twoSided: boolean, rows: number) {
    this.#rows = rows;
    this.#instrument = new Uint16Array(rows);
    this.#ts = new Float64Array(rows);
    this.#price = columns(rows);
    this.#volume = new Float64Array(rows);
    this.#flags = new Uint8Array(rows);
    this.#bid = twoSided ? columns(rows) : undefined;
    this.#ask = twoSided ? columns(rows) : undefined;
  }

  get isFull(): boolean {
    return this.length >= this.#rows;
  }

  /** The arrays are used again: who was given the last batch is done with it when he asks for the next. */
  clear(): void {
    this.length = 0;
    this.#actions = [];
  }

  /** Copies rows of `chunk` from `row` on, at least one, while they close before `until`. Flags of the last one are open. */
  take(chunk: BarColumns, row: number, index: number, until: number, flagsOf: PeriodFlags): number {
    const start = this.length;
    const most = Math.min(chunk.length - row, this.#rows - start);
    let count = 1;
    while (count < most && (chunk.ts[row + count] ?? Number.NaN) < until) count++;
    if (row === 0 && chunk.actions !== undefined) this.#actions.push(...chunk.actions);
    this.#ts.set(chunk.ts.subarray(row, row + count), start);
    this.#volume.set(chunk.volume.subarray(row, row + count), start);
    copy(chunk.price, row, count, this.#price, start);
    if (this.#bid !== undefined && this.#ask !== undefined) {
      copy(chunk.bid, row, count, this.#bid, start);
      copy(chunk.ask, row, count, this.#ask, start);
    }
    this.#instrument.fill(index, start, start + count);
    this.length = start + count;
    for (let r = start; r < start + count - 1; r++) this.#flag(r, this.#ts[r + 1], flagsOf);
    return count;
  }

  /** Flags of the newest row, now that the next row's time is known. */
  finishRow(next: number | undefined, flagsOf: PeriodFlags): void {
    this.#flag(this.length - 1, next, flagsOf);
  }

  batch(): BarBatch {
    return {
      length: this.length,
      instrument: this.#instrument,
      ts: this.#ts,
      price: this.#price,
      volume: this.#volume,
      flags: this.#flags,
      ...(this.#bid === undefined || this.#ask === undefined ? {} : { bid: this.#bid, ask: this.#ask }),
      ...(this.#actions.length === 0 ? {} : { actions: this.#actions }),
    };
  }

  #flag(row: number, next: number | undefined, flagsOf: PeriodFlags): void {
    const ts = this.#ts[row] ?? Number.NaN;
    if (next === ts) {
      this.#flags[row] = 0;
      return;
    }
    if (ts > this.#dayEnd) this.#dayEnd = Math.ceil(ts / DAY_MS) * DAY_MS;
    const sameDay = next !== undefined && next <= this.#dayEnd;
    this.#flags[row] = LAST_OF_SLICE | (sameDay ? 0 : flagsOf(ts, next));
  }
}

function columns(rows: number): PriceColumns {
  return {
    open: new Float64Array(rows),
    high: new Float64Array(rows),
    low: new Float64Array(rows),
    close: new Float64Array(rows),
  };
}

/** A source without both sides leaves NaN where others have them. */
function copy(from: PriceColumns | undefined, row: number, count: number, to: PriceColumns, start: number): void {
  for (const corner of ['open', 'high', 'low', 'close'] as const) {
    if (from === undefined) to[corner].fill(Number.NaN, start, start + count);
    else to[corner].set(from[corner].subarray(row, row + count), start);
  }
}
