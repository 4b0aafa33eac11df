import type { EpochMs } from '../../core/model/ids.js';
import type { BarSource } from '../../core/ports/feed.js';

/** The source up to bars that close at `to`: a bar that ends with a day belongs to that day. Reads no further. */
export function until(source: BarSource, to: EpochMs): BarSource {
  return {
    info: source.info,
    async *chunks(signal) {
      for await (const chunk of source.chunks(signal)) {
        let length = chunk.length;
        while (length > 0 && (chunk.ts[length - 1] ?? 0) > to) length--;
        if (length > 0) yield { ...chunk, length };
        if (length < chunk.length) return;
      }
    },
  };
}
