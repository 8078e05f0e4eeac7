import type { QoS } from "../../src/engine.js";
import type { Random } from "../codec-fuzz/random.js";
import { bytesOf } from "../support/harness.js";
import { type NewMessage, OWNER, type Sent } from "./ledger.js";
import type { Plan } from "./profiles.js";

/** Where a client publishes, by what it has in mind. */
const TOPICS = {
  plain: (from: string) => `t/${from}`,
  retained: (from: string) => `r/${from}`,
  shared: (from: string) => `s/${from}`,
  forbidden: (from: string) => `d/${from}`,
  /** Who may publish and receive there is changed all the time. */
  ruled: (from: string) => `u/${from}`,
  "point-to-point": (_from: string, to: string) => `p/p2p/${to}`,
} as const;
export type Kind = keyof typeof TOPICS;

/** What for, by a die of twenty. */
export function kindWish(drawn: number, { features, rulesEveryMs }: Plan): Kind {
  if (drawn < 9 && features.pointToPoint) return "point-to-point";
  if (drawn < 11 && features.retained) return "retained";
  if (drawn < 14 && features.shares) return "shared";
  if (drawn < 15 && features.denials) return "forbidden";
  return drawn < 17 && rulesEveryMs > 0 ? "ruled" : "plain";
}

const EACH_QOS: readonly QoS[] = [0, 1, 2];
/** Seldom 0: a member may lose that, and nothing can be said of its group. */
const SHARE_QOS: readonly QoS[] = [0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2];

/** What a client wants to be given, drawn by lot. */
export interface Wish {
  readonly topicFilter: string;
  /** The group that shares it, if any. */
  readonly group: string | undefined;
  readonly qos: QoS;
}

export function subscriptionWish(dice: Random, plan: Plan, others: readonly string[]): Wish {
  const { features, rulesEveryMs } = plan;
  const other = dice.pick(others);
  const isRuled = rulesEveryMs > 0;
  if (features.shares && dice.oneIn(3)) {
    const group = dice.pick(["g1", "g2"]);
    const shared = isRuled ? ["s/+", `u/${other}`, "u/+"] : ["s/+", `s/${other}`];
    return { topicFilter: dice.pick(shared), group, qos: dice.pick(SHARE_QOS) };
  }
  const filters = [`t/${other}`, `r/${other}`, `w/${other}`];
  if (features.wildcards) filters.push("t/+", "w/#", "r/+", "+/a");
  if (features.denials) filters.push(`d/${other}`, `+/${other}`);
  if (features.owner) filters.push(`t/${OWNER}`);
  if (isRuled) filters.push(`u/${other}`, "u/+", "u/#");
  return { topicFilter: dice.pick(filters), group: undefined, qos: dice.pick(EACH_QOS) };
}

/** A message that a client wants to send; `undefined`: none, at any QoS of this run. */
export function messageWish(
  dice: Random,
  plan: Plan,
  kind: Kind,
  from: string,
  others: readonly string[],
): NewMessage | undefined {
  const { features, options } = plan;
  const levels = EACH_QOS.filter((qos) => features[`qos${qos}`]);
  if (levels.length === 0) return undefined;
  const to = dice.oneIn(8) ? `nobody-${dice.below(100)}` : dice.pick(others);
  const isDenied = kind === "forbidden";
  // Who is hung up on for it would send it again, for ever.
  const isFatal = isDenied && options.deniedPublish === "hang-up";
  const isAsking = kind === "point-to-point" && features.receipts && dice.oneIn(2);
  return {
    from,
    topicName: TOPICS[kind](from, to),
    qos: isFatal ? 0 : dice.pick(levels),
    retain: kind === "retained" || (kind === "ruled" && dice.oneIn(3)),
    isDenied,
    isEmpty: kind === "retained" && features.clears && dice.oneIn(4),
    token: isAsking ? "asked" : "",
  };
}

/** The bytes of a message, of some length. */
export function payloadWish(dice: Random, { features, limits }: Plan, sent: Sent): Uint8Array {
  if (sent.isEmpty) return new Uint8Array(0);
  const { packetBytesMax = 65_536, publishBytesPerSecondMax = 0 } = limits;
  // At a thousand bytes a second, 64 KiB take longer than a run has to come to rest.
  const isHuge = features.huge && publishBytesPerSecondMax === 0 && dice.oneIn(8);
  const most = isHuge ? packetBytesMax - 500 : 900;
  return payloadOf(sent, features.large || features.huge ? dice.below(most) : 0);
}

/** `m7.` and as much more. */
export function payloadOf({ id }: Sent, padding = 0): Uint8Array {
  return bytesOf(`m${id}.${"x".repeat(padding)}`);
}
