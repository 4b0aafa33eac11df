import { FxError } from '../../core/base/errors.js';
import type { HttpAnswer } from '../../wire/message.js';
import type { PageStore, VendorClient } from './client.js';

/** Bytes asked for at once: well below what is read of one answer. */
const PIECE_BYTES = 1024 * 1024;

export interface Download {
  readonly path: string;
  readonly what: string;
  /** Where the pieces are kept until the pull is complete. */
  readonly page: string;
  /** The whole file may have this many bytes. */
  readonly cap: number;
}

/** What is there of a file so far. */
interface Begun {
  readonly parts: string[];
  /** The version that the pieces are of, and the size of the whole; undefined before the first piece. */
  version: { readonly tag: string; readonly total: number } | undefined;
}

/**
 * A file in pieces, each kept as it came: after an interruption only the rest is asked for. A file that changed in
 * between (another `ETag` or date) is begun anew. A server that knows no pieces sends the whole at once.
 */
export async function download(
  client: VendorClient,
  file: Download,
  pages: PageStore | undefined,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<Buffer> {
  const begun = kept(file, pages);
  for (;;) {
    const at = begun.parts.reduce((sum, part) => sum + part.length, 0);
    if (begun.version !== undefined && at >= begun.version.total) return Buffer.from(begun.parts.join(''), 'latin1');
    const headers: Record<string, string> = { accept: '*/*', range: `bytes=${at}-${at + PIECE_BYTES - 1}` };
    const tag = begun.version?.tag ?? '';
    if (tag !== '') headers['if-range'] = tag;
    const ask = { path: file.path, what: file.what, headers, binary: true } as const;
    const answer = await client.send(ask);
    if (answer.status === 200) return whole(client, file, answer);
    if (answer.status !== 206) throw client.refused(answer, ask);
    const version = versionOf(client, file, answer, at, begun.version);
    begun.parts.push(answer.body);
    begun.version = version;
    onProgress(at + answer.body.length, version.total);
    // Without a mark of its version nobody can tell later whether two pieces belong together.
    if (version.tag !== '') keep(file, pages, begun, version);
  }
}

function whole(client: VendorClient, file: Download, { body }: HttpAnswer): Buffer {
  if (body.length > file.cap) throw tooLarge(client, file);
  return Buffer.from(body, 'latin1');
}

function versionOf(
  client: VendorClient,
  file: Download,
  { headers, body }: HttpAnswer,
  at: number,
  before: Begun['version'],
): NonNullable<Begun['version']> {
  const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers['content-range'] ?? '');
  const [first, last, total] = [Number(range?.[1]), Number(range?.[2]), Number(range?.[3])];
  const fits = first === at && last - first + 1 === body.length && body.length > 0;
  if (!fits || (before !== undefined && total !== before.total)) {
    throw client.malformed(file.what, 'its pieces do not fit together');
  }
  if (total > file.cap) throw tooLarge(client, file);
  const tag = headers['etag'] ?? headers['last-modified'] ?? '';
  return { tag: tag.startsWith('W/') ? '' : tag, total };
}

function keep(
  file: Download,
  pages: PageStore | undefined,
  { parts }: Begun,
  { tag, total }: NonNullable<Begun['version']>,
): void {
  pages?.write(`${file.page}-${parts.length - 1}`, parts.at(-1) ?? '');
  pages?.write(file.page, `${parts.length} ${total} ${tag}`);
}

function kept(file: Download, pages: PageStore | undefined): Begun {
  const [, pieces, total, tag] = /^(\d+) (\d+) (.+)$/.exec(pages?.read(file.page) ?? '') ?? [];
  const parts: string[] = [];
  for (let i = 0; i < Number(pieces ?? 0); i++) parts.push(pages?.read(`${file.page}-${i}`) ?? '');
  const isWhole = tag !== undefined && parts.every((part) => part !== '');
  return isWhole ? { parts, version: { tag, total: Number(total) } } : { parts: [], version: undefined };
}

function tooLarge(client: VendorClient, { what, cap }: Download): FxError {
  return new FxError('FEED.TOO_LARGE', {
    message: `${client.title}: ${what} has more than ${cap} bytes`,
    next: 'nothing was stored; report it if the file really grew so large',
    facts: { feed: client.title, cap },
  });
}
