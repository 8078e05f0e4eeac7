import { startsWithDollar } from "../topic/topic-name.js";

/** A Client as rules see it. */
export interface Names {
  readonly clientId: string;
  readonly username: string | undefined;
}

/** Which of a Client's names stands at a place. */
type Placeholder = keyof Names;
type Part = string | { readonly is: Placeholder };

/** How placeholders are written. */
export interface Spelling {
  /** Finds one; global. */
  readonly pattern: RegExp;
  readonly names: Readonly<Record<string, Placeholder>>;
}

/** `${clientId}` and `${username}`. */
export const OWN_SPELLING: Spelling = {
  pattern: /\$\{(?:clientId|username)\}/g,
  names: { "${clientId}": "clientId", "${username}": "username" },
};

/** Mosquitto's `%c` and `%u`. */
export const MOSQUITTO_SPELLING: Spelling = {
  pattern: /%[cu]/g,
  names: { "%c": "clientId", "%u": "username" },
};

/** A level with a placeholder in it. */
interface FilledLevel {
  /** Which level of the topic. */
  readonly index: number;
  readonly parts: readonly Part[];
}

/** A Topic Filter with places for the names of whoever asks. */
export class Template {
  /** The filter with `+` for each level that has a placeholder. */
  readonly filter: string;
  /** What stands before the first of those levels, its `/` included. */
  readonly prefix: string;
  readonly #levels: readonly string[];
  readonly #filled: readonly FilledLevel[];

  private constructor(levels: readonly string[], filled: readonly FilledLevel[]) {
    this.#levels = levels;
    this.#filled = filled;
    this.filter = levels.join("/");
    const first = filled[0]?.index ?? 0;
    this.prefix = levels
      .slice(0, first)
      .map((level) => `${level}/`)
      .join("");
  }

  /** The template of a text; `undefined` when it has no placeholder, and is a filter as it is. */
  static of(text: string, spelling: Spelling): Template | undefined {
    const levels: string[] = [];
    const filled: FilledLevel[] = [];
    for (const [index, level] of text.split("/").entries()) {
      const parts = partsOf(level, spelling);
      if (parts.every((part) => typeof part === "string")) {
        levels.push(level);
      } else {
        levels.push("+");
        filled.push({ index, parts });
      }
    }
    return filled.length === 0 ? undefined : new Template(levels, filled);
  }

  /** Whether a Client that has no user name has no place here at all. */
  isMissingFor({ username }: Names): boolean {
    if (username !== undefined) return false;
    return this.#filled.some(({ parts }) =>
      parts.some((part) => typeof part !== "string" && part.is === "username"),
    );
  }

  /** The Topic Filter for a Client; `undefined` when its names can stand in no topic. O(length). */
  filledFor(names: Names): string | undefined {
    const levels = [...this.#levels];
    for (const { index, parts } of this.#filled) {
      const level = levelFor(index, parts, names);
      if (level === undefined) return undefined;
      levels[index] = level;
    }
    return levels.join("/");
  }

  /** Whether a Topic Name that {@link filter} matches has the names of a Client in its places. */
  fits(topicName: string, names: Names): boolean {
    let index = 0;
    let at = 0;
    for (const place of this.#filled) {
      for (; index < place.index; index += 1) at = topicName.indexOf("/", at) + 1;
      const level = levelFor(place.index, place.parts, names);
      if (level === undefined || !isLevelAt(topicName, at, level)) return false;
    }
    return true;
  }
}

function isLevelAt(topicName: string, at: number, level: string): boolean {
  if (!topicName.startsWith(level, at)) return false;
  const end = at + level.length;
  return end === topicName.length || topicName[end] === "/";
}

/** What a level is for a Client; `undefined` when that would be another place than the one meant. [H02] */
function levelFor(index: number, parts: readonly Part[], names: Names): string | undefined {
  let level = "";
  for (const part of parts) {
    const text = typeof part === "string" ? part : names[part.is];
    if (text === undefined || text === "") return undefined;
    if (typeof part !== "string" && NO_LEVEL.test(text)) return undefined;
    level += text;
  }
  // Nobody becomes the owner of `$SYS`, or of the inboxes below `{parent}/p2p`, by his name.
  if (index === 0 && startsWithDollar(level) && typeof parts[0] !== "string") return undefined;
  return index === 1 && level === "p2p" ? undefined : level;
}

/** What a name may not hold: it would be several levels, or all of them. */
const NO_LEVEL = /[/+#\0]/;

function partsOf(level: string, { pattern, names }: Spelling): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const match of level.matchAll(pattern)) {
    if (match.index > from) parts.push(level.slice(from, match.index));
    parts.push({ is: names[match[0]] as Placeholder }); // the pattern finds these only
    from = match.index + match[0].length;
  }
  if (from < level.length || parts.length === 0) parts.push(level.slice(from));
  return parts;
}
