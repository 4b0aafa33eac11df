import { seededRng } from '../../src/core/base/rng.js';

const LEVELS = { USD: 1.1, AUD: 1.6, CAD: 1.5, CHF: 1.3, GBP: 0.8, JPY: 130, NOK: 9, NZD: 1.8, SEK: 9.5 };
const NATIONS = ['US', 'AU', 'CA', 'CH', 'XM', 'GB', 'JP', 'NO', 'NZ', 'SE'];

/**
 * Four years of working days as the ECB prints them: newest first, a comma at the end of the row. With `otherAfter` the
 * prices after that date are others: another future of the same past.
 */
export function madeUpPrices(seed: number, otherAfter?: string): string {
  const [past, other] = [seededRng(`prices ${seed}`), seededRng(`other prices ${seed}`)];
  const levels: Record<string, number> = { ...LEVELS };
  const rows: string[] = [];
  for (let day = Date.UTC(2001, 0, 1); day < Date.UTC(2005, 0, 1); day += 86_400_000) {
    const weekday = new Date(day).getUTCDay();
    if (weekday === 0 || weekday === 6) continue;
    const date = new Date(day).toISOString().slice(0, 10);
    const rng = otherAfter !== undefined && date > otherAfter ? other : past;
    for (const code of Object.keys(levels)) levels[code] = (levels[code] ?? 1) * (1 + 0.012 * (rng.next() - 0.5));
    const cells = Object.values(levels).map((level) => level.toPrecision(6));
    rows.push([date, ...cells, ''].join(','));
  }
  return `Date,${Object.keys(levels).join(',')},\n${rows.reverse().join('\n')}\n`;
}

/** Rates that move in quarter points, with months left out and countries that tie. */
export function madeUpRates(seed: number): string {
  const rng = seededRng(`rates ${seed}`);
  const rows = NATIONS.flatMap((nation) => {
    let percent = Math.floor(rng.next() * 24) / 4;
    return Array.from({ length: 60 }, (_, i) => {
      if (rng.next() < 0.15) percent = Math.max(0, percent + (rng.next() < 0.5 ? -0.25 : 0.25));
      const month = `${2000 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, '0')}`;
      return rng.next() < 0.2 && i > 0 ? `${nation},${month},` : `${nation},${month},${percent}`;
    });
  });
  return `iso2,month,policy_rate_pct\n${rows.join('\n')}\n`;
}
