import { inspect } from 'node:util';
import { isLoopback } from '../../wire/address.js';
import { FxError } from '../base/errors.js';
import { hider, learnSecret } from '../base/hide.js';
import { type DotEnv, readDotEnv } from './sources.js';

/** Names whose values are never printed and never written. */
export const SECRET_NAMES = [
  'ALPHAVANTAGE_API_KEY',
  'FRED_API_KEY',
  'POLYGON_API_KEY',
  'TIINGO_API_KEY',
  'OANDA_TOKEN',
  'ALPACA_API_KEY',
  'ALPACA_SECRET_KEY',
  'BINANCE_API_KEY',
  'BINANCE_API_SECRET',
  'BYBIT_API_KEY',
  'BYBIT_API_SECRET',
  'SMTP_URL',
  'SLACK_WEBHOOK',
  'DISCORD_WEBHOOK',
  'TELEGRAM_BOT_TOKEN',
  'TWILIO_ACCOUNT_SID',
  'TWILIO_AUTH_TOKEN',
  'WEBHOOK_URL',
  'WEBHOOK_SECRET',
  'HEARTBEAT_URL',
] as const;

/** Names that come from the same places but are no secret: people type and compare them. */
export const PLAIN_NAMES = [
  'OANDA_ACCOUNT_ID',
  'OANDA_ENV',
  'IBKR_HOST',
  'IBKR_PORT',
  'IBKR_CLIENT_ID',
  'IBKR_ACCOUNT',
  'EMAIL_FROM',
  'EMAIL_TO',
  'TELEGRAM_CHAT_ID',
  'TWILIO_FROM',
  'ALERT_PHONE',
  'BROKER_TYPE',
  'ALPHAVANTAGE_PLAN',
  'POLYGON_PLAN',
  'TIINGO_PLAN',
  'ALPACA_DATA_PLAN',
] as const;

export type SecretName = (typeof SECRET_NAMES)[number];
export type PlainName = (typeof PLAIN_NAMES)[number] | `${string}_BASE_URL` | `${string}_STREAM_URL`;

const SECRETS: ReadonlySet<string> = new Set(SECRET_NAMES);
/** Whose hosts can be replaced by `<VENDOR>_BASE_URL` and `<VENDOR>_STREAM_URL`. */
const HOSTS =
  /^(OANDA|ALPACA|ALPACA_DATA|BINANCE|BYBIT|ALPHAVANTAGE|FRED|POLYGON|TIINGO|ECB|BIS|TELEGRAM|TWILIO)_(BASE|STREAM)_URL$/;
const PLAIN: ReadonlySet<string> = new Set(PLAIN_NAMES);
const FOLDER = '.env (working folder)';

/** A value that prints as `[secret NAME]` wherever it lands; only `reveal` gives it away. */
export class Secret {
  readonly #value: string;
  readonly name: SecretName;

  constructor(name: SecretName, value: string) {
    this.name = name;
    this.#value = value;
    learnSecret({ value, shown: this.toString() });
  }

