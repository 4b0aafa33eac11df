import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { FxError } from '../../../core/base/errors.js';
import { mergeCosts } from '../../../core/costs/merge.js';
import type { CostModel } from '../../../core/costs/model.js';
import { defaultCosts, noCosts } from '../../../core/costs/presets.js';
import { resolveParams } from '../../../core/strategies/params.js';
import type { AnyStrategy, ParamValue } from '../../../core/strategies/strategy.js';
import { openBytes } from '../../../feeds/csv/bytes.js';
import type { LoadedSettings } from '../../runtime/command.js';
import { type LoadedStrategy, loadStrategy } from '../../runtime/strategies.js';
import { openMarket, type SessionMarket } from './market.js';
import { requireNews } from './news.js';
import type { RunRequest } from './request.js';

/** A run with every part loaded and checked, before the first bar. */
export interface Prepared {
  readonly request: RunRequest;
  readonly definition: AnyStrategy;
  /** A file's code differs from the program's: it may be stopped when it hangs, and is not resumed without `save`. */
  readonly userFile: string | undefined;
  readonly codeHash: string;
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly loaded: LoadedSettings;
  readonly costs: CostModel;
  readonly capital: number;
  readonly currency: string;
  readonly market: SessionMarket;
  /** Of settings and of every flag that changes what a run does, but data and parameters. */
  readonly configHash: string;
}

/** Loads strategy, settings, costs and market, in the order in which their errors help most. */
export async function prepare(
  request: RunRequest,
  settings: LoadedSettings,
  open: (request: RunRequest, loaded: LoadedSettings, currency: string) => Promise<SessionMarket> = openMarket,
): Promise<Prepared> {
  const strategy = await loadStrategy(request.strategy, request.cwd);
  const params = resolveParams(strategy.definition, request.params);
  strategy.definition.check?.(params);
  requireNews(strategy.definition, request, settings);
  return prepareWith(strategy, params, request, settings, open);
}

/** The same with a strategy that is there already, its parameters checked. */
export async function prepareWith(
  { definition, codeHash, file }: LoadedStrategy,
  params: Prepared['params'],
  request: RunRequest,
  settings: LoadedSettings,
  open = openMarket,
): Promise<Prepared> {
  const loaded = definition.preset === undefined ? settings : settings.withPreset(definition.preset);
  if (request.mode !== 'backtest' && loaded.settings.riskPreset === 'none') {
    requireReplay(request);
  }
  const costs = loadCosts(request);
  const capital = request.capital ?? loaded.settings.account.capital;
  const currency = request.currency ?? loaded.settings.account.currency;
  const market = await open(request, loaded, currency);
  if (request.benchmark !== undefined) await openBytes(request.benchmark);
  const parts = { request, definition, userFile: file, codeHash, params, loaded, costs, capital, currency, market };
  return { ...parts, configHash: configHashOf(parts) };
}

/** Of settings and of every flag that changes what a run does, but data and parameters. */
export function configHashOf(parts: Omit<Prepared, 'configHash'>): string {
  const { request, loaded, costs, capital, currency, market } = parts;
  return sha256(
    JSON.stringify([
      loaded.canonical,
      costs,
      capital,
      currency,
      request.fill,
      request.intrabar,
      request.timeframe ?? null,
      request.from ?? null,
      request.to ?? null,
      market.instruments.map((instrument) => instrument.id),
    ]),
  );
}

/** Preset `none` is for history: a replay repeats a backtest, a session on the newest prices needs limits. */
function requireReplay(request: RunRequest): void {
  if (request.data.length > 0) return;
  throw new FxError('CONFIG.PRESET', {
    message: 'risk.preset is none, which is for backtests and replays only',
    next: 'choose standard, cautious or carry: --set risk.preset=standard',
    facts: { path: 'risk.preset', value: 'none' },
  });
}

function loadCosts(request: RunRequest): CostModel {
  if (request.costs === 'default') return defaultCosts;
  if (request.costs === 'none') return noCosts;
  const path = resolve(request.cwd, request.costs);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new FxError('USAGE.COSTS', {
      message: `--costs ${request.costs} is not default, not none and no file that can be read`,
      next: 'use --costs default, --costs none, or name a JSON file',
      facts: { path },
    });
  }
  return mergeCosts(text, path);
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
