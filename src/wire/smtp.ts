import type { Transporter } from 'nodemailer';
import { isLoopback } from './address.js';

/** A letter, whole. Addresses are plain ones, lists separated by commas. */
export interface Letter {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Without angle brackets; the same letter sent twice carries the same one. */
  readonly messageId: string;
}

/** What a mail server said. `temporary`: it may take it later. */
export type MailAnswer =
  | { readonly kind: 'taken'; readonly refused: number }
  | { readonly kind: 'refused'; readonly why: string; readonly temporary: boolean };

/** The door to a mail server. */
export interface Mailer {
  send(letter: Letter): Promise<MailAnswer>;
  close(): void;
}

const CONNECT_MS = 3_000;
const ANSWER_MS = 4_000;

/**
 * A mail server by its URL: `smtps://user:password@host:465`, `smtp://user:password@host:587`. Undefined for a text that is
 * none. Without TLS from the start, STARTTLS is required before a password or a letter is told, except on this machine.
 */
export function smtpMailer(url: string): Mailer | undefined {
  const server = serverOf(url);
  if (server === undefined) return undefined;
  let transport: Promise<Transporter> | undefined;
  // Loading takes longer than a command may: whoever sends nothing does not pay.
  const load = (): Promise<Transporter> => {
    transport ??= import('nodemailer').then(({ createTransport }) =>
      createTransport({
        ...server,
        connectionTimeout: CONNECT_MS,
        greetingTimeout: CONNECT_MS,
        dnsTimeout: CONNECT_MS,
        socketTimeout: ANSWER_MS,
        disableFileAccess: true,
        disableUrlAccess: true,
      }),
    );
    return transport;
  };
  return {
    async send({ messageId, ...letter }) {
      try {
        const mail = await load();
        const { rejected } = await mail.sendMail({ ...letter, messageId: `<${messageId}>` });
        return { kind: 'taken', refused: rejected?.length ?? 0 };
      } catch (error) {
        return refusalOf(error);
      }
    },
    close: () => {
      void transport?.then((mail) => mail.close());
    },
  };
}

function serverOf(text: string) {
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, port, username, password } = new URL(text);
  if ((protocol !== 'smtp:' && protocol !== 'smtps:') || hostname === '') return undefined;
  const secure = protocol === 'smtps:';
  const host = hostname.replace(/^\[|\]$/g, '');
  const isHere = host === 'localhost' || isLoopback(host);
  const auth =
    username === '' ? {} : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } };
  return {
    host,
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    requireTLS: !secure && !isHere,
    ignoreTLS: isHere && !secure,
    ...auth,
  };
}

/** The original error may carry the login: only its code and the server's number go on. */
function refusalOf(error: unknown): MailAnswer {
  const { code, responseCode } = (typeof error === 'object' && error !== null ? error : {}) as {
    readonly code?: unknown;
    readonly responseCode?: unknown;
  };
  const number = typeof responseCode === 'number' ? responseCode : 0;
  const temporary = number === 0 ? code !== 'EAUTH' && code !== 'EENVELOPE' : number < 500;
  const why =
    number === 0 ? `no answer of the mail server (${String(code ?? 'unknown')})` : `the mail server says ${number}`;
  return { kind: 'refused', why, temporary };
}
