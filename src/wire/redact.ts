const HIDDEN = '[hidden]';

/** Parts of a text that are secrets by their place: what stands after a scheme of authorization, a name, in a bot's path. */
const PLACES: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic|token)(\s+|%20)[\w\-._~+/%]+=*/gi, `$1$2${HIDDEN}`],
  [
    // The code of an error, `CONFIG.MISSING_SECRET: …`, is followed by its words.
    /(?<!\.MISSING_)((?:api[-_]?key|apikey|access[-_]?token|token|secret|signature|password|key|authorization)["']?\s*[=:]\s*["']?)(?!(?:bearer|basic|token)\b)[^\s"'&,;}]+/gi,
    `$1${HIDDEN}`,
  ],
  [/(\/bot)\d+:[\w-]+/g, `$1${HIDDEN}`],
  [/(:\/\/)[^\s/@:]+:[^\s/@]+@/g, `$1${HIDDEN}@`],
  [/(hooks\.slack\.com\/services\/|discord(?:app)?\.com\/api\/webhooks\/)[^\s"']+/gi, `$1${HIDDEN}`],
];

/**
 * A text from the network without what is a secret by its place, and cut to `longest` characters, for messages and logs.
 * Values that are known as secrets are hidden once more by the settings' own `redact`.
 */
export function redacted(text: string, longest = 300): string {
  let clean = text;
  for (const [place, shown] of PLACES) clean = clean.replace(place, shown);
  return clean.length > longest ? `${clean.slice(0, longest)}…` : clean;
}
