import { covers, overlap } from "../topic/matches.js";
import { type Subscription, SubscriptionTrie } from "../topic/subscription-trie.js";
import type { Names, Template } from "./template.js";

/** One rule for one Topic Filter: what a {@link Section} finds. */
export class Entry {
  /** Where its rule stands: of those that fit the lowest decides. */
  readonly order: number;
  readonly allows: boolean;
  /** Some of `VerbBit`. */
  readonly verbs: number;
  /** For levels with placeholders `+`: {@link template} says more. */
  readonly filter: string;
  readonly template: Template | undefined;

  constructor(
    order: number,
    allows: boolean,
    verbs: number,
    filter: string,
    template: Template | undefined,
  ) {
    this.order = order;
    this.allows = allows;
    this.verbs = verbs;
    this.filter = filter;
    this.template = template;
  }
}

/** A no that stands for a deny rule in which a Client's names have no place. [H02] */
export interface BroadDenial {
  readonly order: number;
  readonly verbs: number;
  /** What is denied: everything from the first of these places on; `undefined`: every topic. */
  readonly filter: string | undefined;
}

/** How the rules decide about a Topic Filter: the lowest `order` of each kind that is concerned. */
export interface Standing {
  /** The first rule that covers the filter, and whether it allows. */
  coverOrder: number;
  coverAllows: boolean;
  /** The first rules that allow and deny a part of it at least. */
  allowOrder: number;
  denyOrder: number;
}

const found: Subscription<Entry>[] = [];

/** The rules that are about the same Clients, found by Topic Name. */
export class Section {
  readonly #trie = new SubscriptionTrie<Entry>();
  readonly #entries: Entry[] = [];

  add(entry: Entry): void {
    this.#entries.push(entry);
    this.#trie.add(entry.filter, entry, 0);
  }

  /**
   * The first rule about a Topic Name that is before `best`, else `best`. One walk through the trie,
   * however many rules there are.
   *
   * @param verb - One of `VerbBit`.
   */
  first(verb: number, topicName: string, names: Names, best: Entry | undefined): Entry | undefined {
    let first = best;
    this.#trie.match(topicName, found);
    for (let at = 0; at < found.length; at += 1) {
      const entry = (found[at] as Subscription<Entry>).subscriber; // at < length
      if ((entry.verbs & verb) === 0 || (first !== undefined && entry.order >= first.order))
        continue;
      if (entry.template?.fits(topicName, names) !== false) first = entry;
    }
    found.length = 0;
    return first;
  }

  /** Takes its rules about a part of a Topic Filter into account. O(rules of the section). */
  stand(verb: number, topicFilter: string, names: Names, standing: Standing): void {
    for (const entry of this.#entries) {
      if ((entry.verbs & verb) === 0) continue;
      const { template } = entry;
      const filter = template === undefined ? entry.filter : template.filledFor(names);
      if (filter === undefined || !overlap(filter, topicFilter)) continue;
      standFor(standing, entry.order, entry.allows, covers(filter, topicFilter));
    }
  }

  /** Its deny rules with a place for a name that this Client's cannot take. */
  broadDenials(names: Names): BroadDenial[] {
    const denials: BroadDenial[] = [];
    for (const { allows, template, order, verbs } of this.#entries) {
      if (allows || template === undefined || template.isMissingFor(names)) continue;
      if (template.filledFor(names) === undefined) {
        const { prefix } = template;
        denials.push({ order, verbs, filter: prefix === "" ? undefined : `${prefix}#` });
      }
    }
    return denials;
  }
}

/** Enters what one rule says. */
export function standFor(
  standing: Standing,
  order: number,
  allows: boolean,
  isCover: boolean,
): void {
  if (isCover && order < standing.coverOrder) {
    standing.coverOrder = order;
    standing.coverAllows = allows;
  }
  if (allows) standing.allowOrder = Math.min(standing.allowOrder, order);
  else standing.denyOrder = Math.min(standing.denyOrder, order);
}
