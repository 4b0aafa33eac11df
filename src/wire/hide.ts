import type { Hidden } from '../core/base/hide.js';
import { hider } from '../core/base/hide.js';
import type { Http, HttpRequest } from './message.js';

/**
 * A network whose answers never hold what must not be seen: some servers and proxies say a request's own token back in an
 * error. Taken out before anybody reads the answer, so no message, journal or report can repeat it.
 */
export function hiding(http: Http, secrets: readonly Hidden[]): Http {
  const hide = hider(secrets);
  return {
    async send(request) {
      const { status, headers, body } = await http.send(request);
      const clean = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, hide(value)]));
      return { status, headers: clean, body: hide(body) };
    },
    async *lines(request: HttpRequest, signal: AbortSignal) {
      for await (const line of http.lines(request, signal)) yield hide(line);
    },
  };
}
