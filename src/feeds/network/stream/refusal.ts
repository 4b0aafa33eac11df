import { type ErrorCode, FxError } from '../../../core/base/errors.js';
import { WireError } from '../../../wire/message.js';
import { closeInWords, SocketClosed } from '../../../wire/socket.js';
import type { VendorClient } from '../client.js';

/** Why a vendor does not go on, in our words. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly says: string;
  readonly next: string;
  /** Connecting again later may work. */
  readonly retryable: boolean;
}

/** Reasons that all vendors have. */
export const badKey = (key: string): Refusal => ({
  code: 'FEED.BAD_KEY',
  says: 'refused the key for its stream',
  next: `check ${key}; docs/feeds.md says where to get one`,
  retryable: false,
});

export const NOT_IN_PLAN: Refusal = {
  code: 'FEED.PLAN',
  says: 'does not stream this to your plan',
  next: 'take prices from another feed (docs/feeds.md), or see what your plan has',
  retryable: false,
};

export const TOO_MANY: Refusal = {
  code: 'FEED.CONNECTIONS',
  says: 'allows one connection to a key, and another program has it',
  next: 'stop the other program that streams with this key, or give it a key of its own',
  retryable: true,
};

export const TOO_SLOW: Refusal = {
  code: 'FEED.TOO_SLOW',
  says: 'dropped us because its messages were read too slowly',
  next: 'stream fewer instruments, or leave this machine more time for it',
  retryable: true,
};

export const NOT_UNDERSTOOD: Refusal = {
  code: 'FEED.REFUSED',
  says: 'refused what was asked of its stream',
  next: 'check the instruments; report it if they are right',
  retryable: false,
};

export const LATE: Refusal = {
  code: 'FEED.UNREACHABLE',
  says: 'did not get the key in time',
  next: 'check the network and the load of this machine',
  retryable: true,
};

export const IN_TROUBLE: Refusal = {
  code: 'FEED.DOWN',
  says: 'says that its stream is in trouble',
  next: 'see the vendor’s status page; another feed can stand in',
  retryable: true,
};

/** The error for a refusal, with the vendor's own words cleaned. */
export function refusedBy(client: VendorClient, { code, says, next, retryable }: Refusal, words: string): FxError {
  const said = client.shown(words, 200);
  return new FxError(code, {
    message: `${client.title} ${says}${said === '' ? '' : `: ${said}`}`,
    next,
    retryable,
    facts: { feed: client.title },
  });
}

/** What ended a stream, as an error that says what to do. */
export function endOf(client: VendorClient, error: unknown): unknown {
  if (!(error instanceof WireError)) return error;
  const { why } = error;
  const status = /^status-(\d+)$/.exec(why)?.[1];
  if (status !== undefined) {
    const ask = { path: '', what: 'its stream' };
    return client.refused({ status: Number(status), headers: {}, body: '' }, ask);
  }
  if (error instanceof SocketClosed) {
    const said = client.shown(error.reason, 120);
    return unreachable(
      client,
      `${closeInWords(error.code)} (code ${error.code})${said === '' ? '' : `: ${said}`}`,
      why,
    );
  }
  if (why === 'too-large') {
    return new FxError('FEED.TOO_LARGE', {
      message: `${client.title} sent a message on its stream that is longer than is read`,
      next: 'nothing of it was used; report it if it stays',
      retryable: true,
      facts: { feed: client.title },
    });
  }
  if (why === 'protocol') return client.malformed('on its stream', 'that is not how streams speak');
  if (why === 'forbidden-address') return client.forbidden(why);
  return unreachable(client, WORDS[why] ?? why, why);
}

/** Why no connection stands, for people. */
const WORDS: Readonly<Record<string, string>> = {
  timeout: 'nothing came for too long',
  refused: 'nobody answers at its address',
  reset: 'the connection broke off',
  dns: 'its name has no address',
  tls: 'its certificate is not one to trust, or it speaks no TLS',
};

function unreachable(client: VendorClient, words: string, why: string): FxError {
  return new FxError('FEED.UNREACHABLE', {
    message: `the stream of ${client.title} ended: ${words}`,
    next: 'check the network and the vendor’s status page',
    retryable: true,
    facts: { feed: client.title, why },
  });
}
