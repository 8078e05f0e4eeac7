import { choice, frozen, list, onOff } from "../options/row.js";
import { isParent } from "../topic/point-to-point.js";

/** How point-to-point works, without what only a program can say. */
export const POINT_TO_POINT_ROWS = frozen({
  /** Default true; false makes `{parent}/p2p/{clientId}` an ordinary topic. [P1] */
  enabled: onOff({
    default: true,
    about:
      "Deliver messages to {parent}/p2p/{client id} to that client alone. Off: an ordinary topic.",
  }),
  /** First levels that address Clients. Default: all. [P1] */
  parents: list({
    default: undefined,
    unset: "all",
    holds: "names",
    allowed: "single topic levels without + # / NUL, not empty, that do not start with $",
    isAllowed: isParent,
    about:
      "Values of {parent} that address clients. With another first level it is an ordinary topic.",
  }),
  /**
   * Whose Session decides that a message for an offline Client is kept (at QoS 1 and 2): the
   * `receiver`'s (default), the `sender`'s, either (`both`), or nobody's (`never`). [P7]
   */
  offline: choice({
    values: ["receiver", "sender", "both", "never"],
    default: "receiver",
    about:
      "A message to an offline client waits for it if this side has a session that is kept (cleanSession false). both: either side.",
  }),
  /** A malformed address: `drop` (acknowledge and drop, default) or `hang-up`. [P2] */
  malformed: choice({
    values: ["drop", "hang-up"],
    default: "drop",
    about: "What happens to a message whose point-to-point topic names no client.",
  }),
  /** Default false; true takes `{parent}/p2p/{clientId}/{token}` for a message with a receipt. [P20] */
  receipts: onOff({
    default: false,
    about:
      "Tell the sender of a message to {parent}/p2p/{client id}/{token} what became of it, on " +
      "{parent}/p2p-receipt/{client id}/{token}. Where there are rules, they must allow it the verb receipt.",
  }),
  /** Default false; true passes messages on to Subscriptions too, for auditing. [P3] */
  mirror: onOff({
    default: false,
    about: "Show point-to-point messages to subscribers too, for auditing.",
  }),
});

/** What the engine may be strict or lenient about. */
export const PROTOCOL_ROWS = frozen({
  /** A Remaining Length with padding: `accept` (default) or `refuse`. [M10] */
  paddedLength: choice({
    values: ["accept", "refuse"],
    default: "accept",
    about: "What happens to packets whose length field is longer than it needs to be.",
  }),
  /** Control characters and noncharacters in strings: `refuse` (default) or `accept`. [M11] */
  controlCharacters: choice({
    values: ["refuse", "accept"],
    default: "refuse",
    about:
      "What happens to control characters and Unicode noncharacters in any text a client sends: " +
      "topics, client identifier, user name. Refusing disconnects; and whoever publishes with the " +
      "library or the HTTP API is refused such a topic, too.",
  }),
  /** DUP on a QoS 0 PUBLISH: `refuse` (default) or `accept`. [E02] */
  dupAtQos0: choice({
    values: ["refuse", "accept"],
    default: "refuse",
    about:
      "What happens to QoS 0 messages that are marked as repeated (DUP). Refusing disconnects.",
  }),
  /** A Keep Alive above `limits.keepAliveSecondsMax`: `cap` (default) or `refuse`, CONNACK 2. [B22] */
  keepAlivePolicy: choice({
    values: ["cap", "refuse"],
    default: "cap",
    about:
      "What happens to a client that asks for a longer keep alive than --keep-alive-seconds-max. " +
      "cap: the maximum holds, though MQTT 3.1.1 cannot tell the client so. refuse: it is turned away.",
  }),
  /** Whether MQTT 3.1 (`MQIsdp`, level 3) is spoken too. Default true. [M27] */
  mqtt31: onOff({ default: true, about: "Accept clients of MQTT 3.1 besides those of 3.1.1." }),
  /** Whether MQTT 3.1 may have identifiers of more than 23 characters. Default false. [M27] */
  mqtt31LongIds: onOff({
    default: false,
    about: "Accept client identifiers of more than 23 characters from clients of MQTT 3.1.",
  }),
  /**
   * Whether the bridge bit of the Protocol Level is accepted, as brokers set it that connect to
   * others. Default true. [B13]
   */
  bridges: onOff({
    default: true,
    about: "Accept bridges: other brokers that connect as clients.",
  }),
  /**
   * Whether `$share/{group}/{filter}` is served: each message to one member of the group. Default
   * true; false refuses such filters with 0x80. [M30]
   */
  sharedSubscriptions: onOff({
    default: true,
    about: "Serve $share/{group}/{filter}: each message goes to one client of the group.",
  }),
  /**
   * What stands in for the defaults of other options: `default`, or those of the commercial service,
   * `aliyun`. See `PROFILES` in `profiles.ts`. [P19]
   */
  profile: choice({
    values: ["default", "aliyun"],
    default: "default",
    about:
      "Defaults that fit together. aliyun: client identifiers like GID_group@@@device only, what is " +
      "denied hangs up, point-to-point messages are kept by the sender's rule, payloads of 64 KiB and " +
      "30 subscriptions a client. Whatever else is set stands.",
  }),
  /** Client Identifiers: `any`, or only `group` ones, like `GID_group@@@device`. Default any. [P19] */
  clientIds: choice({
    values: ["any", "group"],
    default: "any",
    about:
      "Which client identifiers may connect. group: those like GID_group@@@device, of two or three parts.",
  }),
  /** A PUBLISH the policy denies: `drop` (acknowledge and drop, default) or `hang-up`. [M21] */
  deniedPublish: choice({
    values: ["drop", "hang-up"],
    default: "drop",
    about:
      "What happens when a client publishes where it may not. drop: acknowledged, then dropped.",
  }),
  /** A SUBSCRIBE with a filter that is not allowed: `refuse` it (0x80, default) or `hang-up`. [M21] */
  deniedSubscribe: choice({
    values: ["refuse", "hang-up"],
    default: "refuse",
    about:
      "What happens when a client subscribes to what it may not. refuse: that filter is answered " +
      "with 0x80.",
  }),
  /** A retained message whose author may not publish it any more: `withhold` (default) or `serve` it. [H04] */
  deniedRetained: choice({
    values: ["withhold", "serve"],
    default: "withhold",
    about:
      "What happens to a retained message whose author may not publish it any more by the rules. " +
      "withhold: nobody is given it, until the author may again.",
  }),
  /** Beginnings of `$` topics that Clients may publish to. Default none. [M8] */
  dollarTopics: list({
    default: [],
    unset: "none",
    holds: "prefixes",
    allowed: "beginnings of topics that start with $",
    isAllowed: (prefix) => prefix.startsWith("$"),
    about: "Beginnings of $ topics that clients may publish to.",
  }),
  /** Whether a take-over publishes the old connection's Will. Default true. [M2] */
  willOnTakeOver: onOff({
    default: true,
    about: "Publish a client's will when it connects again while its old connection is open.",
  }),
  /**
   * Who may connect with an identifier in use, or resume its Session: `anyone`, or the
   * `same-user` only (CONNACK 5 for others). Default `same-user` with `authenticate`, else
   * `anyone`. [F05]
   */
  takeOverBy: choice({
    values: ["anyone", "same-user"],
    default: undefined,
    unset: "same-user where clients are authenticated, else anyone",
    about: "Who may connect with a client identifier that is in use, or resume its session.",
  }),
});
