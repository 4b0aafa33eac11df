import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { handlers as benchmark } from './vectors/benchmark.js';
import { differences } from './vectors/compare.js';
import { handlers as costs } from './vectors/costs.js';
import { handlers as covariance } from './vectors/covariance.js';
import { handlers as fx } from './vectors/fx.js';
import type { Handler, Inputs, Vector } from './vectors/handler.js';
import { handlers as overfitting } from './vectors/overfitting.js';
import { handlers as performance } from './vectors/performance.js';
import { handlers as portfolio } from './vectors/portfolio.js';
import { handlers as returns } from './vectors/returns.js';
import { handlers as sizing } from './vectors/sizing.js';
import { handlers as trades } from './vectors/trades.js';
import { handlers as varEs } from './vectors/var-es.js';
import { handlers as volatility } from './vectors/volatility.js';

const folder = join(process.env['FXTRADE_SHARED'] ?? '../shared', 'data/vectors');
const present = existsSync(folder);
if (!present) console.log(`vectors: skipped, no folder ${folder}; set FXTRADE_SHARED`);

const handlers: Readonly<Record<string, Handler>> = {
  ...returns,
  ...performance,
  ...trades,
  ...benchmark,
  ...varEs,
  ...volatility,
  ...overfitting,
  ...covariance,
  ...portfolio,
  ...sizing,
  ...fx,
  ...costs,
};

/** Metrics of parts that do not exist yet. A metric that is neither here nor computed fails. */
const NOT_COMPUTED_YET = new Set([
  ...['pbo_cscv', 'spa_and_reality_check', 'spa_pvalue_monte_carlo'],
  ...['hmm_inference', 'hmm_fit', 'volatility_regime'],
  ...['cusum', 'page_hinkley_down', 'psi_and_ks', 'bocpd_gaussian', 'sprt_win_rate'],
  ...['twap_vwap_slices', 'pov_schedule', 'implementation_shortfall'],
  ...['optimal_block_length', 'stationary_bootstrap_indices', 'trade_reshuffle_exact'],
  ...['stress_pnl_quote', 'gap_through_stop'],
  ...['walk_forward', 'time_series_split', 'combinatorial_purged_cv'],
]);

interface VectorFile {
  readonly datasets?: Readonly<Record<string, unknown>>;
  readonly vectors: readonly Vector[];
}

/** `value` with every "@name" in it replaced by the dataset of that name, at any depth. */
function resolved(value: unknown, datasets: Readonly<Record<string, unknown>>): unknown {
  if (typeof value === 'string' && value.startsWith('@')) {
    const name = value.slice(1);
    if (!(name in datasets)) throw new Error(`dataset ${name} is in the file`);
    return resolved(datasets[name], datasets);
  }
  if (Array.isArray(value)) return value.map((entry) => resolved(entry, datasets));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, resolved(entry, datasets)]));
}

describe.skipIf(!present)('shared test vectors', () => {
  const files = present ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  const counts = new Map<string, number>();

  it.each(files)('%s: every metric is computed within its tolerance or known to be missing', (name) => {
    const { datasets = {}, vectors } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as VectorFile;
    const wrong: string[] = [];
    for (const vector of vectors) {
      const { metric } = vector;
      counts.set(metric, (counts.get(metric) ?? 0) + 1);
      const handler = Object.hasOwn(handlers, metric) ? handlers[metric] : undefined;
      if (handler === undefined) {
        if (!NOT_COMPUTED_YET.has(metric)) wrong.push(`${vector.id}: no handler for ${metric}`);
        continue;
      }
      wrong.push(...differences(vector, handler(resolved(vector.inputs, datasets) as Inputs, vector)));
    }
    expect(wrong).toEqual([]);
  });

  it('prints how many vectors of each metric were met', () => {
    const line = ([metric, count]: [string, number]) =>
      `${String(count).padStart(4)} ${metric}${Object.hasOwn(handlers, metric) ? '' : ' (not computed yet)'}`;
    console.log([...counts].map(line).join('\n'));
    expect([...counts.keys()].every((metric) => Object.hasOwn(handlers, metric) || NOT_COMPUTED_YET.has(metric))).toBe(
      true,
    );
  });
});
