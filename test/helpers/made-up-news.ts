import { seededRng } from '../../src/core/base/rng.js';

const NAMES = ['Euro', 'Dollar', 'Yen', 'Sterling', 'Australian dollar', 'Loonie', 'Swiss franc', 'Kiwi'];
const WORDS = ['soars', 'gains', 'climbs on strong growth', 'plunges', 'falls', 'slides as rate cut nears', 'is quiet'];
const HOUR_MS = 3_600_000;

export interface MadeUpNews {
  readonly from: number;
  readonly to: number;
  readonly seed?: number;
  /** Usual time between two headlines, hours. */
  readonly everyHours?: number;
  /** From this moment on the headlines are others. */
  readonly otherAfter?: number;
}

/** Headlines about currencies as a file of news; some are repeats, some are revised later. */
export function madeUpNews({ from, to, seed = 5, everyHours = 12, otherAfter = Infinity }: MadeUpNews): string {
  const rng = seededRng(seed);
  const other = seededRng(seed + 1);
  const lines: string[] = [];
  let number = 0;
  for (let ts = from; ts < to; ts += Math.round((0.05 + 2 * rng.next()) * everyHours * HOUR_MS)) {
    const chance = ts < otherAfter ? rng : other;
    // The clock of the headlines goes on as it did, whatever they say.
    if (chance === other) [rng.next(), rng.next(), rng.next()];
    const pick = (list: readonly string[]): string => list[Math.floor(chance.next() * list.length)] ?? '';
    const text = `${pick(NAMES)} ${pick(WORDS)} in session ${Math.floor(++number / 1.2)} of the year`;
    const published = new Date(ts).toISOString();
    const revised = chance.next() < 0.1 ? { known: new Date(ts + 5 * HOUR_MS).toISOString() } : {};
    lines.push(JSON.stringify({ published, ...revised, text }));
  }
  return `${lines.join('\n')}\n`;
}
