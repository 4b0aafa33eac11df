/** Inputs of one vector, every "@name" already replaced by its dataset. */
export type Inputs = Readonly<Record<string, unknown>>;

/** One test vector as the shared files hold it. */
export interface Vector {
  readonly id: string;
  readonly metric: string;
  readonly kind: 'exact' | 'optimum' | 'approx' | 'monte_carlo' | 'behaviour';
  readonly inputs: Inputs;
  readonly expected: unknown;
  readonly tolerance: { readonly rel: number; readonly abs: number };
  readonly notes?: string | null;
}

/**
 * Computes one metric and returns it in the shape of `expected`: a number, a list, a record, `null`, or
 * `{ error: CODE }` where the definition refuses the inputs.
 */
export type Handler = (inputs: Inputs, vector: Vector) => unknown;

/** The number under `key`; text is read as a number, null and absence become NaN. */
export function numberAt(inputs: Inputs, key: string): number {
  const value = inputs[key];
  return value === null || value === undefined ? Number.NaN : Number(value);
}

/** The list of numbers under `key`; null becomes NaN. */
export function seriesAt(inputs: Inputs, key: string): Float64Array {
  const value = inputs[key];
  if (!Array.isArray(value)) throw new Error(`input ${key} is a list`);
  return Float64Array.from(value, (entry: unknown) => (entry === null ? Number.NaN : Number(entry)));
}

/** The table of numbers under `key`. */
export function rowsAt(inputs: Inputs, key: string): readonly (readonly number[])[] {
  return inputs[key] as number[][];
}
