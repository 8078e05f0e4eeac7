import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The layers that perform no I/O, read no clock, start no timer and roll no dice. */
const ENGINE_LAYERS = [
  "protocol",
  "topic",
  "codec",
  "session",
  "options",
  "permissions",
  "ports",
  "state",
  "sending",
  "handling",
  "viewing",
  "broker",
  "cluster",
];

/** Globals that would make the engine impure, were it ever compiled with their types. */
const IMPURE = new Set(
  `Date performance Buffer process console setTimeout setInterval setImmediate clearTimeout
  clearInterval clearImmediate queueMicrotask crypto fetch WebSocket Worker MessageChannel
  structuredClone globalThis global require eval Function Intl WeakRef FinalizationRegistry
  TextEncoder TextDecoder`.split(/\s+/),
);

/** The only file that may name the two platform classes that no language feature replaces. */
const MAY_NAME: Readonly<Record<string, readonly string[]>> = {
  "src/codec/text/utf8.ts": ["TextEncoder", "TextDecoder"],
};

/** Source files that need no test of their own name, and why. Keep it short. */
const WITHOUT_MIRROR: Readonly<Record<string, string>> = {
  "packages/bench/src/reconnect-storm.ts": "storm.test.ts raises both storms on a real broker",
  "packages/bench/src/retained-storm.ts": "storm.test.ts",
  "packages/bench/src/storm-of.ts": "storm.test.ts",
  "packages/bench/src/storm-report.ts": "storm.test.ts",
};

const LINES_MAX = 300;

/** The folders that have a `src` and its tests beside it: this package, and those that stand by themselves. */
const PACKAGES = ["", "packages/bench/", "packages/conformance/", "packages/rocketmq/"];

const sources = filesBelow("src").map(parse);
const allSources = PACKAGES.flatMap((folder) => filesBelow(`${folder}src`)).map(parse);
const engine = sources.filter(
  ({ fileName }) =>
    fileName === "src/engine.ts" || ENGINE_LAYERS.includes(fileName.split("/")[1] ?? ""),
);

describe("the engine is pure", () => {
  it("imports nothing but files of the engine", () => {
    const foreign = engine.flatMap((file) =>
      importsOf(file)
        .filter((specifier) => !isEngineFile(file.fileName, specifier))
        .map((specifier) => `${file.fileName} imports ${specifier}`),
    );
    expect(foreign).toEqual([]);
  });

  it("names no clock, timer, random number or part of the platform", () => {
    const impure = engine.flatMap((file) => {
      const allowed = MAY_NAME[file.fileName] ?? [];
      return impureNames(file)
        .filter(({ name }) => !allowed.includes(name))
        .map(({ name, line }) => `${file.fileName}:${line} names ${name}`);
    });
    expect(impure).toEqual([]);
  });
});

describe("a fresh clone", () => {
  it("can be installed from the lockfile on every platform", () => {
    // npm ci refuses a lockfile that leaves out another platform's optional package, and npm install
    // writes such a lockfile when the registry has no such package at that version.
    const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
      packages: Record<string, { version?: string; optionalDependencies?: Record<string, string> }>;
    };
    const absent = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies)
        .filter((name) => !foldersUp(path).some((folder) => packages[`${folder}${name}`]?.version))
        .map((name) => `${path} wants ${name}`),
    );
    expect(absent).toEqual([]);
  });
});

