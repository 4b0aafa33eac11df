/** Where everything is on the simulated machine. */
export const HOME = '/home';
export const BOOK = '/home/books/live-sim';
/** The journal of the book, where checkers look. */
export const JOURNAL_FILE = `${BOOK}/journal.ndjson`;
export const ACCOUNT = '101-004-1234567-001';
/** What must be found in no file and no message. */
export const CANARY = 'CANARY-7f3a9c51d2';
/** Units of one instrument, working and unresolved orders counted as filled, that a trader may come to hold. */
export const MOST_UNITS = 100_000;
/** Mid prices around which the market moves. */
export const MIDS = { EUR_USD: 1.1, GBP_USD: 1.27 };
/** Mid prices of a week: a currency beside the account's in which profit is made, and one in which it is not. */
export const WEEK_MIDS = { EUR_USD: 1.1, USD_JPY: 145 };
