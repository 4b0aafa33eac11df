/**
 * Several streams as one: each value as it comes, those of one stream in their order. The first that ends or throws ends all;
 * none is read ahead by more than one value, so a reader that is behind holds them all back.
 */
export async function* together<T>(
  open: readonly ((signal: AbortSignal) => AsyncGenerator<T>)[],
  signal: AbortSignal,
): AsyncGenerator<T> {
  const stop = new AbortController();
  const until = AbortSignal.any([signal, stop.signal]);
  const streams = open.map((one) => one(until));
  const next = (stream: AsyncGenerator<T>) => stream.next().then((result) => ({ stream, result }));
  const pending = new Map(streams.map((stream) => [stream, next(stream)]));
  try {
    for (;;) {
      const { stream, result } = await Promise.race(pending.values());
      if (result.done === true) return;
      // A stream that has always something to say goes to the end of the line.
      pending.delete(stream);
      pending.set(stream, next(stream));
      yield result.value;
    }
  } finally {
    stop.abort();
    await Promise.allSettled(pending.values());
    await Promise.allSettled(streams.map((stream) => stream.return(undefined)));
  }
}
