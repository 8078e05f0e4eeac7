import { covers, overlap } from "../topic/matches.js";
import { VerbBit } from "./normal-rule.js";
import type { RuleSet, Sections, Subject } from "./rule-set.js";
import { type BroadDenial, type Entry, type Standing, standFor } from "./section.js";

type Tree = keyof Sections & ("topics" | "addresses");

/** How far rules let a Client reach into a Topic Filter. */
type Reach = "all" | "some" | "none";

/** Where a Client's rights come from; the rules of all Clients may be exchanged. */
export interface RuleSource {
  readonly current: RuleSet | undefined;
}

/**
 * What one Client may do. It follows its source: when the rules are exchanged, the next answer is
 * by the new ones.
 */
export class ClientRights {
  readonly #source: RuleSource;
  readonly #subject: Subject;
  /** The Client's own rules, which come before those of the source. */
  #own: RuleSet | undefined;
  /** What `#sections` were found for. */
  #ruleSet: RuleSet | undefined;
  #isFresh = false;
  #sections: Sections[] = [];
  readonly #broad: Record<Tree, BroadDenial[]> = { topics: [], addresses: [] };
  /** The last question about publishing: most Clients write one topic again and again. */
  #askedTopic = "";
  #askedBits = 0;
  #answer = false;

  constructor(source: RuleSource, subject: Subject, own: RuleSet | undefined) {
    this.#source = source;
    this.#subject = subject;
    this.#own = own;
  }

  /** Exchanges the rules that this Client has for itself. */
  replaceOwn(own: RuleSet | undefined): void {
    this.#own = own;
    this.#isFresh = false;
  }

  mayPublish(topicName: string, retain: boolean): boolean {
    const bits = retain ? VerbBit.publish | VerbBit.retain : VerbBit.publish;
    this.#refresh();
    if (topicName === this.#askedTopic && bits === this.#askedBits) return this.#answer;
    this.#answer =
      this.#allows(VerbBit.publish, "topics", topicName) &&
      (!retain || this.#allows(VerbBit.retain, "topics", topicName));
    this.#askedTopic = topicName;
    this.#askedBits = bits;
    return this.#answer;
  }

  maySendTo(to: string, parent: string, topicName: string): boolean {
    this.#refresh();
    const first = this.#first(VerbBit.sendTo, "addresses", `${parent}/${to}`);
    if (first !== undefined) return first.allows;
    return this.#asMosquitto && this.#allows(VerbBit.publish, "topics", topicName); // [P18]
  }

  mayHaveReceipt(to: string, parent: string, topicName: string): boolean {
    this.#refresh();
    const first = this.#first(VerbBit.receipt, "addresses", `${parent}/${to}`);
    if (first !== undefined) return first.allows;
    return this.#asMosquitto && this.#allows(VerbBit.receive, "topics", topicName); // [P20]
  }

  mayReceive(topicName: string): boolean {
    this.#refresh();
    if (!this.#allows(VerbBit.receive, "topics", topicName)) return false;
    const first = this.#first(VerbBit.subscribe, "topics", topicName);
    return first === undefined ? this.#asMosquitto : first.allows;
  }

  /** O(rules about this Client). */
  reachOf(topicFilter: string): Reach {
    this.#refresh();
    const receiving = this.#reachOf(VerbBit.receive, topicFilter, false);
    const subscribing = this.#reachOf(VerbBit.subscribe, topicFilter, this.#asMosquitto);
    if (subscribing === "none") return "none";
    // Mosquitto grants every filter, and then looks at each message.
    if (receiving === "none") return this.#asMosquitto ? "some" : "none";
    return receiving === "all" && subscribing === "all" ? "all" : "some";
  }

  get #asMosquitto(): boolean {
    return this.#ruleSet?.asMosquitto === true;
  }

  #refresh(): void {
    const { current } = this.#source;
    if (this.#isFresh && this.#ruleSet === current) return;
    this.#ruleSet = current;
    this.#isFresh = true;
    this.#askedBits = 0;
    const sets = [this.#own, current];
    this.#sections = sets.flatMap((set) => set?.sectionsOf(this.#subject) ?? []);
    for (const tree of ["topics", "addresses"] as const) {
      this.#broad[tree] = this.#sections.flatMap((one) => one[tree].broadDenials(this.#subject));
    }
  }

  #allows(verb: number, tree: Tree, topicName: string): boolean {
    return this.#first(verb, tree, topicName)?.allows === true;
  }

  /** What decides: the first rule that fits. */
  #first(verb: number, tree: Tree, topicName: string): Pick<Entry, "order" | "allows"> | undefined {
    let first: Entry | undefined;
    for (const sections of this.#sections) {
      first = sections[tree].first(verb, topicName, this.#subject, first);
    }
    for (const { order, verbs, filter } of this.#broad[tree]) {
      if ((verbs & verb) === 0 || (first !== undefined && first.order < order)) continue;
      if (filter === undefined || covers(filter, topicName)) return { order, allows: false };
    }
    return first;
  }

  /** @param rest - What holds where no rule says anything. */
  #reachOf(verb: number, topicFilter: string, rest: boolean): Reach {
    const standing: Standing = {
      coverOrder: Number.POSITIVE_INFINITY,
      coverAllows: rest,
      allowOrder: Number.POSITIVE_INFINITY,
      denyOrder: Number.POSITIVE_INFINITY,
    };
    for (const { topics } of this.#sections) {
      topics.stand(verb, topicFilter, this.#subject, standing);
    }
    for (const { order, verbs, filter } of this.#broad.topics) {
      if ((verbs & verb) === 0) continue;
      if (filter === undefined) standFor(standing, order, false, true);
      else if (overlap(filter, topicFilter)) {
        standFor(standing, order, false, covers(filter, topicFilter));
      }
    }
    return reachFrom(standing);
  }
}

/** What stands behind the first rule that covers the whole filter decides nothing. */
function reachFrom({ coverOrder, coverAllows, allowOrder, denyOrder }: Standing): Reach {
  if (coverAllows) return denyOrder < coverOrder ? "some" : "all";
  return allowOrder < coverOrder ? "some" : "none";
}
