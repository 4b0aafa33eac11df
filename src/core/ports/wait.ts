import type { Wait } from './clock.js';

/** Resolves after `ms`, or at once when the signal comes: nobody waits for a session that was told to stop. */
export const wait: Wait = (ms, signal) =>
  new Promise((done) => {
    if (signal?.aborted === true || ms <= 0) {
      done();
      return;
    }
    const end = () => {
      clearTimeout(handle);
      signal?.removeEventListener('abort', end);
      done();
    };
    const handle = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
  });