describe("the server", () => {
  it("[MQTT-7.0.0-1] dials nobody, so that no rule for Clients binds it", () => {
    const dialled = sources
      .filter(({ text }) =>
        /\b(createConnection|(net|tls|http|https)\.(connect|request|get))\(/.test(text),
      )
      .map(({ fileName }) => fileName);
    expect(dialled).toEqual([]);
  });
});

describe("a reader finds the one file to open", () => {
  it("has a test of the same name for each source file with behaviour", () => {
    const tests = PACKAGES.flatMap((folder) => filesBelow(`${folder}test`));
    const lonely = allSources
      .filter(({ fileName }) => !fileName.endsWith(".tsx")) // looked at in Chromium: test/console
      .filter((file) => !hasOnlyTypes(file) && !hasOnlyReExports(file))
      .map(({ fileName }) => fileName)
      .filter((fileName) => {
        const mirror = fileName.replace(/(?<=^|\/)src\//, "test/").replace(/ts$/, "");
        // What a package beside this one holds may be tested on this broker: `test/conformance`.
        const mirrors = [mirror, mirror.replace(/^packages\/([^/]+)\/test\//, "test/$1/")];
        return !tests.some(
          (test) => test.endsWith(".test.ts") && mirrors.some((one) => test.startsWith(one)),
        );
      });
    expect(lonely.filter((fileName) => !(fileName in WITHOUT_MIRROR))).toEqual([]);
    expect(Object.keys(WITHOUT_MIRROR).filter((fileName) => !lonely.includes(fileName))).toEqual(
      [],
    );
  });

  it(`keeps each source file under ${LINES_MAX} lines, or says at its top why not`, () => {
    const long = allSources
      .filter(({ text }) => text.split("\n").length > LINES_MAX)
      .filter(({ text }) => !/^\/\*\*(?:(?!\*\/)[\s\S])*300 lines/.test(text))
      .map(({ fileName }) => fileName);
    expect(long).toEqual([]);
  });

  it("leaves no note about work to be done", () => {
    const note = new RegExp(
      `\\b(${["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"].join("|")})\\b`,
    );
    const notes = [
      ...PACKAGES.flatMap((folder) => [`${folder}src`, `${folder}test`]),
      "bench",
      "scripts",
    ]
      .flatMap(filesBelow)
      .filter((file) => note.test(readFileSync(join(root, file), "utf8")));
    expect(notes).toEqual([]);
  });

  it("exports by name only", () => {
    const unnamed = allSources
      .filter((file) => file.statements.some(ts.isExportAssignment))
      .map(({ fileName }) => fileName);
    expect(unnamed).toEqual([]);
  });
});

/** Where Node looks for what a package imports: `a/node_modules/`, `node_modules/`. */
function foldersUp(path: string): string[] {
  const folders = [path === "" ? "node_modules/" : `${path}/node_modules/`];
  for (let at = path.length; at > 0; ) {
    at = path.lastIndexOf("node_modules/", at - 1);
    folders.push(path.slice(0, at + "node_modules/".length));
  }
  return folders;
}

/** Every TypeScript or script file below a folder, as sorted paths from the root. */
function filesBelow(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(tsx?|mjs)$/.test(file))
    .map((file) => `${folder}/${file.replaceAll("\\", "/")}`)
    .sort();
}

function parse(fileName: string): ts.SourceFile {
  const code = readFileSync(join(root, fileName), "utf8");
  return ts.createSourceFile(fileName, code, ts.ScriptTarget.ES2023, true);
}

/** What a file imports, re-exports or loads later: the specifiers. */
function importsOf(file: ts.SourceFile): string[] {
  const specifiers: string[] = [];
  walk(file, (node) => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      specifiers.push((node.moduleSpecifier as ts.StringLiteral).text); // the grammar allows no other
    } else if (ts.isImportTypeNode(node)) {
      specifiers.push(node.argument.getText());
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      specifiers.push(node.arguments[0]?.getText() ?? "");
    }
  });
  return specifiers;
}

function isEngineFile(importer: string, specifier: string): boolean {
  if (!/^\.\.?\/.*\.js$/.test(specifier)) return false;
  const target = resolve("/", dirname(importer), specifier).slice(1).replace(/js$/, "ts");
  return engine.some(({ fileName }) => fileName === target);
}

/** Uses of a forbidden global as a value or a type; a property of that name is something else. */
function impureNames(file: ts.SourceFile): { name: string; line: number }[] {
  const found: { name: string; line: number }[] = [];
  walk(file, (node) => {
    const name = impureName(node);
    if (name === undefined) return;
    found.push({ name, line: file.getLineAndCharacterOfPosition(node.getStart()).line + 1 });
  });
  return found;
}

function impureName(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node) && node.getText() === "Math.random") return "Math.random";
  if (ts.isMetaProperty(node)) return "import.meta";
  if (!ts.isIdentifier(node) || !IMPURE.has(node.text)) return undefined;
  const { parent } = node;
  const isPropertyName =
    "name" in parent && parent.name === node && !ts.isVariableDeclaration(parent);
  return isPropertyName ? undefined : node.text;
}

/** Whether nothing of a file is left once its types are stripped. */
function hasOnlyTypes(file: ts.SourceFile): boolean {
  return file.statements.every(
    (node) =>
      ts.isInterfaceDeclaration(node) ||
      ts.isTypeAliasDeclaration(node) ||
      (ts.isImportDeclaration(node) &&
        node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword) ||
      (ts.isExportDeclaration(node) && node.isTypeOnly),
  );
}

function hasOnlyReExports(file: ts.SourceFile): boolean {
  return file.statements.every(
    (node) => ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined,
  );
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
}
