import type { Http } from '../../wire/message.js';
import { type Finding, pass, warn } from './subject.js';

interface Limit {
  readonly left: number;
  readonly of: number | undefined;
}

const SEEN = new WeakMap<Http, { last?: Limit }>();
const LEFT = ['x-ratelimit-remaining', 'x-rate-limit-remaining', 'ratelimit-remaining'];
const OF = ['x-ratelimit-limit', 'x-rate-limit-limit', 'ratelimit-limit'];
/** Less than this share left means that somebody else uses the key too, or that we ask too much. */
const NEAR = 0.1;

/** A network that keeps what the other side says of its limits. */
export function recordingLimits(http: Http): Http {
  const seen: { last?: Limit } = {};
  const recording: Http = {
    async send(request) {
      const answer = await http.send(request);
      const number = (names: readonly string[]): number | undefined => {
        const text = names.map((name) => answer.headers[name]).find((one) => one !== undefined);
        const value = Number(text ?? Number.NaN);
        return Number.isFinite(value) ? value : undefined;
      };
      const left = number(LEFT);
      if (left !== undefined) seen.last = { left, of: number(OF) };
      return answer;
    },
    lines: (request, signal) => http.lines(request, signal),
  };
  SEEN.set(recording, seen);
  return recording;
}

/** What was said last; undefined where the vendor says nothing. */
export function limitsSeen(http: Http, title: string): Finding | undefined {
  const last = SEEN.get(http)?.last;
  if (last === undefined) return undefined;
  const detail = `${last.left}${last.of === undefined ? '' : ` of ${last.of}`} requests left`;
  const isNear = last.of === undefined ? last.left <= 1 : last.left < last.of * NEAR;
  if (!isNear) return pass(detail);
  return warn(detail, `see which other programs use your key of ${title}`);
}
