import { DAY_MS, HOUR_MS } from '../../core/model/calendar/calendar.js';
import { instrumentOf } from '../../core/model/instruments.js';
import { simulatedMarket } from '../../feeds/simulated/market.js';
import { type Bench, type Finding, fail, pass, type Subject } from './subject.js';

/** Prices that need no network. */
export function localSubjects(): readonly Subject[] {
  return [
    {
      name: 'simulated',
      group: 'local',
      origins: [],
      checks: [{ name: 'bars', run: async (bench) => simulatedFinding(bench) }],
    },
    {
      name: 'csv',
      group: 'local',
      origins: [],
      checks: [{ name: 'stored', run: async (bench) => storedFinding(bench) }],
    },
  ];
}

/** A week of the made-up market, made here and now. */
function simulatedFinding({ clock }: Bench): Finding {
  const now = clock.now();
  const instruments = [instrumentOf('EUR/USD', {}, 'USD')];
  const market = simulatedMarket({ seed: 1, from: now - 7 * DAY_MS, to: now, timeframeMs: HOUR_MS, instruments });
  const { length } = market.barsAfter(0, now - 7 * DAY_MS, now).ts;
  if (length > 0) return pass(`${length} hourly bars of EUR/USD made for the last week`);
  return fail('no bar of the last week was made', 'set the clock of this machine: the made-up market begins in 2000');
}

function storedFinding({ stored }: Bench): Finding {
  const damaged = stored.filter(({ usable }) => !usable).map(({ name }) => name);
  if (damaged.length > 0) {
    const [first = ''] = damaged;
    return fail(
      `damaged: ${damaged.join(', ')}`,
      `pull or import it again: fxtrade data pull NAME, fxtrade data import PATH --as ${first}`,
    );
  }
  if (stored.length === 0)
    return pass('nothing is stored; fxtrade data pull ecb or data import PATH --as NAME does that');
  const newest = stored
    .flatMap(({ to }) => to ?? [])
    .sort()
    .at(-1);
  const until = newest === undefined ? '' : `, the newest until ${newest.slice(0, 10)}`;
  return pass(`${stored.length} series of prices and rates are stored${until}`);
}
