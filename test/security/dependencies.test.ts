import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
  readonly link?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  readonly lockfileVersion: number;
  readonly packages: Readonly<Record<string, Locked>>;
};
const packages = Object.entries(lock.packages).filter(([path]) => path !== '');
const atRuntime = packages.filter(([, one]) => one.dev !== true && one.devOptional !== true);

const fits = (allowed: readonly string[] | undefined, mine: string): boolean =>
  allowed === undefined || allowed.includes(mine) || allowed.every((one) => one.startsWith('!') && one !== `!${mine}`);

/** Where Node finds a package that `from` asks for: beside it, else higher up. */
function found(from: string, name: string): Locked | undefined {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    const path = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    const one = lock.packages[path];
    if (one !== undefined || at === '') return one;
  }
}

describe('the packages that users get', () => {
  it('are few: at most 16 are asked for, each in one exact version', () => {
    expect(Object.keys(manifest.dependencies).length).toBeLessThanOrEqual(16);
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      expect([name, version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
    }
  });

  it('run nothing when they are installed', () => {
    expect(atRuntime.length).toBeGreaterThan(10);
    expect(atRuntime.filter(([, one]) => one.hasInstallScript === true).map(([path]) => path)).toEqual([]);
  });

  // Without `resolved` npm asks the registry that is set; the checksum decides whether it was given the right thing.
  it('come from a registry and are pinned by a checksum', () => {
    const loose = atRuntime.filter(
      ([, one]) =>
        one.link === true || !/^https:\/\//.test(one.resolved ?? 'https://') || !/^sha512-/.test(one.integrity ?? ''),
    );
    expect(loose.map(([path]) => path)).toEqual([]);
  });

  it('say in their own package.json what the lock says of them', () => {
    for (const [path, one] of atRuntime) {
      if (!existsSync(`${path}/package.json`)) continue;
      const own = JSON.parse(readFileSync(`${path}/package.json`, 'utf8'));
      expect([path, own.version]).toEqual([path, one.version]);
      const scripts = Object.keys(own.scripts ?? {}).filter((name) => /^(pre|post)?install$/.test(name));
      expect([path, scripts]).toEqual([path, []]);
      // Without a script of its own npm still builds what has this file.
      expect([path, existsSync(`${path}/binding.gyp`)]).toEqual([path, false]);
    }
  });
});

describe('the lock', () => {
  it('names every package that a package asks for', () => {
    const asked = packages.flatMap(([path, one]) =>
      Object.keys(one.dependencies ?? {}).map((name) => [path, name] as const),
    );
    const own = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).map(
      (name) => ['', name] as const,
    );
    expect([...asked, ...own].filter(([path, name]) => found(path, name) === undefined)).toEqual([]);
    expect(lock.lockfileVersion).toBe(3);
  });

  it('is complete for this platform: what fits it is installed, and nothing else is', () => {
    const report = process.report.getReport() as { readonly header?: { readonly glibcVersionRuntime?: string } };
    const libc = report.header?.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
    const wanted = packages.filter(
      ([, { os, cpu, libc: lib }]) =>
        fits(os, process.platform) && fits(cpu, process.arch) && (process.platform !== 'linux' || fits(lib, libc)),
    );
    expect(wanted.filter(([path, one]) => one.optional !== true && !existsSync(path)).map(([path]) => path)).toEqual(
      [],
    );
    const known = new Set(packages.map(([path]) => path));
    const installed = readdirSync('node_modules').flatMap((name) =>
      name.startsWith('@') ? readdirSync(`node_modules/${name}`).map((one) => `${name}/${one}`) : [name],
    );
    const strange = installed.filter((name) => !name.startsWith('.') && !known.has(`node_modules/${name}`));
    expect(strange).toEqual([]);
  });
});
