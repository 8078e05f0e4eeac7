/** A mistake in a YAML text, as the library that reads it reports it. */
export interface YamlMistake {
  readonly code: string;
  readonly message: string;
  /** Where it begins in the text. */
  readonly pos: readonly [number, number];
}

const SHOWN_CHARS = 40;
const COLON = "a key has a colon and a space behind it, as in port: 1883";
const SPECIAL = "a text that begins with * & or ! must be in quotes";

/** What is wrong, by the code of the library, in words that say what to write instead. */
const WORDS: Readonly<Record<string, string>> = {
  ALIAS_PROPS: SPECIAL,
  BAD_ALIAS: SPECIAL,
  BAD_DIRECTIVE: "a line that begins with % is no option: a text that begins so must be in quotes",
  BAD_INDENT: "this line begins in another column than its neighbours: indent them alike",
  BAD_PROP_ORDER: SPECIAL,
  BLOCK_AS_IMPLICIT_KEY:
    "a value stands where a key begins: keys that belong to another one stand on lines of their own, indented further; a text with a colon and a space stands in quotes",
  BLOCK_IN_FLOW: "inside { } and [ ] everything stands between commas, without lists of lines",
  KEY_OVER_1024_CHARS: "a key has 1,024 characters at most",
  MULTILINE_IMPLICIT_KEY: `this is no key: ${COLON}`,
  MULTIPLE_ANCHORS: SPECIAL,
  MULTIPLE_DOCS: "a second document begins here, behind ---; allowed: one",
  MULTIPLE_TAGS: SPECIAL,
  NON_STRING_KEY: "a key must be a text",
  RESOURCE_EXHAUSTION: "this is nested too deeply",
  TAB_AS_INDENT: "a tab stands before this: indent with spaces",
};

/** A mistake in words for whoever wrote the text. */
export function yamlWords(mistake: YamlMistake, text: string): string {
  const { code, message, pos } = mistake;
  const word = wordAt(text, pos[0]);
  const open = /^Flow (map|sequence)/.exec(message)?.[1]; // one code for this and for columns
  if (open !== undefined) return neverClosed(open === "map" ? "{" : "[");
  switch (code) {
    case "BAD_DQ_ESCAPE":
      return `\\${text[pos[0] + 1] ?? ""} means nothing between double quotes: write \\\\ for a backslash, or use single quotes`;
    case "BAD_SCALAR_START":
      return `a text that begins with ${text[pos[0]] ?? ""} must be in quotes`;
    case "DUPLICATE_KEY":
      return `the key ${word} is there for the second time; allowed: once`;
    case "MISSING_CHAR":
      return missingChar(message, word);
    case "TAG_RESOLVE_FAILED":
      return `${word} cannot be read: a text that begins with ! must be in quotes`;
    case "UNEXPECTED_TOKEN":
      return `${word} cannot stand here: what is before it has ended; a text with special characters must be in quotes`;
    default:
      return WORDS[code] ?? `${word} cannot stand here`;
  }
}

function neverClosed(bracket: "{" | "["): string {
  const pair = bracket === "{" ? "}" : "]";
  const comment = "what stands behind a space and # does not count"; // `topic: #}`
  return `the ${bracket} before this has no ${pair} at its end (${comment})`;
}

function missingChar(message: string, word: string): string {
  const quote = /quote$/.test(message) ? message.at(-6) : undefined; // `Missing closing "quote`
  if (quote !== undefined) return `a text that begins with ${quote} has no ${quote} at its end`;
  if (/^Implicit map keys/.test(message)) return `${word} is no key: ${COLON}`;
  if (/^Missing space after :/.test(message)) return COLON;
  if (/^Missing ,/.test(message)) return `there is no comma before ${word}`;
  if (/^Sequence item/.test(message)) return `there is no - before ${word}, which is in a list`;
  if (/^Comments/.test(message)) return "there is no space before #";
  return `something is missing before ${word}`;
}

/** What stands at a place, up to the next space or sign. */
function wordAt(text: string, offset: number): string {
  const found = /^(?:"[^"\n]*"|'[^'\n]*'|[^\s:,{}[\]]+|\S)/.exec(text.slice(offset, offset + 200));
  const word = found?.[0] ?? "the end of the line";
  return word.length > SHOWN_CHARS ? `${word.slice(0, SHOWN_CHARS)}…` : word;
}
