const SQRT_2PI = 2.5066282746310007;
const INVERSE_SQRT_2PI = 0.3989422804014327;

/** Density of the standard normal at `x`. */
export function normalPdf(x: number): number {
  return Math.exp(-0.5 * x * x) / SQRT_2PI;
}

/**
 * Probability that a standard normal is at or below `x`.
 *
 * Cody's rational approximations (Mathematics of Computation 23, 1969), relative error near 1e-15 in both tails.
 */
export function normalCdf(x: number): number {
  const size = Math.abs(x);
  if (size <= CENTRE) return 0.5 + x * ratio(CENTRE_TOP, CENTRE_BOTTOM, size > 1e-16 ? x * x : 0);
  const tail = size <= MIDDLE ? tailOf(size, ratio(MIDDLE_TOP, MIDDLE_BOTTOM, size)) : farTail(size);
  return x > 0 ? 1 - tail : tail;
}

/**
 * The `x` at which `normalCdf(x)` is `p`; −Infinity at 0, Infinity at 1, NaN outside.
 *
 * Wichura's AS 241 (Applied Statistics 37, 1988), about 16 digits.
 */
export function inverseNormalCdf(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  if (p === 0) return Number.NEGATIVE_INFINITY;
  if (p === 1) return Number.POSITIVE_INFINITY;
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(AS241_CENTRE_TOP, AS241_CENTRE_BOTTOM, 0.180625 - q * q);
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  const size =
    r <= 5 ? ratio(AS241_TAIL_TOP, AS241_TAIL_BOTTOM, r - 1.6) : ratio(AS241_FAR_TOP, AS241_FAR_BOTTOM, r - 5);
  return q < 0 ? -size : size;
}

/** A quotient of two polynomials, coefficients from the highest power down. */
function ratio(top: readonly number[], bottom: readonly number[], x: number): number {
  return polynomial(top, x) / polynomial(bottom, x);
}

function polynomial(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (const coefficient of coefficients) value = value * x + coefficient;
  return value;
}

/** exp(−x²/2) in two factors, so that the square loses no digits, times the approximation of the tail. */
function tailOf(size: number, approximation: number): number {
  const coarse = Math.trunc(size * 16) / 16;
  const rest = (size - coarse) * (size + coarse);
  return Math.exp(-coarse * coarse * 0.5) * Math.exp(-rest * 0.5) * approximation;
}

function farTail(size: number): number {
  if (size > 38.6) return 0;
  const inverseSquare = 1 / (size * size);
  const correction = inverseSquare * ratio(FAR_TOP, FAR_BOTTOM, inverseSquare);
  return tailOf(size, (INVERSE_SQRT_2PI - correction) / size);
}

const CENTRE = 0.67448975;
const MIDDLE = 5.656854249492381;
const CENTRE_TOP = [0.06568233791820745, 2.2352520354606837, 161.02823106855587, 1067.6894854603709, 18154.98125334356];
const CENTRE_BOTTOM = [1, 47.202581904688245, 976.0985517377767, 10260.932208618979, 45507.78933502673];
const MIDDLE_TOP = [
  1.0765576773720192e-8, 0.39894151208813466, 8.883149794388377, 93.50665613217785, 597.2702763948002,
  2494.5375852903726, 6848.190450536283, 11602.65143764735, 9842.714838383978,
];
const MIDDLE_BOTTOM = [
  1, 22.266688044328117, 235.387901782625, 1519.3775994075547, 6485.558298266761, 18615.571640885097, 34900.95272114598,
  38912.00328609327, 19685.429676859992,
];
const FAR_TOP = [
  0.023073441764940174, 0.215898534057957, 0.12740116116024736, 0.022235277870649807, 0.0014216191932278934,
  0.000029112874951168793,
];
const FAR_BOTTOM = [
  1, 1.284260096144911, 0.4682382124808651, 0.06598813786892856, 0.0037823963320275824, 7.297515550839662e-5,
];
const AS241_CENTRE_TOP = [
  2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513,
  133.14166789178438, 3.3871328727963665,
];
const AS241_CENTRE_BOTTOM = [
  5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579,
  42.31333070160091, 1,
];
const AS241_TAIL_TOP = [
  0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
  5.769497221460691, 4.630337846156546, 1.4234371107496835,
];
const AS241_TAIL_BOTTOM = [
  1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
  1.6763848301838038, 2.053191626637759, 1,
];
const AS241_FAR_TOP = [
  2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487,
  1.7848265399172913, 5.463784911164114, 6.657904643501103,
];
const AS241_FAR_BOTTOM = [
  2.0442631033899397e-15, 1.421511758316446e-7, 1.8463183175100548e-5, 0.0007868691311456133, 0.014875361290850615,
  0.1369298809227358, 0.599832206555888, 1,
];
