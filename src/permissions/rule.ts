/** What a rule can allow or deny. */
export type Verb = "publish" | "retain" | "subscribe" | "receive" | "sendTo" | "receipt";

/** One name, or several of which each will do. */
export type Names = string | readonly string[];

/**
 * Whom a rule is about: everybody, or whoever is one of the names.
 *
 * - `user`: the user name; a Client without one is nobody's user.
 * - `group`: a user of a group, see {@link RulesSource.groups}.
 * - `clientId`: the Client Identifier.
 * - `address`: where it comes from, `10.1.2.3` or `10.0.0.0/8`, IPv6 too.
 * - `certificate`: the common name of its certificate, or its SHA-256 fingerprint `3A:F0:...`.
 */
export type Who =
  | "any"
  | { readonly user: Names }
  | { readonly group: Names }
  | { readonly clientId: Names }
  | { readonly address: Names }
  | { readonly certificate: Names };

/** Whether a rule says yes or no, and to whom. */
type Effect =
  | { readonly allow: Who; readonly deny?: undefined }
  | { readonly deny: Who; readonly allow?: undefined };

/** Rules about topics. `${clientId}` and `${username}` in a topic stand for the Client's own. */
interface TopicRule {
  /**
   * - `publish`: to publish there. With RETAIN one needs `retain` as well.
   * - `retain`: to set, replace or delete the retained message there.
   * - `subscribe`: to subscribe, and to receive what is published there.
   * - `receive`: to receive what is published there, by whatever Subscription.
   */
  readonly do: VerbsOf<"publish" | "retain" | "subscribe" | "receive">;
  /** Topic Filters. As everywhere, `#` and `+` at the beginning match no topic that starts with `$`. */
  readonly topic: Names;
}

/** Rules about sending to one Client, `{parent}/p2p/{clientId}`; placeholders as in topics. */
interface AddressRule {
  /**
   * - `sendTo`: to send to that Client.
   * - `receipt`: to be told what became of what was sent.
   */
  readonly do: VerbsOf<"sendTo" | "receipt">;
  /** First levels of the topic; `+` is any. */
  readonly parent: Names;
  /** Client Identifiers; `+` is any. */
  readonly to: Names;
}

type VerbsOf<V extends Verb> = V | readonly V[];

/**
 * One rule. Rules stand in order: the first that fits what a Client is about to do decides, and what
 * none fits is denied.
 */
export type Rule = Effect & (TopicRule | AddressRule);

/** What rules are read from: a file, or an object like it. */
export interface RulesSource {
  /** Names of users by the name of their group. */
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  readonly rules: readonly Rule[];
}
