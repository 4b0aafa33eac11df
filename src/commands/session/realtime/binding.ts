import { resolve } from 'node:path';
import { FxError } from '../../../core/base/errors.js';
import { type LoadedSettings, settingsOf } from '../../../core/config/settings.js';
import type { EpochMs } from '../../../core/model/ids.js';
import type { Binding } from '../../../core/state/books/book-folder.js';
import type { AnyStrategy } from '../../../core/strategies/strategy.js';
import { GIVEN } from '../book.js';
import type { FeedGround } from '../feed/feed-market.js';
import { type Prepared, sha256 } from '../inputs/prepare.js';
import type { RunRequest } from '../inputs/request.js';

/** What a real-time book is bound to, and all that it takes to open it again without the command that began it. */
export function bindingOf(prepared: Prepared, begun: EpochMs, ground?: FeedGround): Binding {
  const { request, definition, codeHash, params, loaded, currency, capital, costs, market } = prepared;
  return {
    version: 1,
    kind: 'realtime',
    strategy: definition.name,
    codeHash,
    params,
    // Without dates: a session that goes with the clock has another end at every start.
    configHash: sha256(loaded.canonical),
    dataHash: request.feed ?? 'simulated',
    arguments: {
      begun: String(begun),
      seed: String(request.seed),
      instruments: market.instruments.map((instrument) => instrument.id).join(),
      timeframe: request.timeframe ?? '',
      currency,
      capital: String(capital),
      costs: costs.name,
      fill: request.fill,
      ...(request.feed === undefined ? {} : { feed: request.feed }),
      ...(request.news === undefined ? {} : { news: request.news }),
      [GIVEN]: givenText(prepared, ground),
    },
    startedAt: new Date(begun).toISOString(),
  };
}

/** What a book was given at its last start. No two books differ by it. */
export interface Given {
  readonly request: Omit<RunRequest, 'home' | 'cwd'>;
  readonly settings: LoadedSettings;
  /** Bars of history that the strategy asks for, and the preset it brings. */
  readonly history: number;
  readonly preset: AnyStrategy['preset'];
  /** What a book on a feed trades. */
  readonly ground?: FeedGround;
}

function givenText(
  { request, userFile, definition, params, loaded }: Prepared,
  ground: FeedGround | undefined,
): string {
  const { home: _, cwd, from: __, to: ___, out: ____, ...asked } = request;
  const isFile = request.costs !== 'default' && request.costs !== 'none';
  const costs = isFile ? resolve(cwd, request.costs) : request.costs;
  const found = { ...asked, strategy: userFile ?? request.strategy, costs };
  const { canonical, settings } = loaded;
  const history = definition.history?.(params) ?? 0;
  const text = {
    request: found,
    settings: canonical,
    riskPreset: settings.riskPreset,
    history,
    preset: definition.preset,
    ground,
  };
  return JSON.stringify(text);
}

/** Reads back what a book was given; throws `STATE.NOT_GIVEN` for one that an earlier version began. */
export function givenOf({ arguments: kept }: Binding, book: string): Given {
  const text = kept[GIVEN];
  if (text === undefined) {
    throw new FxError('STATE.NOT_GIVEN', {
      message: `the book ${book} was begun by an earlier version, and does not say how to open it`,
      next: 'start it once with the command that began it (fxtrade resume first), or begin another book with --book NAME',
      facts: { book },
    });
  }
  const { request, settings, riskPreset, history, preset, ground } = JSON.parse(text);
  const { rates, instruments, timeframe, format, timeLabel, timeZone, priceScale, capital, currency, benchmark } =
    request;
  // JSON leaves out what is undefined.
  const optional = { rates, timeframe, format, timeLabel, timeZone, priceScale, capital, currency, benchmark };
  const whole = { ...request, ...optional, instruments, from: undefined, to: undefined, out: undefined };
  const given = { request: whole, settings: settingsOf(settings, riskPreset), history, preset };
  return ground === undefined ? given : { ...given, ground };
}
