import { type ErrorCode, FxError } from '../../core/base/errors.js';
import type { AssetClass } from '../../core/model/instrument.js';
import type { PriceColumns } from '../../core/model/market.js';
import { CLOSE, type CloseOfDate, type Layout, Role } from './layout.js';
import { zoneClock } from './zone.js';

/** Rows in one chunk: 8,192 rows of 14 columns are less than a megabyte. */
export const CHUNK_ROWS = 8192;
const DAY = 86_400_000;

/** What is wrong with one row of a file, and where. */
export interface RowProblem {
  readonly code: ErrorCode;
  readonly file: string;
  readonly line: number;
  /** Name of the column, or its number from 1. */
  readonly column: string;
  /** The offending cell, cut to 80 characters. */
  readonly value: string;
  /** The whole row, cut to 80 characters. */
  readonly text: string;
  /** `high 1.1 is below low 1.2`. */
  readonly reason: string;
}

/** One dividend or split found in a row; `ts` is the close of its bar less one timeframe. */
export interface RowAction {
  readonly ts: number;
  readonly kind: 'dividend' | 'split';
  readonly value: number;
}

/** A row that breaks a rule: the role of its column, the code, the reason. */
export type Complain = (role: number, code: ErrorCode, reason: string) => void;

const NEXT: Readonly<Record<string, string>> = {
  'DATA.NUMBER': 'correct the cell, or name the format with --format',
  'DATA.CROSSED': 'correct the row; "fxtrade data check PATH" lists every bad row, "data import" leaves them out',
  'DATA.UNSORTED': 'sort the file by time; "fxtrade data check PATH" lists every row out of order',
  'DATA.DUPLICATE': 'keep one row of each time; "fxtrade data check PATH" lists the others',
  'DATA.TIME': 'correct the time; --time-zone names the clock of the file',
  'DATA.COLUMN': 'complete the row; every row needs all columns',
};

/** The error that stops a run at its first bad row: file, line, column and value in words and as facts. */
export function rowError(problem: RowProblem): FxError {
  const { code, file, line, column, value, reason } = problem;
  return new FxError(code, {
    message: `${file}:${line}: column ${column}: ${reason}`,
    next: NEXT[code] ?? 'correct the row; "fxtrade data check PATH" lists every bad row',
    facts: { file, line, column, value },
  });
}

function fourColumns(): PriceColumns {
  return {
    open: new Float64Array(CHUNK_ROWS),
    high: new Float64Array(CHUNK_ROWS),
    low: new Float64Array(CHUNK_ROWS),
    close: new Float64Array(CHUNK_ROWS),
  };
}

/** Checks the cells of one row after the other and keeps the good ones as columns, in the order of the file. */
export class BarBuilder {
  readonly ts = new Float64Array(CHUNK_ROWS);
  readonly volume = new Float64Array(CHUNK_ROWS);
  readonly price = fourColumns();
  readonly bid: PriceColumns | undefined;
  readonly ask: PriceColumns | undefined;
  readonly actions: RowAction[] = [];
  /** Numbers of the row being read, by role. */
  readonly cells = new Float64Array(24);
  /** The time of the row being read names its own zone. */
  zoned = false;
  /** Rows in use. */
  length = 0;
  /** Rows equal in time and prices to the one before them: left out. */
  duplicates = 0;

  private lastTs = Number.NaN;
  private readonly last = new Float64Array(8);
  private readonly clock;
  private readonly direction: 1 | -1;
  private readonly snaps: boolean;
  private readonly unscaled: boolean;
  private readonly labelShift: number;
  private readonly wholeDays: boolean;
  private readonly hasBase: boolean;
  private readonly hasQuote: boolean;
  private readonly hasClock: boolean;

  constructor(
    private readonly layout: Layout,
    private readonly assetClass: AssetClass,
    private readonly closeOfDate: CloseOfDate,
    private readonly complain: Complain,
  ) {
    const both = layout.side === 'both';
    this.bid = both ? fourColumns() : undefined;
    this.ask = both ? fourColumns() : undefined;
    this.clock = zoneClock(layout.zone);
    this.direction = layout.newestFirst ? -1 : 1;
    this.snaps = layout.scale >= 10;
    this.unscaled = layout.scale === 1;
    this.labelShift = layout.label === 'open' ? (layout.timeframeMs ?? 0) : 0;
    this.wholeDays = this.labelShift >= DAY;
    this.hasBase = layout.roles.includes(Role.legOfBase);
    this.hasQuote = layout.roles.includes(Role.legOfQuote);
    this.hasClock = layout.roles.includes(Role.timeOfDay);
    this.cells[Role.volume] = Number.NaN;
  }

