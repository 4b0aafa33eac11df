/** Names that stand for a currency in English headlines, by its code; the longest that fits is taken. */
const CURRENCY_NAMES: Readonly<Record<string, string>> = {
  USD: 'us dollar|american dollar|greenback|dollar|dollar index|federal reserve|the fed|fed|fomc|fed chair',
  EUR: 'euro|euro zone|eurozone|euro area|single currency|ecb|european central bank',
  GBP: 'sterling|pound|british pound|pound sterling|bank of england|boe|cable',
  JPY: 'yen|japanese yen|bank of japan|boj',
  CHF: 'franc|swiss franc|swissie|swiss national bank|snb',
  AUD: 'australian dollar|aussie dollar|aussie|reserve bank of australia|rba',
  NZD: 'new zealand dollar|kiwi dollar|kiwi|reserve bank of new zealand|rbnz',
  CAD: 'canadian dollar|loonie|bank of canada|boc',
  NOK: 'norwegian krone|norwegian crown|norges bank',
  SEK: 'swedish krona|swedish crown|riksbank',
  DKK: 'danish krone|danish crown',
  CNH: 'yuan|renminbi|peoples bank of china|pboc',
  HKD: 'hong kong dollar',
  SGD: 'singapore dollar',
  MXN: 'mexican peso|banxico',
  ZAR: 'south african rand|rand',
  TRY: 'turkish lira|lira',
  PLN: 'polish zloty|zloty',
  HUF: 'hungarian forint|forint',
  CZK: 'czech koruna|koruna',
  INR: 'indian rupee|reserve bank of india|rbi',
  XAU: 'gold|bullion',
  XAG: 'silver',
  BTC: 'bitcoin|btc',
  ETH: 'ethereum|ether|eth',
  SOL: 'solana',
  XRP: 'xrp|ripple',
  ADA: 'cardano',
  DOGE: 'dogecoin',
  LTC: 'litecoin',
  BNB: 'bnb',
};

/** Codes that are taken for a currency where they stand in capitals. `TRY`, `ALL` and the like are words too. */
const CODES = 'USD EUR GBP JPY CHF AUD NZD CAD NOK SEK DKK CNH CNY HKD SGD MXN ZAR PLN HUF CZK INR';

/** Companies of the built-in table, as headlines call them. */
const COMPANY_NAMES: Readonly<Record<string, string>> = {
  AAPL: 'apple',
  MSFT: 'microsoft',
  IBM: 'ibm',
  JPM: 'jpmorgan|jp morgan|j p morgan',
  BAC: 'bank of america|bofa',
  GE: 'general electric',
  KO: 'coca cola|coke',
  XOM: 'exxon|exxonmobil|exxon mobil',
};

/** Who a name stands for. */
export interface Named {
  readonly kind: 'currency' | 'ticker';
  readonly code: string;
}

/** By the words of the name, in small letters, parted by one space. */
export const names: ReadonlyMap<string, Named> = new Map([
  ...entriesOf('currency', CURRENCY_NAMES),
  ...entriesOf('ticker', COMPANY_NAMES),
]);

/** Words of the longest name. */
export const LONGEST_NAME = Math.max(...[...names.keys()].map((name) => name.split(' ').length));

export const currencyCodes: ReadonlySet<string> = new Set(CODES.split(' '));

function entriesOf(kind: Named['kind'], table: Readonly<Record<string, string>>): [string, Named][] {
  return Object.entries(table).flatMap(([code, text]) =>
    text.split('|').map((name): [string, Named] => [name, { kind, code }]),
  );
}
