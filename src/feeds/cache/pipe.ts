const ROOM = 4;

/** A short queue from one who makes to one who takes; `push` waits while it is full. */
export class Pipe<T> implements AsyncIterable<T> {
  private readonly queue: T[] = [];
  private state: 'open' | 'ended' | 'stopped' = 'open';
  private failure: Error | undefined;
  private wake: () => void = () => undefined;
  private changed = this.nextChange();

  private nextChange(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  private change(): void {
    const wake = this.wake;
    this.changed = this.nextChange();
    wake();
  }

  /** Adds one; returns when there is room for more. After `stop` it is thrown away. */
  async push(item: T): Promise<void> {
    if (this.state !== 'open') return;
    this.queue.push(item);
    this.change();
    while (this.queue.length >= ROOM && this.state === 'open') await this.changed;
  }

  /** No more will come. */
  end(): void {
    if (this.state === 'open') this.state = 'ended';
    this.change();
  }

  /** The taker gets this error after what is in the queue. */
  fail(error: Error): void {
    this.failure = error;
    this.end();
  }

  /** The taker has gone. */
  stop(): void {
    this.state = 'stopped';
    this.queue.length = 0;
    this.change();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      const item = this.queue.shift();
      if (item !== undefined) {
        this.change();
        yield item;
      } else if (this.state === 'open') await this.changed;
      else break;
    }
    if (this.failure !== undefined) throw this.failure;
  }
}
