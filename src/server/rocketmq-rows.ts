import { choice, frozen, list, onOff, text, wholeNumber } from "../options/row.js";

const NAMES = {
  holds: "topic",
  allowed: "names of 1 to 127 letters, digits and % | _ -",
  isAllowed: isRocketMqName,
};

/** A topic or a group of RocketMQ. A topic there is the first level of topics here. */
export function isRocketMqName(name: string): boolean {
  return /^[%|a-zA-Z0-9_-]{1,127}$/.test(name);
}

function isAddress(address: string): boolean {
  return /^[^\s:;]+:\d{1,5}(;[^\s:;]+:\d{1,5})*$/.test(address);
}

/** The bridge to RocketMQ. */
export const ROCKETMQ_ROWS = frozen({
  address: text({
    default: undefined,
    unset: "no bridge",
    holds: "address",
    allowed: "addresses with a port, like 127.0.0.1:8081, several with ; in between",
    isAllowed: isAddress,
    about:
      "Joins this server to Apache RocketMQ: its gRPC proxy (mostly port 8081), or with " +
      "--rocketmq-protocol remoting its name server (mostly port 9876).",
  }),
  topics: list({
    ...NAMES,
    default: undefined,
    unset: "none",
    about: "Topics that are bridged in both directions.",
  }),
  in: list({
    ...NAMES,
    default: undefined,
    unset: "none",
    about: "Topics that come from RocketMQ only.",
  }),
  out: list({
    ...NAMES,
    default: undefined,
    unset: "none",
    about: "First levels of topics whose messages go to RocketMQ only.",
  }),
  ordered: list({
    ...NAMES,
    default: undefined,
    unset: "none",
    about:
      "Of the topics that go to RocketMQ, those of the kind FIFO: each client's messages keep their order there.",
  }),
  protocol: choice({
    values: ["grpc", "remoting"],
    default: "grpc",
    about:
      "How RocketMQ is spoken to. grpc: through its proxy, since 5.0, with the npm package rocketmq-client-nodejs. remoting: as 4.x does, with the npm package ali-ons and without TLS.",
  }),
  group: text({
    holds: "group",
    default: "beeline",
    allowed: NAMES.allowed,
    isAllowed: isRocketMqName,
    about:
      "The consumer group. Servers with the same one share the messages, as the nodes of a cluster do; it also marks what comes from here, so that it does not come back.",
  }),
  tags: text({
    holds: "tags",
    default: "*",
    allowed: "*, or tags with || in between",
    isAllowed: (tags) => /^[^\s|]+( *\|\| *[^\s|]+)*$/.test(tags),
    about: "Which messages come from RocketMQ, by their tag.",
  }),
  pointToPoint: onOff({
    default: true,
    about: "Send point-to-point messages of clients to RocketMQ, too.",
  }),
  maxAgeSeconds: wholeNumber({
    unit: "s",
    default: 259_200,
    least: 0,
    about:
      "Messages that were sent to RocketMQ longer ago are dropped: a new group gets a topic's whole history. 0: none is too old.",
  }),
  presence: list({
    holds: "group",
    allowed: "names of 1 to 122 letters, digits and % | _ -, as {group}_MQTT may have 127",
    isAllowed: (name) => isRocketMqName(`${name}_MQTT`) && name !== "",
    default: undefined,
    unset: "none",
    about:
      "Groups of client identifiers, like GID_x of GID_x@@@device: who of them connects and is gone is sent to the RocketMQ topic GID_x_MQTT.",
  }),
  tls: onOff({ default: false, about: "Speak TLS with RocketMQ's proxy." }),
  accessKey: text({
    default: undefined,
    unset: "none",
    holds: "key",
    allowed: "texts that are not empty",
    isAllowed: (key) => key !== "",
    secret: true,
    about: "Access key for a RocketMQ that asks for one.",
  }),
  secret: text({
    default: undefined,
    unset: "none",
    holds: "secret",
    allowed: "texts that are not empty",
    isAllowed: (secret) => secret !== "",
    secret: true,
    about: "The secret that belongs to the access key.",
  }),
  pendingMax: wholeNumber({
    unit: "count",
    default: 10_000,
    about:
      "Most messages that wait for RocketMQ. Beyond, one at QoS 0 is dropped, and the sender of another is closed without an acknowledgement.",
  }),
  pendingBytesMax: wholeNumber({
    unit: "bytes",
    default: 67_108_864,
    about: "Most bytes of payload that wait for RocketMQ.",
  }),
});
