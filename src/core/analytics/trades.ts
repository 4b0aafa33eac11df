import { finite, isNumber, mean, momentsOf, type Statistic, sum } from '../math/stats.js';

/** What a list of closed trades says. Money in the unit of the P&L, losses as positive numbers. */
export interface TradeStats {
  readonly n: number;
  readonly wins: number;
  readonly losses: number;
  readonly breakeven: number;
  /** wins ÷ (wins + losses): exact zeros are left out. */
  readonly winRate: Statistic;
  readonly grossProfit: Statistic;
  readonly grossLoss: Statistic;
  readonly profitFactor: Statistic;
  readonly avgWin: Statistic;
  readonly avgLoss: Statistic;
  /** Average win ÷ average loss. */
  readonly payoff: Statistic;
  /** Mean P&L, break-even trades included. */
  readonly expectancy: Statistic;
  /** Mean of P&L ÷ initial risk. */
  readonly expectancyR: Statistic;
  /** √n × mean(R) ÷ sd(R, n − 1) (Tharp). */
  readonly sqn: Statistic;
  /** The same with n capped at 100, so that many trades do not make a poor system look good. */
  readonly sqn100: Statistic;
  /** p − (1 − p) ÷ payoff. */
  readonly kellyTrade: Statistic;
  readonly maxConsecWins: number;
  readonly maxConsecLosses: number;
}

/**
 * Statistics of trades in order of their exit. `risk` is what each trade would have lost at its stop, positive; NaN
 * where it had none. R statistics stand on the trades with a stop alone, and are NO_STOPS without any.
 */
export function tradeStats(pnl: ArrayLike<number>, risk: ArrayLike<number>): TradeStats {
  const n = pnl.length;
  const won: number[] = [];
  const lost: number[] = [];
  const streaks = streaksOf(pnl, won, lost);
  const decided = won.length + lost.length;
  const grossProfit = finite(sum(won));
  const grossLoss = finite(sum(lost));
  const none: Statistic = n === 0 ? 'NO_TRADES' : 'ALL_BREAK_EVEN';
  const avgWin = won.length === 0 ? (decided === 0 ? none : 'NO_WINS') : finite(mean(won));
  const avgLoss = lost.length === 0 ? (decided === 0 ? none : 'NO_LOSSES') : finite(mean(lost));
  const winRate = decided === 0 ? none : won.length / decided;
  const payoff = divide(avgWin, avgLoss);
  const kelly = isNumber(payoff) && isNumber(winRate) ? finite(winRate - (1 - winRate) / payoff) : payoff;
  return {
    n,
    wins: won.length,
    losses: lost.length,
    breakeven: n - decided,
    winRate,
    grossProfit,
    grossLoss,
    profitFactor: lost.length === 0 ? avgLoss : divide(grossProfit, grossLoss),
    avgWin,
    avgLoss,
    payoff,
    expectancy: n === 0 ? 'NO_TRADES' : finite(mean(pnl)),
    ...riskStats(pnl, risk),
    kellyTrade: kelly,
    ...streaks,
  };
}

/** Fills the sizes of wins and losses, and returns the longest run of each; a zero breaks both runs. */
function streaksOf(pnl: ArrayLike<number>, won: number[], lost: number[]) {
  let wins = 0;
  let losses = 0;
  let maxConsecWins = 0;
  let maxConsecLosses = 0;
  for (let i = 0; i < pnl.length; i++) {
    const value = pnl[i] ?? Number.NaN;
    wins = value > 0 ? wins + 1 : 0;
    losses = value < 0 ? losses + 1 : 0;
    if (value > 0) won.push(value);
    if (value < 0) lost.push(-value);
    maxConsecWins = Math.max(maxConsecWins, wins);
    maxConsecLosses = Math.max(maxConsecLosses, losses);
  }
  return { maxConsecWins, maxConsecLosses };
}

function riskStats(pnl: ArrayLike<number>, risk: ArrayLike<number>) {
  const multiples: number[] = [];
  for (let i = 0; i < pnl.length; i++) {
    const atRisk = risk[i] ?? Number.NaN;
    if (atRisk > 0) multiples.push((pnl[i] ?? Number.NaN) / atRisk);
  }
  if (multiples.length === 0) {
    const none: Statistic = pnl.length === 0 ? 'NO_TRADES' : 'NO_STOPS';
    return { expectancyR: none, sqn: none, sqn100: none };
  }
  const expectancyR = finite(mean(multiples));
  const quality = qualityOf(multiples);
  const times = (count: number) => (isNumber(quality) ? finite(Math.sqrt(count) * quality) : quality);
  return { expectancyR, sqn: times(multiples.length), sqn100: times(Math.min(100, multiples.length)) };
}

function qualityOf(multiples: readonly number[]): Statistic {
  const moments = momentsOf(multiples);
  if (!isNumber(moments)) return moments;
  if (!isNumber(moments.sd)) return moments.sd;
  return moments.sd === 0 ? 'ZERO_VARIANCE' : finite(moments.mean / moments.sd);
}

function divide(top: Statistic, bottom: Statistic): Statistic {
  if (!isNumber(top)) return top;
  return isNumber(bottom) ? finite(top / bottom) : bottom;
}
