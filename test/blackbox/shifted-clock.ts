/**
 * Loaded before the program: its wall clock is ahead of the machine's by so much, in every thread. Time that only goes forward
 * is left alone, as on a machine whose clock was set.
 */
export const SHIFTED_CLOCK = `const shift = Number(process.env.BLACKBOX_SHIFT_MS);
const Real = Date;
globalThis.Date = class Date extends Real {
  constructor(...given) {
    if (given.length === 0) super(Real.now() + shift);
    else super(...given);
  }
  static now() {
    return Real.now() + shift;
  }
};
`;
