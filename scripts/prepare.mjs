/**
 * Makes a clone ready to run: installs the dependencies and builds `dist`, each only when it is
 * needed. `npm start`, `npm test` and `npm run build` share it, so that a fresh clone needs no
 * other command and a second start costs a few milliseconds.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of package.json, without a trailing slash. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const NODE_MAJOR_MIN = 20;
const dist = join(root, "dist");
const stampFile = join(dist, ".built-from");

/** Compiles what a configuration names. */
const COMPILER = ["scripts/compile.mjs", "scripts/constants.mjs"];
/** Makes the files for `require` of what that has built: these, relative to `dist`. */
const BUNDLER = "scripts/bundle-compat.mjs";
const BUNDLES = ["dist/compat/mqtt-packet.cjs", "packages/mqtt-packet/index.cjs"];
/** Makes the console out of its sources, which are a browser's: the compiler leaves them alone. */
const CONSOLE_BUNDLER = "scripts/bundle-console.mjs";
const CONSOLE = "src/console";
const CONSOLE_BUNDLES = ["console.js", "style.css", "index.html", "licences.txt"].map(
  (file) => `dist/console/${file}`,
);

/**
 * What is compiled, in this order: the packages that stand by themselves, then this one, which
 * imports those. Each is a folder with a `src` that becomes a `dist`.
 */
const PROJECTS = [
  ...packagesWithConfig().map((folder) => ({ folder, config: `${folder}/tsconfig.json` })),
  { folder: "", config: "tsconfig.build.json" },
];

/**
 * Installs and builds what is missing or stale. Says what it does on stderr, one line a step, and
 * ends the process with a sentence and exit code 1 when a step fails.
 *
 * @param wants.devDependencies - Whether the caller needs the tools too (tests and checks do). A
 *   fresh build runs without them: `npm ci --omit=dev` after a build is enough for `npm start`.
 */
export function prepare({ devDependencies }) {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < NODE_MAJOR_MIN) {
    fail(`this is Node ${process.versions.node}; Beeline needs Node ${NODE_MAJOR_MIN} or later`);
  }
  const fingerprint = fingerprintOfSources();
  const fresh = isBuilt(fingerprint);
  if (!isInstalled(devDependencies || !fresh)) install();
  if (!fresh) build(fingerprint);
}

/** Installs what is missing, tools included, and builds nothing. */
export function prepareTools() {
  if (!isInstalled(true)) install();
}

/** Builds `dist` whether or not it is stale. */
export function rebuild() {
  prepareTools();
  build(fingerprintOfSources());
}

/**
 * Runs a program of a development dependency with Node itself: no shell, and no search for it.
 *
 * @param bin - Its JavaScript file below `node_modules`.
 * @returns Its exit code; 128 + n after signal n, as a shell has it.
 */
export function runTool(bin, args, options = {}) {
  return run(process.execPath, [join(root, "node_modules", bin), ...args], options);
}

/** Runs a program in the folder of package.json, sharing this process's streams. */
export function run(program, args, options = {}) {
  const result = spawnSync(program, args, { cwd: root, stdio: "inherit", ...options });
  if (result.error) fail(`cannot run ${program}: ${result.error.message}`);
  if (result.signal) return result.signal === "SIGINT" ? 130 : 143;
  return result.status ?? 1;
}

/** Runs npm: the one that started this script, if one did. */
export function npm(args, options = {}) {
  const cli = process.env.npm_execpath;
  if (cli?.endsWith("npm-cli.js")) return run(process.execPath, [cli, ...args], options);
  return run("npm", args, { shell: process.platform === "win32", ...options });
}

/** Ends the process with a sentence on stderr. */
export function fail(sentence) {
  say(sentence);
  process.exit(1);
}

/** One line on stderr: stdout belongs to the program that is being prepared. */
export function say(line) {
  process.stderr.write(`beeline: ${line}\n`);
}

/**
 * Whether `node_modules` holds what package-lock.json asks for. npm writes what it installed to
 * `node_modules/.package-lock.json` as its last act, so an interrupted install does not count.
 * Comparing the contents, not the times, is right after a clone, a checkout or a copy as well.
 */
function isInstalled(devDependencies) {
  const wanted = readJson(join(root, "package-lock.json"))?.packages;
  const installed = readJson(join(root, "node_modules", ".package-lock.json"))?.packages;
  if (wanted === undefined) fail("package-lock.json is missing or no JSON: restore it from git");
  if (installed === undefined) return false;
  return Object.entries(wanted)
    .filter(([path, { dev }]) => isForeign(path) && (devDependencies || !dev))
    .every(([path, entry]) => isSame(entry, installed[path]));
}

/** The packages of this repository are not installed but linked: only their links must be there. */
function isForeign(path) {
  return path.split("/").includes("node_modules");
}

