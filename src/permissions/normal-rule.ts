import type { Verb } from "./rule.js";

/** Each {@link Verb} as one bit. */
export const VerbBit = {
  publish: 1,
  retain: 2,
  subscribe: 4,
  receive: 8,
  sendTo: 16,
  receipt: 32,
} as const satisfies Record<Verb, number>;

export const VERBS = Object.freeze(Object.keys(VerbBit)) as readonly Verb[]; // its keys

/** Those about `{parent}/p2p/{clientId}`. */
export const ADDRESS_BITS = VerbBit.sendTo | VerbBit.receipt;

/** How a rule names Clients. `anonymous` comes from Mosquitto's files only. */
export type WhoKind =
  | "any"
  | "anonymous"
  | "user"
  | "group"
  | "clientId"
  | "address"
  | "certificate";

/** Whom a rule is about, by one name. */
export interface Whom {
  readonly kind: WhoKind;
  /** `""` for `any` and `anonymous`. */
  readonly name: string;
}

/** A rule that was checked: every list spelt out. */
export interface NormalRule {
  readonly allows: boolean;
  readonly whom: readonly Whom[];
  /** Some of {@link VerbBit}. */
  readonly verbs: number;
  /** Topic Filters with placeholders; `{parent}/{to}` where the verbs are {@link ADDRESS_BITS}. */
  readonly filters: readonly string[];
  /** What looks like a placeholder stands for itself. */
  readonly isLiteral?: boolean;
}
