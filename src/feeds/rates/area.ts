/**
 * Whose money an area's interest rate is of. Codes are ISO 3166 (two letters at the BIS and FRED, three at the OECD)
 * and the statistical codes of the euro area: XM (BIS), EZ (FRED), EA19 (OECD).
 */
const CURRENCIES: Readonly<Record<string, string>> = {
  US: 'USD',
  XM: 'EUR',
  EZ: 'EUR',
  EA: 'EUR',
  GB: 'GBP',
  JP: 'JPY',
  CH: 'CHF',
  AU: 'AUD',
  NZ: 'NZD',
  CA: 'CAD',
  NO: 'NOK',
  SE: 'SEK',
  DK: 'DKK',
  IS: 'ISK',
  PL: 'PLN',
  CZ: 'CZK',
  HU: 'HUF',
  RO: 'RON',
  BG: 'BGN',
  HR: 'HRK',
  RS: 'RSD',
  MK: 'MKD',
  RU: 'RUB',
  TR: 'TRY',
  IL: 'ILS',
  SA: 'SAR',
  KW: 'KWD',
  MA: 'MAD',
  ZA: 'ZAR',
  MX: 'MXN',
  BR: 'BRL',
  AR: 'ARS',
  CL: 'CLP',
  CO: 'COP',
  PE: 'PEN',
  CR: 'CRC',
  CN: 'CNY',
  HK: 'HKD',
  TW: 'TWD',
  KR: 'KRW',
  IN: 'INR',
  ID: 'IDR',
  MY: 'MYR',
  PH: 'PHP',
  SG: 'SGD',
  TH: 'THB',
  VN: 'VND',
};

/** What the members had before the euro, and the year it came: after that they have no rate of their own. */
const BEFORE_EURO: Readonly<Record<string, readonly [currency: string, euroYear: number]>> = {
  AT: ['ATS', 1999],
  BE: ['BEF', 1999],
  DE: ['DEM', 1999],
  ES: ['ESP', 1999],
  FI: ['FIM', 1999],
  FR: ['FRF', 1999],
  GR: ['GRD', 2001],
  IE: ['IEP', 1999],
  IT: ['ITL', 1999],
  LU: ['LUF', 1999],
  NL: ['NLG', 1999],
  PT: ['PTE', 1999],
  SI: ['SIT', 2007],
  SK: ['SKK', 2009],
  EE: ['EEK', 2011],
  LV: ['LVL', 2014],
  LT: ['LTL', 2015],
};

const ISO3: Readonly<Record<string, string>> = {
  USA: 'US',
  GBR: 'GB',
  JPN: 'JP',
  CHE: 'CH',
  AUS: 'AU',
  NZL: 'NZ',
  CAN: 'CA',
  NOR: 'NO',
  SWE: 'SE',
  DNK: 'DK',
  ISL: 'IS',
  POL: 'PL',
  CZE: 'CZ',
  HUN: 'HU',
  RUS: 'RU',
  TUR: 'TR',
  ISR: 'IL',
  ZAF: 'ZA',
  MEX: 'MX',
  BRA: 'BR',
  CHL: 'CL',
  COL: 'CO',
  CRI: 'CR',
  CHN: 'CN',
  KOR: 'KR',
  IND: 'IN',
  IDN: 'ID',
  AUT: 'AT',
  BEL: 'BE',
  DEU: 'DE',
  ESP: 'ES',
  FIN: 'FI',
  FRA: 'FR',
  GRC: 'GR',
  IRL: 'IE',
  ITA: 'IT',
  LUX: 'LU',
  NLD: 'NL',
  PRT: 'PT',
  SVN: 'SI',
  SVK: 'SK',
  EST: 'EE',
  LVA: 'LV',
  LTU: 'LT',
};

/**
 * Currency of an area in a year; undefined for an unknown area, a euro member that has the euro (the euro's own series
 * is the euro area's), and the euro before 1999.
 */
export function currencyOfArea(area: string, year: number): string | undefined {
  const code = area.toUpperCase();
  const iso2 = ISO3[code] ?? (/^EA\d*$/.test(code) ? 'EA' : code);
  const currency = CURRENCIES[iso2];
  if (currency !== undefined) return currency === 'EUR' && year < 1999 ? undefined : currency;
  const member = BEFORE_EURO[iso2];
  return member !== undefined && year < member[1] ? member[0] : undefined;
}

/** Well-known names of daily and policy series that do not carry an area code. */
const FRED_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^(DFF|FEDFUNDS|SOFR|EFFR|OBFR|DFED|PCREDIT8|DPCREDIT|DPRIME|TB3MS|TB6MS|DTB\d|DGS\d|GS\d|DISCRT|IORB|IOER)/, 'USD'],
  [/^(ECB|ESTR|EONIA|EURIBOR)/, 'EUR'],
  [/^(IUDSOIA|SONIA|BOERUKM)/, 'GBP'],
];

/**
 * Currency of a FRED series in a year, from its name: `IR3TIB01NOM156N` has Norway's NO in it. A member's own series
 * after the euro came is the euro's: FRED has one series a file, and people give Germany's for the euro.
 */
export function currencyOfFred(series: string, year: number): string | undefined {
  const area = /^(?:IR[A-Z0-9]{4}\d{2}|INTDSR|INTGST)([A-Z]{2})[DMQA]\d/.exec(series)?.[1];
  if (area === undefined) return FRED_NAMES.find(([name]) => name.test(series))?.[1];
  const own = currencyOfArea(area, year);
  if (own !== undefined) return own;
  return area in BEFORE_EURO ? currencyOfArea('EZ', year) : undefined;
}
