import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

const root = join(import.meta.dirname, "..", "..", "..");

/** The parts of a package.json that decide where things are put. */
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/**
 * A project on disk that was installed by npm, without a network: its packages are packed from those
 * of this repository, and `overrides` puts our tarball in the place of `mqtt-packet`.
 */
export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), "beeline-compat-"));

  /** Builds what is stale, packs, and lets npm install. */
  constructor() {
    must(this.run(["--input-type=module", "-e", PREPARE], root));
    mkdirSync(join(this.folder, "packed"));
    const { dependencies, overrides } = this.#packDependencies(["aedes", "mqtt"]);
    overrides["mqtt-packet"] = this.#npmPack(join(root, "packages", "mqtt-packet"));
    const manifest = { name: "project", version: "1.0.0", private: true, dependencies, overrides };
    writeFileSync(join(this.folder, "package.json"), JSON.stringify(manifest));
    this.npm("install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund");
  }

  /** Puts the whole package there as its own tarball has it, without what it depends on. */
  addBeeline(): void {
    const tarball = this.#npmPack(root).replace("file:", "");
    const target = join(this.folder, "node_modules", "beeline-mqtt");
    mkdirSync(target);
    must(
      spawnSync("tar", ["-xzf", join(this.folder, tarball), "-C", target, "--strip-components=1"], {
        encoding: "utf8",
      }),
    );
  }

  /** Runs Node in the project. */
  run(args: readonly string[], cwd = this.folder): SpawnSyncReturns<string> {
    const env = { ...process.env, NODE_OPTIONS: "", NODE_TEST_CONTEXT: undefined };
    return spawnSync(process.execPath, args, { cwd, env, encoding: "utf8", maxBuffer: 1 << 28 });
  }

  /** Runs npm in the project and returns what it prints. */
  npm(...args: readonly string[]): string {
    const { npm_execpath: cli = "" } = process.env;
    const [program, first] = cli.endsWith("npm-cli.js") ? [process.execPath, [cli]] : ["npm", []];
    const options = {
      cwd: this.folder,
      encoding: "utf8" as const,
      shell: program === "npm" && isWindows,
    };
    return must(spawnSync(program, [...first, ...args], options)).stdout;
  }

  /** Copies a file or folder of this repository into the project. */
  copy(from: string, to: string): void {
    cpSync(join(root, from), join(this.folder, to), { recursive: true });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #npmPack(folder: string): string {
    const target = join(this.folder, "packed");
    const args = ["pack", folder, "--ignore-scripts", "--json", "--pack-destination", target];
    const [{ filename }] = JSON.parse(this.npm(...args));
    return `file:packed/${filename}`;
  }

  /** Everything that the named packages depend on, packed as it lies in our `node_modules`. */
  #packDependencies(names: readonly string[]) {
    const dependencies: Record<string, string> = {};
    const overrides: Record<string, unknown> = {};
    for (const folder of closureOf(names)) {
      const { name, version } = manifestOf(folder);
      if (name === "mqtt-packet") continue;
      const file = `packed/${name.replaceAll(/[@/]/g, "-")}-${version}.tgz`;
      const args = ["-czf", join(this.folder, file), "--exclude=./node_modules"];
      must(
        spawnSync("tar", [...args, "--transform", "s,^\\.,package,", "-C", folder, "."], {
          encoding: "utf8",
        }),
      );
      if (folder === join(root, "node_modules", name)) dependencies[name] = `file:${file}`;
      else overrides[basename(dirname(dirname(folder)))] = { [name]: `file:${file}` };
    }
    return { dependencies, overrides };
  }
}

const isWindows = process.platform === "win32";
const PREPARE = `import { prepare } from "./scripts/prepare.mjs"; prepare({ devDependencies: true });`;

/** The folders of some packages and of all that these depend on, each once. */
function closureOf(names: readonly string[]): Set<string> {
  const folders = new Set<string>();
  const visit = (folder: string) => {
    if (folders.has(folder)) return;
    folders.add(folder);
    const { dependencies = {} } = manifestOf(folder);
    for (const name of Object.keys(dependencies)) visit(folderOf(name, folder));
  };
  for (const name of names) visit(folderOf(name, root));
  return folders;
}

/** Where Node finds a package from a folder. */
function folderOf(name: string, from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, "node_modules", name);
    if (existsSync(join(found, "package.json"))) return found;
    if (folder === dirname(folder)) throw new Error(`${name} is not installed`);
  }
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

function must(result: SpawnSyncReturns<string>): SpawnSyncReturns<string> {
  if (result.status === 0) return result;
  throw new Error(`exit code ${result.status}: ${result.stderr}${result.stdout}`);
}
