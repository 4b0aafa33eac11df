/** Coins that vendors trade under their own names. */
const COINS: ReadonlySet<string> = new Set('BTC ETH BNB SOL XRP ADA DOGE LTC DOT AVAX LINK UNI BCH AAVE'.split(' '));

/** Tokens that only crypto is quoted in. */
export const COIN_QUOTES: ReadonlySet<string> = new Set(['USDT', 'USDC', 'BUSD', 'BTC', 'ETH']);

export function isCoin(code: string): boolean {
  return COINS.has(code);
}
