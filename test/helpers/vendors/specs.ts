import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Seen } from './stand-in.js';

interface Parameter {
  readonly name: string;
  readonly required: boolean;
  readonly values?: readonly unknown[];
}

/** What a vendor's specification says of its reads: paths as patterns, and their query. */
export type Spec = readonly { readonly path: RegExp; readonly query: readonly Parameter[] }[];

interface JsonParameter {
  readonly $ref?: string;
  readonly name?: string;
  readonly in?: string;
  readonly required?: boolean;
  readonly schema?: { readonly enum?: readonly unknown[]; readonly $ref?: string };
}

const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{[^}]+\}/g, '[^/]+')}$`);

/** The specification of a vendor, from its own file and form. */
export function specOf(folder: string, vendor: string): Spec {
  const text = (file: string): string => readFileSync(join(folder, file), 'utf8');
  switch (vendor) {
    case 'polygon':
      return fromJson(text('massive/openapi.json'), '');
    case 'alpaca':
      return fromJson(text('alpaca/market-data-api.json'), '');
    case 'tiingo':
      return [fromYaml(text('tiingo/tiingo-openapi.yml'), '/tiingo/fx/{ticker}/prices', '')];
    case 'fred':
      return [fromYaml(text('fred/fred-openapi.yml'), '/series/observations', '/fred')];
    default:
      return fromTools(text('alphavantage/alpha-vantage-mcp-tools.json'));
  }
}

function fromJson(text: string, prefix: string): Spec {
  const spec = JSON.parse(text);
  const resolved = (one: JsonParameter): JsonParameter => {
    if (one.$ref === undefined) return one;
    return one.$ref
      .slice(2)
      .split('/')
      .reduce((at, key) => at[key], spec);
  };
  return Object.entries<{ get?: { parameters?: JsonParameter[] }; parameters?: JsonParameter[] }>(spec.paths)
    .filter(([, { get }]) => get !== undefined)
    .map(([path, { get, parameters = [] }]) => ({
      path: patternOf(prefix + path),
      query: [...parameters, ...(get?.parameters ?? [])]
        .map(resolved)
        .filter((one) => one.in === 'query')
        .map(({ name = '', required = false, schema }) => ({
          name,
          required,
          ...(schema?.enum === undefined ? {} : { values: schema.enum }),
        })),
    }));
}

/** The parameters of one path, of the two ways in which these files write them; shared ones are named by reference. */
function fromYaml(text: string, path: string, prefix: string): Spec[number] {
  const start = text.indexOf(`\n  ${path}:\n`);
  const rest = text.slice(start + path.length + 5);
  const body = rest.slice(0, rest.search(/\n {2}\/|\n\S/));
  const inline = [
    ...body.matchAll(/\{name: (\w+), in: query(, required: true)?[^\n]*?(?:enum: \[([^\]]*)\])?[^\n]*\}/g),
  ];
  const block = [...body.matchAll(/- name: (\w+)\n\s+in: query\n\s+required: (true|false)/g)];
  const shared = [...body.matchAll(/#\/components\/parameters\/(\w+)/g)].flatMap(([, name = '']) => {
    const at = text.indexOf(`\n    ${name}:`);
    const found = /name: (\w+)/.exec(text.slice(at + name.length));
    return found?.[1] === undefined ? [] : [{ name: found[1], required: false }];
  });
  return {
    path: patternOf(prefix + path),
    query: [
      ...inline.map(([, name = '', required]) => ({ name, required: required !== undefined })),
      ...block.map(([, name = '', required]) => ({ name, required: required === 'true' })),
      ...shared,
    ],
  };
}

/** The tools of Alpha Vantage are its functions: one path, told apart by `function`. */
function fromTools(text: string): Spec {
  const { tools } = JSON.parse(text).result;
  const functions = new Map<string, Parameter[]>();
  for (const { name, inputSchema } of tools) {
    const required: readonly string[] = inputSchema.required ?? [];
    const fields = Object.keys(inputSchema.properties ?? {});
    functions.set(
      name,
      fields.map((field) => ({ name: field, required: required.includes(field) })),
    );
  }
  const own = [
    { name: 'function', required: true, values: [...functions.keys()] },
    { name: 'apikey', required: true },
  ];
  return [...functions].map(([name, query]) => ({ path: new RegExp(`^/query#${name}$`), query: [...own, ...query] }));
}

/** What of a request the specification does not allow. */
export function requestTrouble(spec: Spec, { path, query }: Seen): readonly string[] {
  const called = query.get('function');
  const asked = called === null ? decodeURIComponent(path) : `${path}#${called}`;
  const place = spec.find((one) => one.path.test(asked));
  if (place === undefined) return [`${asked} is no path`];
  // Pages are followed by a mark that the vendor makes; its form is not specified.
  if (query.has('cursor')) return [];
  const unknown = [...query.keys()].filter((name) => !place.query.some((one) => one.name === name));
  const missing = place.query.filter((one) => one.required && !query.has(one.name)).map((one) => one.name);
  const wrong = place.query.filter(
    ({ name, values }) =>
      values !== undefined && query.has(name) && !values.map(String).includes(query.get(name) ?? ''),
  );
  return [
    ...unknown.map((name) => `${asked}: ${name} is not known`),
    ...missing.map((name) => `${asked}: ${name} is missing`),
    ...wrong.map(({ name }) => `${asked}: ${name}=${query.get(name)} is not allowed`),
  ];
}