function isSame(wanted, found) {
  if (found === undefined) return Boolean(wanted.optional || wanted.devOptional); // not this platform's
  if (found.version !== wanted.version) return false;
  return wanted.integrity === undefined || found.integrity === wanted.integrity;
}

function install() {
  say("installing dependencies (npm ci) ...");
  const options = { stdio: ["ignore", 2, 2] };
  const args = ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  if (npm(args, options) !== 0) {
    fail("npm ci failed, see above. It needs the package registry (or a filled npm cache)");
  }
  if (!isInstalled(true))
    fail("npm ci ended well, but node_modules differs from package-lock.json");
}

function isBuilt(fingerprint) {
  if (!existsSync(stampFile) || readFileSync(stampFile, "utf8") !== fingerprint) return false;
  return [...outputs(), ...BUNDLES, ...CONSOLE_BUNDLES].every((file) =>
    existsSync(join(root, file)),
  );
}

/** Compiles every project, then takes away what the sources of earlier builds left behind. */
function build(fingerprint) {
  say("building (tsc) ...");
  const expected = outputs();
  rmSync(stampFile, { force: true });
  for (const { folder } of PROJECTS) {
    if (outputsOf(folder).every((file) => existsSync(join(root, file)))) continue;
    rmSync(join(root, folder, "dist", ".tsbuildinfo"), { force: true }); // else tsc believes its notes, not the disk
  }
  compile(...PROJECTS.map(({ config }) => config));
  removeOrphans(new Set(expected));
  for (const { folder } of PROJECTS.filter((one) => one.folder !== "")) {
    copyFileSync(join(root, "LICENSE"), join(root, folder, "LICENSE")); // each is a package to publish
  }
  bundle(BUNDLER, "the bundle for require()");
  bundle(CONSOLE_BUNDLER, "the bundle of the console");
  writeFileSync(stampFile, fingerprint);
}

function bundle(script, what) {
  if (run(process.execPath, [join(root, script)], { stdio: ["ignore", 2, 2] }) === 0) return;
  fail(`${what} failed, see above`);
}

/** Compiles what configurations name, by their paths from the folder of package.json. */
export function compile(...configs) {
  const options = { stdio: ["ignore", 2, 2] };
  if (run(process.execPath, [join(root, COMPILER[0]), ...configs], options) !== 0) {
    fail("the build failed, see above");
  }
}

function removeOrphans(expected) {
  const output = /\.(js|d\.ts)(\.map)?$/;
  for (const file of PROJECTS.flatMap(({ folder }) => pathsBelow(posix.join(folder, "dist")))) {
    if (CONSOLE_BUNDLES.includes(file)) continue;
    if (output.test(file) && !expected.has(file.replace(output, ".js"))) rmSync(join(root, file));
  }
}

/** The JavaScript files that a whole build has. */
function outputs() {
  return PROJECTS.flatMap(({ folder }) => outputsOf(folder));
}

function outputsOf(folder) {
  const from = posix.join(folder, "src/");
  return sourcesOf(folder).map((file) =>
    posix.join(folder, "dist", file.slice(from.length)).replace(/\.ts$/, ".js"),
  );
}

/** A hash of everything a build depends on. Contents, not times: a clone or checkout resets those. */
function fingerprintOfSources() {
  const hash = createHash("sha256").update(process.env.PLAIN_BUILD ?? "");
  const configs = readdirSync(root).filter((file) =>
    /^(tsconfig.*|package|package-lock)\.json$/.test(file),
  );
  const ofProjects = PROJECTS.flatMap(({ folder, config }) => [config, ...sourcesOf(folder)]);
  const ofBundles = [BUNDLER, CONSOLE_BUNDLER, ...pathsBelow(CONSOLE)];
  for (const file of [...configs.sort(), ...COMPILER, ...ofBundles, ...ofProjects]) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update("\0");
  }
  return hash.digest("hex");
}

/** What the compiler gets of a project. */
function sourcesOf(folder) {
  return pathsBelow(posix.join(folder, "src")).filter(
    (file) => file.endsWith(".ts") && !file.startsWith(`${CONSOLE}/`),
  );
}

/** The folders of `packages` that have something to compile. */
function packagesWithConfig() {
  return readdirSync(join(root, "packages"))
    .map((name) => `packages/${name}`)
    .filter((folder) => existsSync(join(root, folder, "tsconfig.json")))
    .sort();
}

/** Every file below a folder, which is named from the root, as they are. */
function pathsBelow(folder) {
  return filesBelow(join(root, folder)).map((file) => `${folder}/${file}`);
}

/** Every file below a folder, as sorted paths with forward slashes. */
export function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .map((file) => file.slice(folder.length + 1).replaceAll("\\", "/"))
    .sort();
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
