/** All costs of the simulated venue. `--costs FILE` is this as JSON (partial: missing keys keep the default). */
export interface CostModel {
  readonly name: string;
  readonly spread: {
    /** Take the data's own bid and ask where it has them. */
    readonly useData: boolean;
    /** Times the instrument's typical spread where the data has one price; 0 is none. */
    readonly typicalMultiple: number;
    /** By hour of the day in New York (index 0 … 23), times the typical spread. */
    readonly hourMultiplier: readonly number[];
  };
  readonly slippage: {
    /** Basis points of price on market and stop orders. */
    readonly fixedBps: number;
    /** Times the bar's own volatility: price × sigma × this, sigma the EWMA of per-bar returns. */
    readonly volatilityMultiple: number;
  };
  readonly impact: {
    /** Y of Y·sigma·sqrt(Q/ADV); 0 is none. Below Q/ADV of 1e-4 the spread alone. */
    readonly y: number;
    /** Average daily volume in units of base where the data has no volume, by asset class; null: no impact. */
    readonly adv: {
      readonly fx: number | null;
      readonly stock: number | null;
      readonly crypto: number | null;
      readonly other: number | null;
    };
  };
  readonly commission: {
    readonly fx: NotionalCommission;
    readonly stock: ShareCommission;
    readonly crypto: NotionalCommission;
    readonly other: NotionalCommission;
  };
  readonly financing: {
    /** Broker's mark-up on each side's rate, fraction a year, always against the client. */
    readonly markup: number;
  };
  readonly fills: {
    /** Largest share of a bar's volume one order may take; the rest waits. null: no limit. Bars without volume fill whole. */
    readonly participation: number | null;
    /**
     * Orders reach the market this long after they are sent, milliseconds; cancels at once. The first bar that opens at
     * their arrival or later is the first to meet them, so a latency of one millisecond costs a whole bar: set one only
     * with ticks, or with bars that are not longer than it. Children of a bracket wait at the venue and have none.
     */
    readonly latencyMs: number;
    /** Share of market orders the venue rejects, seeded. */
    readonly rejectRate: number;
  };
}

/** Tiers by the month's volume so far (account currency): [from volume, fraction of notional]. */
export interface NotionalCommission {
  readonly tiers: readonly (readonly [number, number])[];
  readonly minPerOrder: number;
}

export interface ShareCommission {
  readonly perShare: number;
  readonly minPerOrder: number;
  /** Largest commission as a fraction of the trade's value; wins over the minimum. */
  readonly maxFraction: number;
}
