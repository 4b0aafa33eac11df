import { randomBytes } from 'node:crypto';

const BYTES = 10;

/** 80 bits of the operating system's chance, for ids that must never have been used before, not by a backup either. */
export function randomBits(): Uint8Array {
  return randomBytes(BYTES);
}
