import * as fs from 'node:fs';

/** The file calls that writers make; a test passes its own, whose n-th call fails. */
export type FileCalls = Pick<
  typeof fs,
  | 'openSync'
  | 'closeSync'
  | 'writeSync'
  | 'readSync'
  | 'fsyncSync'
  | 'ftruncateSync'
  | 'fstatSync'
  | 'lstatSync'
  | 'statSync'
  | 'mkdirSync'
  | 'chmodSync'
  | 'readFileSync'
  | 'readdirSync'
  | 'renameSync'
  | 'unlinkSync'
  | 'linkSync'
>;

export const REAL_FILES: FileCalls = fs;
