import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { FxError } from '../../core/base/errors.js';
import { didYouMean } from '../../core/base/suggest.js';
import { oneLine } from '../../core/base/text.js';
import { rangeOf } from '../../core/strategies/params.js';
import { builtIns } from '../../core/strategies/registry.js';
import type { AnyStrategy } from '../../core/strategies/strategy.js';
import { checkedStrategy } from './strategy-shape.js';

/** A strategy and the fingerprint of its code. */
export interface LoadedStrategy {
  readonly definition: AnyStrategy;
  /**
   * SHA-256, hex: of a file's text and of the files it imports by relative path, wherever the folder is; of a built-in
   * its name, as its code is that of the program's version.
   */
  readonly codeHash: string;
  /** Where the code came from; undefined for a built-in. */
  readonly file?: string;
}

const EXTENSIONS = ['.ts', '.mjs', '.js'] as const;

/**
 * The built-in strategy of that name, else the default export of that `.js`, `.mjs` or `.ts` file, relative to `cwd`.
 * Throws `STRATEGY.UNKNOWN`, `STRATEGY.MISSING`, `STRATEGY.LOAD` (with file:line) or `STRATEGY.SHAPE` (with the field).
 */
export async function loadStrategy(nameOrFile: string, cwd: string): Promise<LoadedStrategy> {
  const builtIn = builtIns.get(nameOrFile);
  if (builtIn !== undefined) return { definition: await builtIn(), codeHash: sha256([`built-in ${nameOrFile}`]) };
  const isFile = EXTENSIONS.some((ending) => nameOrFile.endsWith(ending));
  if (!isFile) throw unknownStrategy(nameOrFile);
  const file = resolve(cwd, nameOrFile);
  if (!existsSync(file) || !statSync(file).isFile()) {
    throw new FxError('STRATEGY.MISSING', {
      message: `there is no strategy file ${oneLine(file)}`,
      next: `Check the path; it is taken from ${oneLine(cwd)}.`,
      facts: { file },
    });
  }
  const definition = checkedStrategy(await defaultExport(file), file);
  return { definition, codeHash: sha256(sourcesOf(file)), file };
}

/** What `--help` says of a strategy: a line about it, then each parameter with default, range, unit and summary. */
export async function describeStrategy(nameOrFile: string, cwd = process.cwd()): Promise<string> {
  const { definition } = await loadStrategy(nameOrFile, cwd);
  const rows = paramRows(definition);
  const about = definition.summary === undefined ? '' : `: ${definition.summary}`;
  const head = oneLine(`strategy ${definition.name}${about}`);
  if (rows.length === 0) return `${head}\n  it takes no parameters`;
  const cells = rows.map(({ name, range, ...row }) => [name, `[${row.default}]`, range, row.summary].map(oneLine));
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [head, 'parameters (--param name=value)', ...lines.map((line) => `  ${line}`)].join('\n');
}

/** One parameter as people read it. */
export interface ParamRow {
  readonly name: string;
  readonly default: string;
  readonly range: string;
  readonly unit: string;
  readonly summary: string;
}

/** The parameters of a strategy in the order it declares them. `range` includes the unit. */
export function paramRows(definition: AnyStrategy): readonly ParamRow[] {
  return Object.entries(definition.params).map(([name, spec]) => ({
    name,
    default: spec.default === '' ? '""' : String(spec.default),
    range: rangeOf(spec),
    unit: spec.unit ?? '',
    summary: spec.summary ?? '',
  }));
}

/** `import 'fxtrade'` in the file is the running program itself, not a copy from some other folder. */
async function defaultExport(file: string): Promise<unknown> {
  const [{ createJiti }, fxtrade] = await Promise.all([import('jiti'), import('../../index.js')]);
  const jiti = createJiti(import.meta.url, {
    fsCache: false,
    interopDefault: false,
    virtualModules: { fxtrade },
  });
  try {
    const loaded = await jiti.import<Readonly<Record<string, unknown>>>(file);
    return loaded['default'];
  } catch (error) {
    throw loadError(file, error);
  }
}

function loadError(file: string, error: unknown): FxError {
  // A strategy may refuse to load in its own words.
  if (error instanceof FxError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const [first = ''] = text.split('\n');
  const where = placeOf(file, error);
  const message = oneLine(first.replace(/^ParseError:\s*/, '').trim());
  return new FxError('STRATEGY.LOAD', {
    message: `${where}: ${message}`,
    next: 'Mend the strategy file; nothing has been run.',
    facts: { file, where },
    cause: error,
  });
}

/** `file:line` from the stack where it names the file, else the file. */
function placeOf(file: string, error: unknown): string {
  const trace = error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : '';
  const at = trace.indexOf(`${file}:`);
  // Columns are those of the translated text; lines are kept.
  const place = at < 0 ? undefined : /^:\d+/.exec(trace.slice(at + file.length));
  return `${oneLine(file)}${place?.[0] ?? ''}`;
}

function unknownStrategy(name: string): FxError {
  const known = [...builtIns.keys()];
  return new FxError('STRATEGY.UNKNOWN', {
    message: `there is no strategy ${JSON.stringify(name)}`,
    next: `${didYouMean(name, known)}Built in: ${known.join(', ')}; or give a .ts, .mjs or .js file.`,
    facts: { strategy: name, known },
  });
}

const RELATIVE_IMPORT = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g;

/** Texts of a file and of what it imports by relative path, in the order they are met; packages are not followed. */
function sourcesOf(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  const imported = [...text.matchAll(RELATIVE_IMPORT)].flatMap(([, path]) => {
    const found = sourceAt(resolve(dirname(file), path ?? ''));
    return found === undefined ? [] : sourcesOf(found, seen);
  });
  return [text, ...imported];
}

/** The file that an import means: itself, the source of a `.js` name, or with an ending added. */
function sourceAt(path: string): string | undefined {
  const stem = path.replace(/\.[mc]?js$/, '');
  const candidates = [path, ...EXTENSIONS.map((ending) => stem + ending), ...EXTENSIONS.map((ending) => path + ending)];
  return candidates.find((candidate) => existsSync(candidate) && statSync(candidate).isFile());
}

function sha256(texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text.length}\n`).update(text);
  return hash.digest('hex');
}
