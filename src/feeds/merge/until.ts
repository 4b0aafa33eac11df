import { FxError } from '../../core/base/errors.js';
import type { EpochMs } from '../../core/model/ids.js';
import type { BarColumns } from '../../core/model/market.js';
import type { BarSource } from '../../core/ports/feed.js';

/**
 * The source up to bars that close at `to`: a bar that ends with a day belongs to that day. Reads no further, unless
 * `readsOn` says so: then the rest is read and thrown away, for who keeps a copy of what is read.
 */
export function until(source: BarSource, to: EpochMs, readsOn: () => boolean = () => false): BarSource {
  return {
    info: source.info,
    async *chunks(signal) {
      const chunks = source.chunks(signal)[Symbol.asyncIterator]();
      try {
        for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
          const chunk = next.value;
          const length = rowsUpTo(chunk, to);
          if (length > 0) yield { ...chunk, length };
          if (length === chunk.length) continue;
          if (readsOn()) await readToEnd(chunks);
          return;
        }
      } finally {
        await chunks.return?.();
      }
    },
  };
}

function rowsUpTo(chunk: BarColumns, to: EpochMs): number {
  let length = chunk.length;
  while (length > 0 && (chunk.ts[length - 1] ?? 0) > to) length--;
  return length;
}

/** A bad row behind the end of a run is none of its business: the copy is given up, the run is not. */
async function readToEnd(chunks: AsyncIterator<BarColumns>): Promise<void> {
  try {
    while ((await chunks.next()).done !== true);
  } catch (error) {
    if (!(error instanceof FxError)) throw error;
  }
}
