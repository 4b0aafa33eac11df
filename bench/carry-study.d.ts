export interface StudyInput {
  readonly perform: unknown;
  readonly expectedMaxSharpe: unknown;
  /** Folder of the shared data. */
  readonly shared: string;
  /** Folder for the program's home. */
  readonly home: string;
}
export const MARKERS: readonly [string, string];
export function studyFiles(shared: string): { readonly data: string; readonly rates: string };
export function carryStudy(input: StudyInput): Promise<string>;
