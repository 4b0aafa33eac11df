import { entry, item, type Matrix } from '../math/linalg.js';
import { checkSymmetric } from './bounds.js';
import { correlationOf } from './covariance.js';

export interface Hrp {
  /** Adding up to one, none negative. */
  readonly weights: Float64Array;
  /** Asset indexes in the order of the tree's leaves, left to right. */
  readonly leafOrder: readonly number[];
  /** Distance at which each of the n − 1 merges happens, ascending. */
  readonly linkHeights: readonly number[];
}

/**
 * Hierarchical risk parity, Lopez de Prado, Journal of Portfolio Management 2016.
 *
 * Distance √((1 − ρ)/2), single linkage on these distances themselves (as skfolio and PyPortfolioOpt do; the paper's
 * code takes the rows of the distance matrix for observations, which is another tree), leaves ordered with the cluster of
 * the smaller number on the left, each list split in the middle, and weight shared by inverse-variance cluster variance.
 * Nothing is inverted: fewer observations than assets are no obstacle. An asset that never moved is `DATA.ZERO_VARIANCE`.
 * Equal distances (to 12 decimals) are taken in the order of the assets.
 */
export function hrp(covariance: Matrix): Hrp {
  checkSymmetric(covariance);
  if (covariance.n === 1) return { weights: Float64Array.of(1), leafOrder: [0], linkHeights: [] };
  const { merges, heights } = singleLinkage(distancesOf(covariance));
  const leafOrder = leavesOf(merges, covariance.n);
  const weights = new Float64Array(covariance.n).fill(1);
  bisect(covariance, leafOrder, weights);
  return { weights, leafOrder, linkHeights: heights };
}

function distancesOf(covariance: Matrix): Matrix {
  const correlation = correlationOf(covariance);
  const distance = (rho: number): number => Math.round(Math.sqrt(Math.max(0, (1 - rho) / 2)) * 1e12) / 1e12;
  return { n: correlation.n, data: correlation.data.map(distance) };
}

interface Linkage {
  /** Cluster numbers that merge: below n a leaf, n + k the result of merge k. */
  readonly merges: readonly (readonly [number, number])[];
  readonly heights: readonly number[];
}

/** Single linkage: the minimum spanning tree (Prim, from asset 0), its edges by length, joined one by one. */
function singleLinkage(distances: Matrix): Linkage {
  const edges = spanningTree(distances).sort((a, b) => a.height - b.height);
  const n = distances.n;
  const parent = Array.from({ length: 2 * n - 1 }, (_, i) => i);
  const find = (i: number): number => {
    let root = i;
    while (parent[root] !== root) root = parent[root] as number;
    return root;
  };
  const merges = edges.map(({ from, to }, k): readonly [number, number] => {
    const a = find(from);
    const b = find(to);
    parent[a] = n + k;
    parent[b] = n + k;
    return a < b ? [a, b] : [b, a];
  });
  return { merges, heights: edges.map((edge) => edge.height) };
}

interface Edge {
  readonly from: number;
  readonly to: number;
  readonly height: number;
}

function spanningTree(distances: Matrix): Edge[] {
  const n = distances.n;
  const nearest = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  const source = new Array<number>(n).fill(0);
  const inTree = new Array<boolean>(n).fill(false);
  const edges: Edge[] = [];
  let last = 0;
  while (edges.length < n - 1) {
    inTree[last] = true;
    let best = -1;
    for (let i = 0; i < n; i++) {
      if (inTree[i]) continue;
      if (entry(distances, last, i) < item(nearest, i)) {
        nearest[i] = entry(distances, last, i);
        source[i] = last;
      }
      if (best < 0 || item(nearest, i) < item(nearest, best)) best = i;
    }
    edges.push({ from: source[best] as number, to: best, height: item(nearest, best) });
    last = best;
  }
  return edges;
}

function leavesOf(merges: Linkage['merges'], n: number): number[] {
  const leaves: number[] = [];
  const open = [n + merges.length - 1];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const pair = merges[id - n];
    if (pair === undefined) leaves.push(id);
    else open.push(pair[1], pair[0]);
  }
  return leaves;
}

function bisect(covariance: Matrix, list: readonly number[], weights: Float64Array): void {
  if (list.length < 2) return;
  const middle = list.length >> 1;
  const left = list.slice(0, middle);
  const right = list.slice(middle);
  const leftVariance = clusterVariance(covariance, left);
  const share = 1 - leftVariance / (leftVariance + clusterVariance(covariance, right));
  for (const i of left) weights[i] = item(weights, i) * share;
  for (const i of right) weights[i] = item(weights, i) * (1 - share);
  bisect(covariance, left, weights);
  bisect(covariance, right, weights);
}

/** Variance of the cluster held in proportion to inverse variances. */
function clusterVariance(covariance: Matrix, members: readonly number[]): number {
  const inverse = members.map((i) => 1 / entry(covariance, i, i));
  const total = inverse.reduce((sum, value) => sum + value, 0);
  let variance = 0;
  members.forEach((i, a) => {
    members.forEach((j, b) => {
      variance += ((inverse[a] as number) / total) * ((inverse[b] as number) / total) * entry(covariance, i, j);
    });
  });
  return variance;
}
