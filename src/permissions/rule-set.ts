import { AddressRange } from "./address-range.js";
import { ADDRESS_BITS, type NormalRule, type Whom } from "./normal-rule.js";
import { Entry, Section } from "./section.js";
import { type Names, type Spelling, Template } from "./template.js";

/** Who asks, as far as rules look at it. */
export interface Subject extends Names {
  /** Like `127.0.0.1:50412`; `""` when nobody knows. */
  readonly remoteAddress: string;
  /** One that was found valid. */
  readonly certificate?: CertificateNames | undefined;
}

/** What rules look at in a certificate; Node's `PeerCertificate` is one. */
export interface CertificateNames {
  readonly subject: { readonly CN?: string | readonly string[] };
  readonly fingerprint256: string;
}

/** Where rules differ besides what they say. */
export interface Manners {
  readonly spelling: Spelling;
  /**
   * Mosquitto's: sending to a Client needs the right to publish on the whole topic [P18],
   * subscribing needs none, and whoever has `+` or `#` in a name has no rights by patterns.
   */
  readonly asMosquitto: boolean;
}

/**
 * Rules, ready to be asked. It never changes, and all Clients share it: each finds its sections by
 * who it is, and each section finds its rules in a trie.
 */
export class RuleSet {
  readonly asMosquitto: boolean;
  /** By kind and name. */
  readonly #sections = new Map<string, Sections>();
  readonly #ranges: { readonly range: AddressRange; readonly sections: Sections }[] = [];
  /** Names of its groups by user. */
  readonly #groupsOf: ReadonlyMap<string, readonly string[]>;

  /**
   * @param rules - In order, checked.
   * @param groupsOf - Names of groups by user.
   * @param firstOrder - Of the first rule; lower ones come before those of another set.
   */
  constructor(
    rules: readonly NormalRule[],
    groupsOf: ReadonlyMap<string, readonly string[]>,
    { spelling, asMosquitto }: Manners,
    firstOrder = 0,
  ) {
    this.asMosquitto = asMosquitto;
    this.#groupsOf = groupsOf;
    for (const [index, rule] of rules.entries()) {
      for (const filter of rule.filters) {
        const template = rule.isLiteral ? undefined : Template.of(filter, spelling);
        const { allows, verbs } = rule;
        const entry = new Entry(
          firstOrder + index,
          allows,
          verbs,
          template?.filter ?? filter,
          template,
        );
        for (const whom of rule.whom) this.#sectionsFor(whom).add(entry);
      }
    }
  }

  /** The sections that are about a Client. O(address ranges). */
  sectionsOf({ clientId, username, remoteAddress, certificate }: Subject): Sections[] {
    const keys = this.#isNamedBadly(clientId, username) ? [] : ["any:"];
    if (username === undefined) keys.push("anonymous:");
    else {
      keys.push(`user:${username}`);
      for (const group of this.#groupsOf.get(username) ?? []) keys.push(`group:${group}`);
    }
    keys.push(`clientId:${clientId}`);
    if (certificate !== undefined) keys.push(...certificateKeys(certificate));
    const sections = keys.flatMap((key) => this.#sections.get(key) ?? []);
    for (const { range, sections: inRange } of this.#ranges) {
      if (range.holds(remoteAddress)) sections.push(inRange);
    }
    return sections;
  }

  /** In Mosquitto's files `any` are the patterns. */
  #isNamedBadly(clientId: string, username: string | undefined): boolean {
    return this.asMosquitto && /[+#]/.test(clientId + (username ?? ""));
  }

  #sectionsFor({ kind, name }: Whom): Sections {
    const key = `${kind}:${kind === "certificate" ? certificateName(name) : name}`;
    let sections = this.#sections.get(key);
    if (sections !== undefined) return sections;
    sections = new Sections();
    this.#sections.set(key, sections);
    const range = kind === "address" ? AddressRange.of(name) : undefined;
    if (range !== undefined) this.#ranges.push({ range, sections });
    return sections;
  }
}

/** The rules about the same Clients: those about topics, and those about sending to one Client. */
export class Sections {
  readonly topics = new Section();
  readonly addresses = new Section();

  add(entry: Entry): void {
    // Never both: a rule names a topic, or a parent and a receiver.
    if ((entry.verbs & ADDRESS_BITS) === 0) this.topics.add(entry);
    else this.addresses.add(entry);
  }
}

/** Only a name that stands there alone, whole, is one. [H14] */
function certificateKeys({ subject, fingerprint256 }: CertificateNames): string[] {
  const keys = [`certificate:${certificateName(fingerprint256)}`];
  const name = subject.CN;
  if (typeof name === "string" && name !== "" && !FINGERPRINT.test(name)) {
    keys.push(`certificate:${name}`);
  }
  return keys;
}

/** Fingerprints are compared in capitals. */
function certificateName(name: string): string {
  return FINGERPRINT.test(name) ? name.toUpperCase() : name;
}

const FINGERPRINT = /^(?:[0-9a-f]{2}:){31}[0-9a-f]{2}$/i;
