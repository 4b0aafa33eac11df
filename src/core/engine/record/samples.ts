/** A series thinned as it grows, so that it never holds more than `most` points: every second one goes when it is full. */
export class Samples<T> {
  readonly #most: number;
  #points: T[] = [];
  #stride = 1;
  #seen = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Calls `make` only for a point that is kept. */
  offer(make: () => T): void {
    const due = this.isDue();
    if (due) this.add(make());
  }

  /** True when the next point would be kept; counts it as seen. */
  isDue(): boolean {
    const due = this.#seen % this.#stride === 0;
    this.#seen++;
    return due;
  }

  add(point: T): void {
    this.#points.push(point);
    if (this.#points.length < this.#most) return;
    this.#points = this.#points.filter((_, index) => index % 2 === 0);
    this.#stride *= 2;
  }

  get points(): readonly T[] {
    return this.#points;
  }

  save(): unknown {
    return { points: this.#points, stride: this.#stride, seen: this.#seen };
  }

  load(state: unknown): void {
    const saved = state as { points: T[]; stride: number; seen: number };
    this.#points = [...saved.points];
    this.#stride = saved.stride;
    this.#seen = saved.seen;
  }
}
