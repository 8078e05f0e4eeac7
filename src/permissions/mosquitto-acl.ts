import { isValidTopicFilter } from "../topic/topic-filter.js";
import { type NormalRule, VerbBit, type Whom } from "./normal-rule.js";
import type { Problem } from "./problem.js";
import { RulesError } from "./problem.js";
import { RuleSet } from "./rule-set.js";
import { MOSQUITTO_SPELLING } from "./template.js";

const READ = VerbBit.receive;
const WRITE = VerbBit.publish | VerbBit.retain;

/** What a line may grant; `deny` denies both. */
const ACCESSES: ReadonlyMap<string, number> = new Map([
  ["read", READ],
  ["write", WRITE],
  ["readwrite", READ | WRITE],
]);

/** Of whom the lines before the first `user` are. */
const ANONYMOUS: Whom = { kind: "anonymous", name: "" };
const EVERYBODY: Whom = { kind: "any", name: "" };

/** Lines about the same Clients; what they deny comes first, wherever it stands. */
interface Lists {
  readonly denies: NormalRule[];
  readonly allows: NormalRule[];
}

/**
 * Reads a file of Mosquitto's `acl_file` as Mosquitto does: lines `topic`, `user` and `pattern`, in
 * version 2.0. What differs is stricter: `%c` and `%u` take no name that holds `/`, is empty, or would
 * make the pattern one of a `$` topic or of an inbox.
 *
 * @param file - How messages name it.
 * @throws RulesError with every line that is wrong.
 */
export function mosquittoRules(text: string, file: string): RuleSet {
  const reader = new Reader();
  const problems: Problem[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const message = reader.read(line.trimEnd());
    if (message !== undefined) problems.push({ path: [index + 1], message });
  }
  if (problems.length > 0) {
    const lines = problems.map(({ path, message }) => `${file}:${path[0]}: ${message}`);
    throw new RulesError(lines.join("\n"), problems);
  }
  return new RuleSet(reader.rules(), new Map(), {
    spelling: MOSQUITTO_SPELLING,
    asMosquitto: true,
  });
}

class Reader {
  readonly #patterns: Lists = { denies: [], allows: [] };
  /** By user; `undefined`: those without a user name. */
  readonly #users = new Map<string | undefined, Lists>();
  #user: string | undefined;

  /** @returns what is wrong with the line. */
  read(line: string): string | undefined {
    if (line.startsWith("#")) return undefined; // a # further on does not begin a comment
    const [word, rest] = cutOff(line);
    if (word === "") return undefined;
    if (word === "user") return this.#readUser(rest.trim());
    if (word === "topic" || word === "pattern") return this.#readTopic(word, rest);
    return `"${word}" begins no line of an acl_file; allowed: topic, pattern, user, or # for a comment`;
  }

  /** All rules in the order in which they decide: of a user first, patterns last. */
  rules(): NormalRule[] {
    return [...this.#users.values(), this.#patterns].flatMap(({ denies, allows }) => [
      ...denies,
      ...allows,
    ]);
  }

  #readUser(name: string): string | undefined {
    if (name === "") return "the name of the user is missing behind user";
    this.#user = name;
    return undefined;
  }

  #readTopic(word: "topic" | "pattern", text: string): string | undefined {
    const [first, rest] = cutOff(text);
    if (first === "") return `the topic is missing behind ${word}`;
    const topic = rest === "" ? first : rest.trim();
    const access = rest === "" ? "readwrite" : first;
    const granted = ACCESSES.get(access);
    if (granted === undefined && access !== "deny") {
      return `"${access}" is no access; allowed: read, write, readwrite, deny`;
    }
    if (!isValidTopicFilter(topic)) return `"${topic}" is no Topic Filter`;
    const isPattern = word === "pattern";
    const allows = granted !== undefined;
    const rule: NormalRule = {
      allows,
      whom: [isPattern ? EVERYBODY : this.#whom()],
      verbs: granted ?? READ | WRITE,
      filters: [topic],
      isLiteral: !isPattern, // %c means itself in a topic line
    };
    const lists = isPattern ? this.#patterns : this.#listsOfUser();
    (allows ? lists.allows : lists.denies).push(rule);
    return undefined;
  }

  #whom(): Whom {
    return this.#user === undefined ? ANONYMOUS : { kind: "user", name: this.#user };
  }

  #listsOfUser(): Lists {
    let lists = this.#users.get(this.#user);
    if (lists === undefined) {
      lists = { denies: [], allows: [] };
      this.#users.set(this.#user, lists);
    }
    return lists;
  }
}

/** The first word, and what stands behind the blank after it. */
function cutOff(text: string): [word: string, rest: string] {
  const from = text.search(/[^ ]/);
  if (from === -1) return ["", ""];
  const end = text.indexOf(" ", from);
  return end === -1 ? [text.slice(from), ""] : [text.slice(from, end), text.slice(end + 1)];
}
