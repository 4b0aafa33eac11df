import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FxError } from '../../../src/core/base/errors.js';
import { instrumentId } from '../../../src/core/model/ids.js';
import type { AssetClass, Instrument } from '../../../src/core/model/instrument.js';
import type { BarSource } from '../../../src/core/ports/feed.js';

/** An instrument of which files only need the name, the two currencies and the class. */
export function anInstrument(id: string, assetClass: AssetClass = 'fx'): Instrument {
  const [base = id, quote = 'USD'] = id.split('/');
  return {
    id: instrumentId(id),
    assetClass,
    base,
    quote,
    tick: 1e-5,
    pip: 1e-4,
    lotStep: 1,
    minUnits: 1,
    marginRate: 0.0333,
    typicalSpread: 1e-4,
    hours: 'data',
  };
}

/** Everything a source gives, as rows. */
export interface Row {
  readonly time: string;
  readonly prices: readonly number[];
  readonly volume: number;
  readonly bid?: readonly number[];
  readonly ask?: readonly number[];
}

export async function rowsOf(source: BarSource): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const { length, ts, price, volume, bid, ask } of source.chunks(new AbortController().signal)) {
    for (let i = 0; i < length; i++) {
      const corners = (side: typeof price): number[] => [side.open[i]!, side.high[i]!, side.low[i]!, side.close[i]!];
      rows.push({
        time: new Date(ts[i]!).toISOString(),
        prices: corners(price),
        volume: volume[i]!,
        ...(bid === undefined || ask === undefined ? {} : { bid: corners(bid), ask: corners(ask) }),
      });
    }
  }
  return rows;
}

const folder = mkdtempSync(join(tmpdir(), 'fxtrade-feeds-'));
let serial = 0;

/** A file of its own folder with that name. */
export function aFile(name: string, content: string | Uint8Array): string {
  const path = join(mkdtempSync(join(folder, `${serial++}-`)), name);
  writeFileSync(path, content);
  return path;
}

/** The operating error of a promise. */
export async function failureOf(promise: Promise<unknown>): Promise<FxError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof FxError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}