  /** The value itself, for the one place that sends it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return `[secret ${this.name}]`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** What the environment and the two `.env` files hold under the names above. */
export interface Secrets {
  get(name: SecretName): Secret | undefined;
  plain(name: PlainName): string | undefined;
  /** Names that have a value, sorted. */
  names(): readonly string[];
  /** Where a value came from. */
  source(name: string): 'env' | '.env (working folder)' | '.env (home)' | undefined;
  /** Every secret, for `redact`. */
  all(): readonly Secret[];
}

/** Of the secrets those that a vendor or broker issued and can issue again; links and user names are none. */
export function keysOf(secrets: Pick<Secrets, 'all'>): readonly Secret[] {
  return secrets.all().filter(({ name }) => /_(KEY|SECRET|TOKEN)$/.test(name));
}

/** True when `name` must never stand in a settings file or on a command line. */
export function isSecretName(name: string): name is SecretName {
  return SECRETS.has(name);
}

/** Makes the secrets of the environment known, so that `hideKnown` finds them also where nobody loaded them. */
export function learnSecrets(env: Readonly<Record<string, string | undefined>>): void {
  for (const name of SECRET_NAMES) {
    const value = env[name];
    if (value !== undefined && value !== '') learnSecret({ value, shown: `[secret ${name}]` });
  }
}

/**
 * Secrets from the environment, the `.env` of the working folder and the `.env` of the home, first wins; an empty value
 * counts as absent. Throws `CONFIG.ENV_MODE` or `CONFIG.ENV_OWNER` for a `.env` that others can read or write, and
 * `CONFIG.HOST_SOURCE` where a key would go to a host that a folder chose.
 */
export function loadSecrets(from: {
  readonly home: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}): Secrets {
  const secrets = new Map<string, Secret>();
  const plain = new Map<string, string>();
  const sources = new Map<string, 'env' | '.env (working folder)' | '.env (home)'>();
  const take = (
    name: string,
    value: string | undefined,
    source: 'env' | '.env (working folder)' | '.env (home)',
  ): void => {
    if (value === undefined || value === '' || sources.has(name)) return;
    if (isSecretName(name)) secrets.set(name, new Secret(name, value));
    else if (PLAIN.has(name) || HOSTS.test(name)) plain.set(name, value);
    else return;
    sources.set(name, source);
  };
  for (const [name, value] of Object.entries(from.env)) take(name, value, 'env');
  const folders = [
    [from.cwd, '.env (working folder)'],
    [from.home, '.env (home)'],
  ] as const;
  for (const [folder, source] of folders) {
    const file = readDotEnv(folder);
    if (file === undefined) continue;
    requirePrivate(file);
    for (const [name, value] of file.values) take(name, value, source);
  }
  for (const [name, value] of plain) {
    if (HOSTS.test(name) && sources.get(name) === FOLDER) requireOwnHost(name, value, sources);
  }
  return {
    get: (name) => secrets.get(name),
    plain: (name) => plain.get(name),
    names: () => [...sources.keys()].sort(),
    source: (name) => sources.get(name),
    all: () => [...secrets.values()],
  };
}

/**
 * Refuses a `.env` that others can read when it holds a secret, and one that others can write, or that is somebody else's,
 * when it says anything to this program: they would choose its limits and hosts. Windows has no such bits; root, which
 * containers run as, may read whom it likes.
 */
export function requirePrivate(file: DotEnv, me: number | undefined = process.getuid?.()): void {
  if (me === undefined) return;
  const names = [...file.values].filter(([, value]) => value !== '').map(([name]) => name);
  const mode = `mode ${file.mode.toString(8).padStart(4, '0')}, 0600 is allowed`;
  const held = names.find(isSecretName);
  if (held !== undefined && (file.mode & 0o077) !== 0) {
    throw envMode(
      file,
      `holds ${held} and others can read it (${mode})`,
      'and renew the key if others use this machine',
    );
  }
  const said = names.find((name) => isOurs(name));
  if (said === undefined) return;
  if ((file.mode & 0o002) !== 0) throw envMode(file, `sets ${said} and everybody can write it (${mode})`);
  if (me === 0 || file.owner === me || file.owner === 0) return;
  throw new FxError('CONFIG.ENV_OWNER', {
    message: `${file.path} sets ${said} and belongs to another user (number ${file.owner}, you are ${me})`,
    next: 'work in a folder of your own, or make a .env of your own there',
    facts: { path: file.path, owner: file.owner },
  });
}

function envMode({ path, mode }: DotEnv, what: string, more?: string): FxError {
  return new FxError('CONFIG.ENV_MODE', {
    message: `${path} ${what}`,
    next: `run: chmod 600 ${path}${more === undefined ? '' : ` — ${more}`}`,
    facts: { path, mode: mode.toString(8) },
  });
}

/** True for a name that this program listens to. */
const isOurs = (name: string): boolean =>
  name.startsWith('FXTRADE_') || SECRETS.has(name) || PLAIN.has(name) || HOSTS.test(name);

/**
 * A key goes only to a host that was chosen where the key was, to this machine, or to the vendor's own. A `.env` that came
 * with somebody's folder could otherwise have the key of the environment or the home sent anywhere.
 */
function requireOwnHost(name: string, value: string, held: ReadonlyMap<string, string>): void {
  const [vendor = ''] = name.split('_');
  const strange = [...held].find(
    ([key, source]) => key.startsWith(`${vendor}_`) && isSecretName(key) && source !== FOLDER,
  );
  if (strange === undefined || (URL.canParse(value) && isHere(new URL(value).hostname))) return;
  const [key, source] = strange;
  throw new FxError('CONFIG.HOST_SOURCE', {
    message: `${name} in the .env of the working folder would have ${key} (${source}) sent to a host of that folder's choice`,
    next: `put ${name} where ${key} is, or both into the .env of the working folder`,
    facts: { name, key, source },
  });
}

const isHere = (host: string): boolean => host === 'localhost' || isLoopback(host);

/** The text with every secret, plain or encoded (base64, hex, in a URL), replaced by `[secret NAME]`. */
export function redact(text: string, secrets: Pick<Secrets, 'all'>): string {
  return hider(secrets.all().map((secret) => ({ value: secret.reveal(), shown: String(secret) })))(text);
}
