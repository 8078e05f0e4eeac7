import { createRequire } from "node:module";
import type { Node, Pair } from "yaml";
import type { Path } from "./tree.js";
import { yamlWords } from "./yaml-words.js";

/** How often one value may stand for itself elsewhere (`&a`, `*a`): more is a trap for memory. */
const ALIASES_MAX = 100;

/** A place in a text, from 1 on. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A YAML or JSON text that was read, and where everything in it stands. */
export interface YamlText {
  readonly value: unknown;
  /** What is wrong with it as YAML: then `value` is of no use. */
  readonly errors: readonly { readonly at: Place; readonly sentence: string }[];
  /**
   * Where a value stands, or the key itself. What is not there stands where what it should be in
   * does.
   */
  placeOf(path: Path, what: "key" | "value"): Place;
}

/** Loaded when the first text is read: most servers have none. */
let loaded: typeof import("yaml") | undefined;
function library(): typeof import("yaml") {
  loaded ??= createRequire(import.meta.url)("yaml") as typeof import("yaml");
  return loaded;
}

/** Reads YAML 1.2, of which JSON is a part. Throws nothing. */
export function readYaml(text: string): YamlText {
  const { isAlias, LineCounter, parseDocument, visit } = library();
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
  });
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) }; // an empty text has no lines
  };
  const errors = [...document.errors, ...document.warnings].map((mistake) => ({
    at: at(mistake.pos[0]),
    sentence: yamlWords(mistake, text),
  }));
  visit(document, {
    Alias: (_, node) => {
      if (node.resolve(document) !== undefined || node.source === "") return;
      errors.push({
        at: at(startOf(node) ?? 0),
        sentence: `there is no &${node.source} before *${node.source}; a text that begins with * must be in quotes`,
      });
    },
  });
  let value: unknown;
  if (errors.length === 0) {
    try {
      value = document.toJS({ maxAliasCount: ALIASES_MAX });
    } catch (error) {
      errors.push({ at: at(0), sentence: tooMuch(error) });
    }
  }
  return {
    value,
    errors: firstOfEachLine(errors),
    placeOf: (path, what) => at(offsetOf(document.contents, path, what, (node) => resolved(node))),
  };

  function resolved(node: unknown): unknown {
    return isAlias(node) ? node.resolve(document) : node;
  }
}

/** What follows a mistake on its line is most often no mistake of its own. */
function firstOfEachLine<T extends { readonly at: Place }>(errors: readonly T[]): T[] {
  const seen = new Set<number>();
  return errors.filter(({ at: { line } }) => !seen.has(line) && seen.add(line));
}

function tooMuch(error: unknown): string {
  if (error instanceof ReferenceError)
    return `*aliases stand for too much; allowed: ${ALIASES_MAX} times the same value`;
  return error instanceof Error ? error.message : String(error);
}

function offsetOf(
  root: Node | null,
  path: Path,
  what: "key" | "value",
  resolved: (node: unknown) => unknown,
): number {
  const { isPair } = library();
  let offset = startOf(root) ?? 0;
  let node: unknown = root;
  for (const [index, key] of path.entries()) {
    const found = memberAt(resolved(node), key);
    if (found === undefined) break;
    const isLast = index === path.length - 1;
    const own = isPair(found) ? found.key : found;
    node = isPair(found) ? found.value : found;
    // A key without a value has no place for it.
    offset = (isLast && what === "key" ? startOf(own) : (startOf(node) ?? startOf(own))) ?? offset;
  }
  return offset;
}

function memberAt(node: unknown, key: PropertyKey): Pair | Node | undefined {
  const { isMap, isSeq } = library();
  if (isMap(node)) return node.items.find((pair) => String(pair.key) === String(key));
  if (isSeq(node)) return node.items[Number(key)] as Node | undefined; // a parsed sequence has nodes
  return undefined;
}

function startOf(node: unknown): number | undefined {
  const range = (node as Partial<Node> | null | undefined)?.range;
  return range?.[0];
}
