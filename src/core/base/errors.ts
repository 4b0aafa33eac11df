/** The closed set of error families. The family decides the exit code, the whole code is what scripts match. */
export type ErrorFamily =
  | 'USAGE'
  | 'CONFIG'
  | 'DATA'
  | 'STRATEGY'
  | 'FEED'
  | 'BROKER'
  | 'ORDER'
  | 'RISK'
  | 'APPROVAL'
  | 'GATE'
  | 'HALT'
  | 'STATE'
  | 'BUG';

export type ErrorCode = `${ErrorFamily}.${string}`;

/** Plain values that a script can read; never secrets. */
export type Facts = Readonly<Record<string, string | number | boolean | null | readonly (string | number)[]>>;

export interface ErrorDetails {
  /** What happened, with the value, the limit and the unit. */
  readonly message: string;
  /** What the person should do now. */
  readonly next: string;
  /** True only if sending again cannot do the thing twice. */
  readonly retryable?: boolean;
  readonly facts?: Facts;
  readonly cause?: unknown;
}

/** An operating error: the outside, a file or a setting is not as it must be. Ends the command with its family's exit code. */
export class FxError extends Error {
  override readonly name = 'FxError';
  readonly code: ErrorCode;
  readonly next: string;
  readonly retryable: boolean;
  readonly facts: Facts;

  constructor(code: ErrorCode, details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.next = details.next;
    this.retryable = details.retryable ?? false;
    this.facts = details.facts ?? {};
  }
}

/** An invariant of the program broke. Never caught below the command runner. */
export class BugError extends Error {
  override readonly name = 'BugError';

  constructor(rule: string) {
    super(`this must hold and does not: ${rule}`);
  }
}