  /** Empties the columns for the next chunk. */
  restart(): void {
    if (this.length > 0) this.keepLast();
    this.length = 0;
    this.actions.length = 0;
  }

  /** Checks the row in `cells` and adds it to the columns. */
  commit(): void {
    const ts = this.closeTime();
    if (Number.isNaN(ts) || !this.pricesAreGood() || !this.volumeIsGood() || !this.inOrder(ts)) return;
    const i = this.length++;
    this.ts[i] = ts;
    this.lastTs = ts;
    this.volume[i] = this.cells[Role.volume] ?? Number.NaN;
    this.store(i);
    if ((this.cells[Role.dividend] ?? 0) > 0) this.addAction(ts, 'dividend', this.cells[Role.dividend] ?? 0);
    const split = this.cells[Role.split] ?? 0;
    if (split > 0 && split !== 1) this.addAction(ts, 'split', split);
  }

  /** A corporate action of a bar is due before it: one timeframe before its close, when the bar before is done. */
  private addAction(ts: number, kind: 'dividend' | 'split', value: number): void {
    this.actions.push({ ts: ts - (this.layout.timeframeMs ?? 0), kind, value });
  }

  private closeTime(): number {
    const { layout, cells, labelShift } = this;
    const time = cells[Role.time] ?? Number.NaN;
    if (layout.dateOnly) return this.closeOfDate(Math.floor(time / DAY) * DAY, this.assetClass);
    const local = this.hasClock ? time + (cells[Role.timeOfDay] ?? 0) : time;
    if (this.zoned) return local + labelShift;
    // A day that starts at a local midnight ends at one, also when the clock changes in it.
    const span = this.wholeDays ? labelShift : 0;
    const previous = this.lastTs - labelShift + span;
    const utc = this.clock.toUtc(local + span, previous, layout.newestFirst);
    if (Number.isNaN(utc)) {
      this.complain(Role.time, 'DATA.TIME', `this local time does not exist in ${layout.zone}: the clock skipped it`);
    }
    return utc + labelShift - span;
  }

  /** Divides the prices in `cells` by the scale and checks them; a wide file's legs become one price. */
  private pricesAreGood(): boolean {
    switch (this.layout.kind) {
      case 'bar':
        return this.isGoodBar(Role.open);
      case 'quotes':
        return this.isGoodBar(Role.bid) && this.isGoodBar(Role.ask) && this.isUncrossed(0);
      case 'tick':
        return this.isGoodPrice(Role.bid + CLOSE) && this.isGoodPrice(Role.ask + CLOSE) && this.isUncrossed(CLOSE);
      case 'single':
        return this.isGoodSingle();
    }
  }

  private isGoodSingle(): boolean {
    const { cells, hasBase, hasQuote } = this;
    if (!hasBase && !hasQuote) return this.isGoodPrice(Role.close);
    if (hasBase && !this.isGoodPrice(Role.legOfBase)) return false;
    if (hasQuote && !this.isGoodPrice(Role.legOfQuote)) return false;
    const quote = hasQuote ? (cells[Role.legOfQuote] ?? 0) : 1;
    cells[Role.close] = hasBase ? quote / (cells[Role.legOfBase] ?? 0) : quote;
    return true;
  }

  private isGoodPrice(role: number): boolean {
    const { cells } = this;
    let value = cells[role] ?? Number.NaN;
    const { scale } = this.layout;
    if (scale !== 1) {
      const whole = Math.round(value);
      // Exports of points carry the dust of binary fractions: 100076.00000000001 is 100,076 points.
      if (this.snaps && Math.abs(value - whole) < 1e-6) value = whole;
      value /= scale;
      cells[role] = value;
    }
    if (value > 0 && value < Number.POSITIVE_INFINITY) return true;
    this.complain(role, 'DATA.PRICE', `price ${value} is not above zero`);
    return false;
  }

  private isGoodBar(at: number): boolean {
    if (this.unscaled && isBar(this.cells, at)) return true;
    for (let role = at; role < at + 4; role++) if (!this.isGoodPrice(role)) return false;
    if (isBar(this.cells, at)) return true;
    const { cells } = this;
    const open = cells[at] ?? 0;
    const high = cells[at + 1] ?? 0;
    const low = cells[at + 2] ?? 0;
    const close = cells[at + 3] ?? 0;
    if (high < low) this.complain(at + 1, 'DATA.PRICE', `high ${high} is below low ${low}`);
    else if (high < open) this.complain(at + 1, 'DATA.PRICE', `high ${high} is below open ${open}`);
    else if (high < close) this.complain(at + 1, 'DATA.PRICE', `high ${high} is below close ${close}`);
    else if (low > open) this.complain(at + 2, 'DATA.PRICE', `low ${low} is above open ${open}`);
    else this.complain(at + 2, 'DATA.PRICE', `low ${low} is above close ${close}`);
    return false;
  }

