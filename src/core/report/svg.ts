/** Maps a value to a place in the picture, straight line. */
export interface Scale {
  (value: number): number;
  readonly from: number;
  readonly to: number;
}

/** The straight line from `domain` to `range`; a domain of no width is widened, so that nothing divides by zero. */
export function linear(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const [low, high] = domain[0] === domain[1] ? [domain[0] - 1, domain[1] + 1] : domain;
  const slope = (range[1] - range[0]) / (high - low);
  return Object.assign((value: number) => range[0] + (value - low) * slope, { from: low, to: high });
}

/** Round numbers (1, 2, 2.5 or 5 times a power of ten) from below `low` to above `high`, about `count` of them. */
export function niceTicks(low: number, high: number, count: number): number[] {
  const span = high > low ? high - low : Math.abs(high) || 1;
  const rough = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10) * power;
  const ticks: number[] = [];
  const last = Math.ceil(high / step - 1e-9);
  for (let i = Math.floor(low / step + 1e-9); i <= last; i++) ticks.push(Number((i * step).toPrecision(12)) + 0);
  return ticks;
}

/** Decimals that the steps of these ticks need. */
export function tickDigits(ticks: readonly number[]): number {
  const step = Math.abs((ticks[1] ?? 1) - (ticks[0] ?? 0));
  if (step === 0) return 0;
  for (let digits = 0; digits < 8; digits++) {
    const scaled = step * 10 ** digits;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6 * scaled) return digits;
  }
  return 8;
}

/** A mark on the time axis. */
export interface TimeTick {
  readonly time: number;
  readonly label: string;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAY = 86_400_000;

/** Years, quarters, months or days between two times, whichever gives at most `count` marks. */
export function timeTicks(from: number, to: number, count: number): TimeTick[] {
  const months = (to - from) / (30.44 * DAY);
  if (months < 2) return dayTicks(from, to, count);
  const step = [1, 2, 3, 6, 12, 24, 60, 120, 240].find((each) => months / each <= count) ?? 600;
  const ticks: TimeTick[] = [];
  const start = new Date(from);
  const first = Math.floor((start.getUTCFullYear() * 12 + start.getUTCMonth()) / step) * step;
  for (let month = first; ; month += step) {
    const year = Math.floor(month / 12);
    const time = Date.UTC(year, month % 12, 1);
    if (time > to) return ticks;
    if (time < from) continue;
    const name = MONTHS[month % 12] ?? '';
    ticks.push({ time, label: step >= 12 ? String(year) : `${name} ${year}` });
  }
}

function dayTicks(from: number, to: number, count: number): TimeTick[] {
  const step = Math.max(1, Math.ceil((to - from) / DAY / count)) * DAY;
  const ticks: TimeTick[] = [];
  for (let time = Math.ceil(from / DAY) * DAY; time <= to; time += step) {
    const date = new Date(time);
    ticks.push({ time, label: `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()] ?? ''}` });
  }
  return ticks;
}

/** A point in the picture. */
export type Point = readonly [x: number, y: number];

/** A line through the points; a point without a y breaks it. Coordinates to a tenth of a pixel. */
export function linePath(points: readonly Point[]): string {
  let path = '';
  let pen = 'M';
  for (const [x, y] of points) {
    if (!Number.isFinite(y)) {
      pen = 'M';
      continue;
    }
    path += `${pen}${tenth(x)},${tenth(y)}`;
    pen = 'L';
  }
  return path;
}

/** The area between the points and the height `base`; breaks where a point has no y. */
export function areaPath(points: readonly Point[], base: number): string {
  let path = '';
  let run: Point[] = [];
  const close = (): void => {
    const first = run[0];
    const last = run.at(-1);
    if (first && last) path += `${linePath(run)}L${tenth(last[0])},${tenth(base)}L${tenth(first[0])},${tenth(base)}Z`;
    run = [];
  };
  for (const point of points) {
    if (Number.isFinite(point[1])) run.push(point);
    else close();
  }
  close();
  return path;
}

/**
 * At most `buckets` × 2 of the indexes of `values`: the lowest and the highest of each bucket, in order, and both ends.
 * A plain every-nth would lose the crash day, which is the one that an investor looks for.
 */
export function decimate(values: readonly number[], buckets: number): number[] {
  if (values.length <= buckets * 2) return values.map((_, i) => i);
  const kept = new Set<number>([0, values.length - 1]);
  for (let b = 0; b < buckets; b++) {
    const from = Math.floor((b * values.length) / buckets);
    const to = Math.floor(((b + 1) * values.length) / buckets);
    let low = from;
    let high = from;
    for (let i = from; i < to; i++) {
      if ((values[i] ?? Number.NaN) < (values[low] ?? Number.NaN)) low = i;
      if ((values[i] ?? Number.NaN) > (values[high] ?? Number.NaN)) high = i;
    }
    kept.add(low).add(high);
  }
  return [...kept].sort((a, b) => a - b);
}

/** A coordinate with one decimal, without a trailing zero. */
export function tenth(value: number): string {
  return String(Math.round(value * 10) / 10 + 0);
}
