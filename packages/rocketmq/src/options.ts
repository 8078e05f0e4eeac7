import type { PoisonMessage } from "./inbound.js";
import { presenceTopicOf } from "./presence-events.js";
import type { BridgeLogger } from "./trouble-log.js";

export const PROTOCOLS = ["grpc", "remoting"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** What a bridge is made with. What may be left out has the default that stands there. */
export interface BridgeOptions {
  /** Where RocketMQ is: `host:8081` of its proxy with `grpc`, `host:9876` of its name server with `remoting`. */
  readonly address: string;
  /** Default `grpc`. */
  readonly protocol?: Protocol | undefined;
  /** Topics that are received from RocketMQ. */
  readonly inTopics?: readonly string[] | undefined;
  /** First levels whose messages go to the RocketMQ topic of that name. */
  readonly outTopics?: readonly string[] | undefined;
  /** Of {@link outTopics}, those that keep the order of each sender: of the kind FIFO at RocketMQ. */
  readonly orderedTopics?: readonly string[] | undefined;
  /**
   * The consumer group, and the name that messages of this broker carry. Brokers with the same one
   * are one to RocketMQ: each message goes to one of them. Default `beeline`.
   */
  readonly group?: string | undefined;
  /** Which tags are received: `*`, the default, or names with `||` in between. */
  readonly tags?: string | undefined;
  /** Whether point-to-point messages of Clients go to RocketMQ, too. Default true. */
  readonly pointToPoint?: boolean | undefined;
  /** Messages older than this are dropped; 0: none. Default: three days. */
  readonly maxAgeMs?: number | undefined;
  /** Groups of client identifiers, `GID_x` in `GID_x@@@device`, whose coming and going is sent to `GID_x_MQTT`. */
  readonly presenceGroups?: readonly string[] | undefined;
  /** Default false. */
  readonly tls?: boolean | undefined;
  readonly accessKey?: string | undefined;
  readonly secret?: string | undefined;
  /** Bounds on what waits for RocketMQ. Defaults: 10,000 messages, 64 MiB. */
  readonly pendingMax?: number | undefined;
  readonly pendingBytesMax?: number | undefined;
  /** How long a message is tried again; shorter than the broker's `limits.hookTimeoutMs`. Default 8,000. */
  readonly sendTimeoutMs?: number | undefined;
  readonly logger?: BridgeLogger | undefined;
  /** Told of each message that can never be delivered. */
  readonly onPoison?: ((message: PoisonMessage) => void) | undefined;
}

/** Characters of a topic's name at RocketMQ. */
const NAME_MAX = 127;
/** What a topic or group may be called at RocketMQ. */
const NAME = /^[%|a-zA-Z0-9_-]{1,127}$/;

/** @throws Error naming the option, its value and what is allowed. */
export function checkOptions(options: BridgeOptions): void {
  const { address, inTopics = [], outTopics = [], orderedTopics = [], protocol = "grpc" } = options;
  if (!/^[^\s:;]+:\d+(;[^\s:;]+:\d+)*$/.test(address)) {
    throw new Error(
      `address is ${JSON.stringify(address)}; allowed: host:port, several with ; in between`,
    );
  }
  if (!PROTOCOLS.includes(protocol)) {
    throw new Error(`protocol is ${JSON.stringify(protocol)}; allowed: ${PROTOCOLS.join(" or ")}`);
  }
  const groups = options.presenceGroups ?? [];
  for (const name of [...inTopics, ...outTopics, ...groups, options.group ?? "beeline"]) {
    if (NAME.test(name)) continue;
    throw new Error(
      `${JSON.stringify(name)} cannot be a topic or group of RocketMQ; allowed: 1 to 127 of letters, digits and % | _ -`,
    );
  }
  const long = groups.find((group) => presenceTopicOf(group).length > NAME_MAX);
  if (long !== undefined) {
    const max = NAME_MAX - presenceTopicOf("").length;
    throw new Error(
      `the group ${JSON.stringify(long)} in presenceGroups has ${long.length} characters; allowed: ${max}, ` +
        `as RocketMQ's topic ${presenceTopicOf("{group}")} may have ${NAME_MAX}`,
    );
  }
  const wrong = orderedTopics.find((topic) => !outTopics.includes(topic));
  if (wrong !== undefined) {
    throw new Error(`${JSON.stringify(wrong)} is in orderedTopics, but not in outTopics`);
  }
}
