import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (file: string): unknown => JSON.parse(readFileSync(`${root}/${file}`, "utf8"));

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly scripts: { readonly audit?: string };
}
interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}

const manifest = read("package.json") as Manifest;
const { packages } = read("package-lock.json") as {
  readonly packages: Readonly<Record<string, Locked>>;
};
/** What `npm ci --omit=dev` installs, by name. */
const installed = Object.entries(packages).flatMap(([path, locked]) => {
  const at = path.lastIndexOf("node_modules/");
  if (at === -1 || locked.link === true) return [];
  return [{ name: path.slice(at + "node_modules/".length), ...locked }];
});
const shipped = installed.filter(({ dev }) => dev !== true);

/** Every program that may run while our users install, and what it does. A new one is looked at first. */
const INSTALL_SCRIPTS: Readonly<Record<string, string>> = {
  koffi: "chooses the program that came with the package",
  lmdb: "chooses the program that came with the package, else compiles what came with it",
  "msgpackr-extract": "the same",
};

describe("[M08] what we depend on", () => {
  it("is pinned: each package has one version, and the sum of its contents", () => {
    expect(installed.length).toBeGreaterThan(100);
    for (const { name, version, integrity, resolved } of installed) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+/);
      expect(integrity, name).toMatch(/^sha512-/);
      if (resolved !== undefined) expect(resolved, name).toMatch(/^https:\/\/[^/]+\/.+\.tgz$/);
    }
  });

  it("is installed from the lock file, which has to fit", () => {
    const script = readFileSync(`${root}/scripts/prepare.mjs`, "utf8");
    expect(script).toContain('["ci", ');
    expect(script).not.toContain('["install"');
    const known = packages[""] as unknown as Manifest;
    expect(known.dependencies).toEqual(manifest.dependencies);
    expect(known.optionalDependencies).toEqual(manifest.optionalDependencies);
  });

  it("is little", () => {
    const direct = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
    const others = direct.filter((name) => !name.startsWith("beeline-"));
    expect(others.length).toBeLessThanOrEqual(20);
    expect(new Set(shipped.map(({ name }) => name)).size).toBeLessThanOrEqual(100);
  });

  it("runs no program at installation but those we know", () => {
    const running = shipped.filter(({ hasInstallScript }) => hasInstallScript === true);
    const unknown = running.map(({ name }) => name).filter((name) => !(name in INSTALL_SCRIPTS));
    expect(unknown).toEqual([]);
  });

  it("is asked about by a command: known weaknesses end it with an error", () => {
    expect(manifest.scripts.audit).toBe("npm audit --omit=dev --audit-level=moderate");
  });
});
