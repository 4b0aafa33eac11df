import { WireError } from './message.js';

/**
 * The lines of a stream of bytes, however the chunks fall: a chunk may end inside a line or inside a character. Empty lines
 * are kept from the reader; a last line without its end is no line, because it may be half of one. `alive` is called for
 * every line that says something: bytes that never become one look like life and are none.
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  cap: number,
  alive: () => void,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const pieces = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = pieces.pop() ?? '';
    for (const piece of pieces) {
      if (piece.length > cap) throw new WireError('too-large', true);
      const line = piece.trim();
      if (line === '') continue;
      alive();
      yield line;
    }
    if (rest.length > cap) throw new WireError('too-large', true);
  }
}
