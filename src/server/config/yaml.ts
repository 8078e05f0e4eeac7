import {
  isAlias,
  isMap,
  isPair,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from "yaml";
import type { Path } from "./tree.js";

/** How often one value may stand for itself elsewhere (`&a`, `*a`): more is a trap for memory. */
const ALIASES_MAX = 100;

const ONE_DOCUMENT = "a second document begins here, behind ---; allowed: one";

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

/** Reads YAML 1.2, of which JSON is a part. Throws nothing. */
export function readYaml(text: string): YamlText {
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
  const errors = [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
    at: at(pos[0]),
    sentence: code === "MULTIPLE_DOCS" ? ONE_DOCUMENT : message,
  }));
  visit(document, {
    Alias: (_, node) => {
      if (node.resolve(document) !== undefined) return;
      errors.push({
        at: at(startOf(node) ?? 0),
        sentence: `there is no &${node.source} before *${node.source}`,
      });
    },
  });
  let value: unknown;
  if (errors.length === 0) {
    try {
      value = document.toJS({ maxAliasCount: ALIASES_MAX });
    } catch (error) {
      errors.push({ at: at(0), sentence: error instanceof Error ? error.message : String(error) });
    }
  }
  return {
    value,
    errors,
    placeOf: (path, what) => at(offsetOf(document.contents, path, what, (node) => resolved(node))),
  };

  function resolved(node: unknown): unknown {
    return isAlias(node) ? node.resolve(document) : node;
  }
}

function offsetOf(
  root: Node | null,
  path: Path,
  what: "key" | "value",
  resolved: (node: unknown) => unknown,
): number {
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
  if (isMap(node)) return node.items.find((pair) => String(pair.key) === String(key));
  if (isSeq(node)) return node.items[Number(key)] as Node | undefined; // a parsed sequence has nodes
  return undefined;
}

function startOf(node: unknown): number | undefined {
  const range = (node as Partial<Node> | null | undefined)?.range;
  return range?.[0];
}