  private isUncrossed(from: number): boolean {
    for (let i = from; i < 4; i++) {
      const bid = this.cells[Role.bid + i] ?? 0;
      const ask = this.cells[Role.ask + i] ?? 0;
      if (bid <= ask) continue;
      this.complain(Role.bid + i, 'DATA.CROSSED', `bid ${bid} is above ask ${ask}`);
      return false;
    }
    return true;
  }

  /** None at all, or from zero on: whoever trades a share of it must not be sold less than nothing. */
  private volumeIsGood(): boolean {
    const volume = this.cells[Role.volume] ?? Number.NaN;
    if (!(volume < 0 || volume === Number.POSITIVE_INFINITY)) return true;
    const reason = volume < 0 ? `volume ${volume} is below zero` : 'the volume is not finite';
    this.complain(Role.volume, 'DATA.VOLUME', reason);
    return false;
  }

  /** Ticks may share a time; bars may not, unless they are the same row twice, which is then left out and counted. */
  private inOrder(ts: number): boolean {
    const step = (ts - this.lastTs) * this.direction;
    if (!(step <= 0) || (step === 0 && this.layout.kind === 'tick')) return true;
    if (step < 0) {
      const order = this.layout.newestFirst ? 'later' : 'earlier';
      this.complain(Role.time, 'DATA.UNSORTED', `this time is ${order} than that of the row before`);
    } else if (this.sameAsLast()) this.duplicates++;
    else this.complain(Role.time, 'DATA.DUPLICATE', 'the row before has the same time and other prices');
    return false;
  }

  private corner(i: number): number {
    const { kind } = this.layout;
    const { cells } = this;
    if (kind === 'single') return cells[Role.close] ?? Number.NaN;
    if (kind === 'bar') return cells[Role.open + (i & 3)] ?? Number.NaN;
    const corner = kind === 'tick' ? CLOSE : i & 3;
    return cells[(i < 4 ? Role.bid : Role.ask) + corner] ?? Number.NaN;
  }

  private sameAsLast(): boolean {
    if (this.length > 0) this.keepLast();
    for (let i = 0; i < 8; i++) if (this.corner(i) !== this.last[i]) return false;
    return true;
  }

  private keepLast(): void {
    const { last } = this;
    const at = this.length - 1;
    const first = this.bid ?? this.price;
    const second = this.ask ?? this.price;
    for (const [offset, side] of [first, second].entries()) {
      last[offset * 4] = side.open[at] ?? Number.NaN;
      last[offset * 4 + 1] = side.high[at] ?? Number.NaN;
      last[offset * 4 + 2] = side.low[at] ?? Number.NaN;
      last[offset * 4 + 3] = side.close[at] ?? Number.NaN;
    }
  }

  private store(i: number): void {
    const { price, bid, ask, cells } = this;
    const { kind } = this.layout;
    if (kind === 'bar') {
      price.open[i] = cells[Role.open] ?? 0;
      price.high[i] = cells[Role.high] ?? 0;
      price.low[i] = cells[Role.low] ?? 0;
      price.close[i] = cells[Role.close] ?? 0;
      return;
    }
    if (kind === 'single' || bid === undefined || ask === undefined) {
      const value = cells[Role.close] ?? 0;
      price.open[i] = value;
      price.high[i] = value;
      price.low[i] = value;
      price.close[i] = value;
      return;
    }
    this.storeSides(i, bid, ask);
  }

  private storeSides(i: number, bid: PriceColumns, ask: PriceColumns): void {
    const { price } = this;
    bid.open[i] = this.corner(0);
    bid.high[i] = this.corner(1);
    bid.low[i] = this.corner(2);
    bid.close[i] = this.corner(3);
    ask.open[i] = this.corner(4);
    ask.high[i] = this.corner(5);
    ask.low[i] = this.corner(6);
    ask.close[i] = this.corner(7);
    price.open[i] = (this.corner(0) + this.corner(4)) / 2;
    price.high[i] = (this.corner(1) + this.corner(5)) / 2;
    price.low[i] = (this.corner(2) + this.corner(6)) / 2;
    price.close[i] = (this.corner(3) + this.corner(7)) / 2;
  }
}

/** Four finite prices above zero from `at` on, the high the highest and the low the lowest of them. */
function isBar(cells: Float64Array, at: number): boolean {
  const open = cells[at] ?? 0;
  const high = cells[at + 1] ?? 0;
  const low = cells[at + 2] ?? 0;
  const close = cells[at + 3] ?? 0;
  if (!(low > 0 && high < Number.POSITIVE_INFINITY)) return false;
  return high >= open && high >= close && low <= open && low <= close;
}
