/** Rows of a csv by the names of its header; a name ends at a colon (`REF_AREA:Reference area`). */
export function tableOf(text: string): {
  readonly names: readonly string[];
  readonly rows: readonly (readonly string[])[];
} {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  const names = cellsOf(lines[0] ?? '').map((name) => (name.split(':')[0] ?? '').trim());
  return { names, rows: lines.slice(1).map(cellsOf) };
}

/** Cells of one line; a quoted cell may hold commas and doubled quotes. */
function cellsOf(line: string): string[] {
  if (!line.includes('"')) return line.split(',').map((cell) => cell.trim());
  const cells: string[] = [];
  for (const match of line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)) {
    cells.push((match[1]?.replaceAll('""', '"') ?? match[2] ?? '').trim());
  }
  return cells;
}

/** A decimal number in plain digits: no exponent, no NaN, no sign but minus. */
export const DECIMAL = /^-?\d{1,15}(\.\d{1,20})?$/;
/** How vendors write that there is no value. */
export const MISSING = /^(|\.|n\/?a|nan|#n\/a|nd|null|-)$/i;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** `2026-11-20` for itself and for `20 November 2026`; undefined for what is no day on the calendar. */
export function dateOf(text: string): string | undefined {
  const words = /^(\d{1,2}) ([A-Za-z]{3})[a-z]* (\d{4})$/.exec(text);
  const month = words === null ? -1 : MONTHS.indexOf((words[2] ?? '').toLowerCase());
  const iso =
    month < 0 ? text : `${words?.[3]}-${String(month + 1).padStart(2, '0')}-${(words?.[1] ?? '').padStart(2, '0')}`;
  const date = /^\d{4}-\d{2}-\d{2}$/.test(iso) ? new Date(iso) : new Date(Number.NaN);
  return Number.isFinite(date.getTime()) && date.toISOString().startsWith(iso) ? iso : undefined;
}

/** True for a month on the calendar, `2018-12`. */
export function isMonth(text: string): boolean {
  return /^\d{4}-(0[1-9]|1[0-2])$/.test(text);
}
