import type { Trade } from '../../model/order.js';
import type { TradeStats } from '../../sizing/sizer.js';

/** Sums over the run's closed trades: what the Kelly bet rests on. */
export class TradeMemory {
  #wins = 0;
  #losses = 0;
  #breakEven = 0;
  #won = 0;
  #lost = 0;
  #sum = 0;
  #squares = 0;

  /** `notional`: of the closed units at entry, account currency. */
  add(trade: Trade, notional: number): void {
    const { netPnl } = trade;
    if (netPnl > 0) {
      this.#wins++;
      this.#won += netPnl;
    } else if (netPnl < 0) {
      this.#losses++;
      this.#lost -= netPnl;
    } else {
      this.#breakEven++;
    }
    const r = notional > 0 ? netPnl / notional : 0;
    this.#sum += r;
    this.#squares += r * r;
  }

  stats(): TradeStats | undefined {
    const n = this.#wins + this.#losses + this.#breakEven;
    const decided = this.#wins + this.#losses;
    if (decided === 0) return undefined;
    const payoff =
      this.#wins > 0 && this.#losses > 0 ? this.#won / this.#wins / (this.#lost / this.#losses) : undefined;
    const mean = this.#sum / n;
    const spread = n > 1 ? Math.sqrt(Math.max(0, (this.#squares - n * mean * mean) / (n - 1))) : undefined;
    const moments = spread === undefined ? {} : { returnMean: mean, returnSd: spread };
    return { n, winProb: this.#wins / decided, payoff, ...moments };
  }

  save(): unknown {
    return [this.#wins, this.#losses, this.#breakEven, this.#won, this.#lost, this.#sum, this.#squares];
  }

  load(state: unknown): void {
    const [wins = 0, losses = 0, breakEven = 0, won = 0, lost = 0, sum = 0, squares = 0] = state as number[];
    this.#wins = wins;
    this.#losses = losses;
    this.#breakEven = breakEven;
    this.#won = won;
    this.#lost = lost;
    this.#sum = sum;
    this.#squares = squares;
  }
}
