import type { InstrumentId } from '../../model/ids.js';
import type { StrategyInstance, View, Wish, Wishes } from '../strategy.js';

/** When the news overrules a strategy. */
export interface NewsFilter {
  /** Score against the side of a wish from which it is overruled, above 0 and at most 2. */
  readonly against: number;
  readonly halfLifeMs: number;
}

/**
 * A strategy that never goes against the news: a target or a signal on the side that the news speaks against becomes one to
 * be out, an order against it is left out unless it only reduces. Wishes to be out, to take back, and on the side of the
 * news pass as they are. What was overruled is not made up for later; a strategy that speaks at every bar asks again itself.
 */
export function withNewsFilter(strategy: StrategyInstance, filter: NewsFilter): StrategyInstance {
  const { onBar, onSlice, onSplit, save, load } = strategy;
  return {
    ...(onBar === undefined ? {} : { onBar: (bar, view) => overruled(onBar.call(strategy, bar, view), view, filter) }),
    ...(onSlice === undefined ? {} : { onSlice: (view) => overruled(onSlice.call(strategy, view), view, filter) }),
    ...(onSplit === undefined ? {} : { onSplit: (instrument, ratio) => onSplit.call(strategy, instrument, ratio) }),
    ...(save === undefined ? {} : { save: () => save.call(strategy) }),
    ...(load === undefined ? {} : { load: (state) => load.call(strategy, state) }),
  };
}

function overruled(wishes: Wishes, view: View, filter: NewsFilter): Wishes {
  // What a user's strategy returns is looked at later, by who refuses it with its name.
  if (typeof wishes !== 'object' || wishes === null) return wishes;
  if (!Array.isArray(wishes)) return ruledOn(wishes as Wish, view, filter);
  const kept = wishes.map((wish: Wish) => ruledOn(wish, view, filter)).filter((wish) => wish !== undefined);
  return kept.length === 0 ? undefined : kept;
}

function ruledOn(wish: Wish, view: View, filter: NewsFilter): Wish | undefined {
  switch (wish?.kind) {
    case 'target':
      return isAgainst(wish.instrument, wish.weight, view, filter)
        ? { ...wish, weight: 0, reason: because(wish) }
        : wish;
    case 'signal': {
      if (!isAgainst(wish.instrument, wish.exposure, view, filter)) return wish;
      const { stop: _, takeProfit: __, trailStop: ___, ...rest } = wish;
      return { ...rest, exposure: 0, reason: because(wish) };
    }
    case 'order': {
      const side = wish.side === 'buy' ? 1 : -1;
      const reduces = side * view.units(wish.instrument) < 0 && wish.units <= Math.abs(view.units(wish.instrument));
      return reduces || !isAgainst(wish.instrument, side, view, filter) ? wish : undefined;
    }
    default:
      return wish;
  }
}

const because = ({ reason }: Wish): string => `${reason}; but the news is against it`;

function isAgainst(instrument: InstrumentId, side: number, view: View, { against, halfLifeMs }: NewsFilter): boolean {
  if (!(side > 0 || side < 0)) return false;
  return Math.sign(side) * view.sentiment(instrument, halfLifeMs).score <= -against;
}
