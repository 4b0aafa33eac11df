import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createFile, replaceFile } from '../atomic.js';
import { type FileCalls, REAL_FILES } from '../file-calls.js';
import { RESERVE_FILE } from '../halt-file.js';

/** Room for a latch, its entry in the folder, and whatever a file system wants beside them. */
const RESERVE_BYTES = 64 * 1024;

/**
 * Puts 64 KiB aside in the home, so that a halt can be written when nothing else can (reliability.md 2.1, P3). Bytes by chance:
 * a file system that packs zeros would keep no room for them. A disk that is full already keeps nobody from starting.
 */
export function keepReserve(home: string, fs: FileCalls = REAL_FILES): void {
  try {
    const path = join(home, RESERVE_FILE);
    if (createFile(path, randomBytes(RESERVE_BYTES), fs)) return;
    // One that a full disk cut short would give too little back.
    if (fs.statSync(path).size < RESERVE_BYTES) replaceFile(path, randomBytes(RESERVE_BYTES), fs);
  } catch {
    return;
  }
}
