import type { z } from 'zod';
import { FxError } from '../base/errors.js';
import { didYouMean } from '../base/suggest.js';
import { settingsSchema } from './schema.js';

/** A setting's place: `['instruments', 'BRK.B', 'tick']`. */
export type Path = readonly string[];

/** The schema as a tree of names: what a path may be made of. */
type Node =
  | { readonly kind: 'leaf' }
  | { readonly kind: 'section'; readonly keys: ReadonlyMap<string, Node> }
  | { readonly kind: 'map'; readonly value: Node };

/** One value with where it belongs; what every source of settings is turned into. */
export interface Entry {
  readonly path: Path;
  readonly value: unknown;
}

const ROOT = nodeOf(settingsSchema);
/** Names that reach into the prototype of every object. */
const POISON = new Set(['__proto__', 'constructor', 'prototype']);

/** Every place at which a plain value stands, maps left out: `risk.maxQuoteAge.market`. */
export function knownKeys(): readonly string[] {
  const found: string[] = [];
  const walk = (node: Node, path: Path): void => {
    if (node.kind === 'leaf') found.push(path.join('.'));
    if (node.kind === 'section') for (const [name, child] of node.keys) walk(child, [...path, name]);
  };
  walk(ROOT, []);
  return found;
}

/** `risk.maxPositionBps`; a part with a dot is quoted: `instruments."BRK.B".tick`. */
export function pathText(path: Path): string {
  return path.map((part) => (/[."]/.test(part) ? JSON.stringify(part) : part)).join('.');
}

/** The path that `pathText` wrote, or undefined when a quote is left open or a part is empty. */
export function parsePath(text: string): Path | undefined {
  const parts: string[] = [];
  const part = /(?:"([^"]+)"|([^".]+))(\.|$)/y;
  while (part.lastIndex < text.length) {
    const found = part.exec(text);
    if (found === null) return undefined;
    parts.push(found[1] ?? found[2] ?? '');
  }
  return parts.length === 0 || text.endsWith('.') ? undefined : parts;
}

/**
 * The path of a variable such as `FXTRADE_RISK__MAX_POSITION_BPS`, prefix taken off. Below a map the name is taken as it
 * is, with `_` for `/`: `INSTRUMENTS__EUR_USD__TICK`.
 */
export function parseVariable(name: string): Path {
  const path: string[] = [];
  let node: Node | undefined = ROOT;
  for (const part of name.split('__')) {
    if (node?.kind === 'map') {
      path.push(part.includes('/') ? part : part.replace('_', '/'));
      node = node.value;
      continue;
    }
    const known: string | undefined =
      node?.kind === 'section' ? [...node.keys.keys()].find((key) => variableOf(key) === part) : undefined;
    path.push(known ?? camelOf(part));
    node = node?.kind === 'section' ? node.keys.get(known ?? '') : undefined;
  }
  return path;
}

/** A value cut into the plain values it is made of. Throws at a key that does not exist, and at a section that is none. */
export function entriesOf(path: Path, value: unknown, source: string): readonly Entry[] {
  const found: Entry[] = [];
  collect(nodeAt(path, source), { path, value }, { source, found });
  return found;
}

interface Collecting {
  readonly source: string;
  readonly found: Entry[];
}

function collect(node: Node, entry: Entry, into: Collecting): void {
  if (node.kind === 'leaf') {
    into.found.push(entry);
    return;
  }
  const { path, value } = entry;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FxError('CONFIG.INVALID', {
      message: `${pathText(path) || 'the settings'} in ${into.source} must be an object with keys, was ${kindOf(value)}`,
      next: 'write it as {"key": value}; fxtrade config show lists every key',
      facts: { path: pathText(path), source: into.source },
    });
  }
  for (const [key, child] of Object.entries(value)) {
    const below = [...path, key];
    collect(childOf(node, below, into.source), { path: below, value: child }, into);
  }
}

function nodeAt(path: Path, source: string): Node {
  let node = ROOT;
  for (let depth = 1; depth <= path.length; depth++) node = childOf(node, path.slice(0, depth), source);
  return node;
}

function childOf(node: Node, path: Path, source: string): Node {
  const key = path[path.length - 1] ?? '';
  if (!POISON.has(key)) {
    if (node.kind === 'map') return node.value;
    const known = node.kind === 'section' ? node.keys.get(key) : undefined;
    if (known !== undefined) return known;
  }
  throw unknownKey(node, path, source);
}

function unknownKey(node: Node, path: Path, source: string): FxError {
  const parent = path.slice(0, -1);
  const siblings = node.kind === 'section' ? [...node.keys.keys()] : [];
  const beside = siblings.map((key) => pathText([...parent, key]));
  const text = pathText(path);
  return new FxError('CONFIG.UNKNOWN_KEY', {
    message: `there is no setting ${text} (from ${source})`,
    next: `${didYouMean(text, [...beside, ...knownKeys()])}fxtrade config show lists every key; a symbol with a dot is quoted: instruments."BRK.B".tick=0.01`,
    facts: { path: text, source },
  });
}

function nodeOf(schema: z.core.$ZodType): Node {
  const { def } = schema._zod as { readonly def: z.core.$ZodTypeDef };
  if (def.type === 'optional') return nodeOf((def as z.core.$ZodOptionalDef).innerType);
  if (def.type === 'record') return { kind: 'map', value: nodeOf((def as z.core.$ZodRecordDef).valueType) };
  if (def.type !== 'object') return { kind: 'leaf' };
  const shape = Object.entries((def as z.core.$ZodObjectDef).shape);
  return { kind: 'section', keys: new Map(shape.map(([key, child]) => [key, nodeOf(child)])) };
}

function variableOf(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

function camelOf(part: string): string {
  return part.toLowerCase().replace(/_([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
