/** A value that must not be seen, and what stands in its place. */
export interface Hidden {
  readonly value: string;
  readonly shown: string;
}

/** Values shorter than this are words, and hiding them would garble every text. */
const SHORTEST = 6;

/** What replaces every value, plain or in a form it travels in (JSON, URL, base64, hex), by what is shown instead. */
export function hider(all: Iterable<Hidden>): (text: string) => string {
  const forms = new Map<string, string>();
  for (const { value, shown } of all) for (const form of formsOf(value)) forms.set(form, shown);
  // A value may contain another: the longest goes first.
  const sorted = [...forms].sort(([a], [b]) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const [form, shown] of sorted) if (clean.includes(form)) clean = clean.replaceAll(form, () => shown);
    return clean;
  };
}

/** Every value that this process was given as a secret, by what is shown instead. */
const known = new Map<string, string>();
let hideAll: ((text: string) => string) | undefined;

/** From now on the value is hidden by `hideKnown`. A secret does this when it is made, so no reader of it can forget to. */
export function learnSecret({ value, shown }: Hidden): void {
  known.set(value, shown);
  hideAll = undefined;
}

/** The text without any secret that this process knows: the last door before a terminal. Costs nothing before one is known. */
export function hideKnown(text: string): string {
  if (known.size === 0) return text;
  hideAll ??= hider([...known].map(([value, shown]) => ({ value, shown })));
  return hideAll(text);
}

function formsOf(value: string): readonly string[] {
  const parts = [value, ...partsOfUrl(value)].filter((part) => part.length >= SHORTEST);
  return parts.flatMap((part) => {
    const bytes = Buffer.from(part);
    const escaped = encodeURIComponent(bytes.toString('utf8'));
    const hex = bytes.toString('hex');
    return [
      part,
      JSON.stringify(part).slice(1, -1),
      escaped,
      escaped.replace(/%../g, (one) => one.toLowerCase()),
      new URLSearchParams([['', part]]).toString().slice(1),
      bytes.toString('base64'),
      bytes.toString('base64').replace(/=+$/, ''),
      bytes.toString('base64url'),
      hex,
      hex.toUpperCase(),
    ];
  });
}

/** The password of a mail server and the path of a webhook are the secret of their URL, also where they stand alone. */
function partsOfUrl(value: string): readonly string[] {
  if (!value.includes('://') || !URL.canParse(value)) return [];
  const { password, pathname, search } = new URL(value);
  return [password, decoded(password), pathname.slice(1), `${pathname}${search}`.slice(1)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
