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
  // A line of what came, not a race: a race would keep a word on a quiet stream for every value of a busy one.
  const came: Came<T>[] = [];
  let wake: () => void = () => undefined;
  const ask = (stream: AsyncGenerator<T>): void => {
    const put = (one: Came<T>): void => {
      came.push(one);
      wake();
    };
    stream.next().then(
      (result) => put({ stream, result }),
      (error: unknown) => put({ stream, error }),
    );
  };
  for (const stream of streams) ask(stream);
  try {
    for (;;) {
      const next = came.shift();
      if (next === undefined) {
        await new Promise<void>((done) => {
          wake = done;
        });
        continue;
      }
      if ('error' in next) throw next.error;
      if (next.result.done === true) return;
      ask(next.stream);
      yield next.result.value;
    }
  } finally {
    stop.abort();
    await Promise.allSettled(streams.map((stream) => stream.return(undefined)));
  }
}

type Came<T> =
  | { readonly stream: AsyncGenerator<T>; readonly result: IteratorResult<T> }
  | { readonly stream: AsyncGenerator<T>; readonly error: unknown };
