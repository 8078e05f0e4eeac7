import { type BenchOptions, rangeOf, type Share } from "./options.js";
import {
  GROUP_DIGITS,
  groupOf,
  TOPIC_DIGITS,
  type TopicLayout,
  type TopicRange,
} from "./topic-lottery.js";

/** A client that receives. */
export interface ReceiverPlan {
  readonly clientId: string;
  /** In batches, one SUBSCRIBE each. */
  readonly topicFilters: Iterable<readonly string[]>;
  /** The publishers it hears: a range of their indices in the whole run. */
  readonly firstSender: number;
  readonly senderCount: number;
  /** Counts in latency and accounting; a receiver that will freeze does not. */
  readonly measured: boolean;
}

/** A client that publishes. */
export interface SenderPlan {
  /** In the whole run: it travels in every payload. */
  readonly index: number;
  readonly clientId: string;
  readonly topicName: string;
}

/** The clients of one process and how they hang together. */
export interface Plan {
  readonly receivers: readonly ReceiverPlan[];
  readonly senders: readonly SenderPlan[];
  /** Every receiver hears every sender: a message is through when all have it. */
  readonly fanOut: boolean;
  readonly topics: { readonly layout: TopicLayout; readonly range: TopicRange } | undefined;
}

/** Who connects, subscribes and publishes in this process's share of a scenario. */
export function planOf(options: BenchOptions, share: Share): Plan {
  switch (options.scenario) {
    case "pairs":
    case "latency":
      return pairs(options, share);
    case "fanout":
      return fanOut(options, share, options.count);
    case "slow-reader":
      return fanOut(options, share, options.count - options.frozen);
    case "fanin":
      return fanIn(options);
    case "connect":
    case "reconnect":
      return connections(options, share);
    case "retained":
      return { receivers: [], senders: [], fanOut: false, topics: undefined };
    case "matching":
      return matching(options, share);
  }
}

/** The topic that only frozen readers subscribe to, in addition. */
export function fillTopic(options: BenchOptions): string {
  return `${options.parent}/${prefix(options)}/fill`;
}

/** Id of a client that belongs to no role of a plan. */
export function extraClientId(options: BenchOptions, name: string): string {
  return `${prefix(options)}-${name}`;
}

function pairs(options: BenchOptions, share: Share): Plan {
  const { from, count } = rangeOf(options.count, share);
  const indices = Array.from({ length: count }, (_, at) => from + at);
  return {
    receivers: indices.map((index) => ({
      clientId: receiverId(options, index),
      topicFilters: options.p2p ? [] : [[inbox(options, index)]],
      firstSender: index,
      senderCount: 1,
      measured: true,
    })),
    senders: indices.map((index) => sender(options, index, inbox(options, index))),
    fanOut: false,
    topics: undefined,
  };
}

function fanIn(options: BenchOptions): Plan {
  const senders = Array.from({ length: options.count }, (_, index) =>
    sender(options, index, inbox(options, 0)),
  );
  const receiver: ReceiverPlan = {
    clientId: receiverId(options, 0),
    topicFilters: options.p2p ? [] : [[inbox(options, 0)]],
    firstSender: 0,
    senderCount: options.count,
    measured: true,
  };
  return { receivers: [receiver], senders, fanOut: false, topics: undefined };
}

/** All publishers live in the first process; the receivers from `measuredCount` on will freeze. */
function fanOut(options: BenchOptions, share: Share, measuredCount: number): Plan {
  const { from, count } = rangeOf(options.count, share);
  const topicNames = Array.from(
    { length: options.publishers },
    (_, index) => `${options.parent}/${prefix(options)}/fan/${index}`,
  );
  return {
    receivers: Array.from({ length: count }, (_, at) => ({
      clientId: receiverId(options, from + at),
      topicFilters: from + at < measuredCount ? [topicNames] : [topicNames, [fillTopic(options)]],
      firstSender: 0,
      senderCount: options.publishers,
      measured: from + at < measuredCount,
    })),
    senders: share.index > 0 ? [] : topicNames.map((name, index) => sender(options, index, name)),
    fanOut: true,
    topics: undefined,
  };
}

function connections(options: BenchOptions, share: Share): Plan {
  const { from, count } = rangeOf(options.count, share);
  return {
    receivers: Array.from({ length: count }, (_, at) => ({
      clientId: receiverId(options, from + at),
      topicFilters: [],
      firstSender: 0,
      senderCount: 0,
      measured: true,
    })),
    senders: [],
    fanOut: false,
    topics: undefined,
  };
}

/**
 * Topic t has one subscription, of receiver floor(t * receivers / topics). As devices' topics do,
 * it ends with what is told about the device: `bench/RUN/GROUP/DEVICE/state`.
 */
function matching(options: BenchOptions, share: Share): Plan {
  const receivers = rangeOf(options.count, share);
  const senders = rangeOf(options.publishers, share);
  const firstTopicOf = (receiver: number): number =>
    Math.ceil((receiver * options.subscriptions) / options.count);
  const from = firstTopicOf(receivers.from);
  const count = firstTopicOf(receivers.from + receivers.count) - from;
  const start = `${options.parent}/${prefix(options)}/`;
  return {
    receivers: Array.from({ length: receivers.count }, (_, at) => {
      const receiver = receivers.from + at;
      return {
        clientId: receiverId(options, receiver),
        topicFilters: filterBatches(
          start,
          options.wildcardPercent,
          firstTopicOf(receiver),
          firstTopicOf(receiver + 1),
        ),
        firstSender: senders.from,
        senderCount: senders.count,
        measured: true,
      };
    }),
    senders: Array.from({ length: senders.count }, (_, at) =>
      sender(options, senders.from + at, numberedTopic(start, 0)),
    ),
    fanOut: false,
    topics: {
      layout: { groupAt: start.length, topicAt: start.length + GROUP_DIGITS + 1 },
      range: {
        from,
        count,
        receiverOf: (topic) =>
          Math.floor((topic * options.count) / options.subscriptions) - receivers.from,
      },
    },
  };
}

function* filterBatches(
  start: string,
  wildcardPercent: number,
  from: number,
  to: number,
): Iterable<readonly string[]> {
  for (let at = from; at < to; at += FILTERS_PER_SUBSCRIBE) {
    const batch: string[] = [];
    for (let topic = at; topic < Math.min(to, at + FILTERS_PER_SUBSCRIBE); topic += 1) {
      const name = numberedTopic(start, topic);
      const wildcard = topic % 100 < wildcardPercent;
      batch.push(wildcard ? `${start}+${name.slice(start.length + GROUP_DIGITS)}` : name);
    }
    yield batch;
  }
}

function numberedTopic(start: string, topic: number): string {
  const group = String(groupOf(topic)).padStart(GROUP_DIGITS, "0");
  return `${start}${group}/${String(topic).padStart(TOPIC_DIGITS, "0")}/state`;
}

function sender(options: BenchOptions, index: number, topicName: string): SenderPlan {
  return { index, clientId: `${prefix(options)}-s${fiveDigits(index)}`, topicName };
}

/** Where a receiver gets its messages: of equal length, by address or by subscription. */
function inbox(options: BenchOptions, index: number): string {
  return `${options.parent}/${options.p2p ? "p2p" : "sub"}/${receiverId(options, index)}`;
}

function receiverId(options: BenchOptions, index: number): string {
  return `${prefix(options)}-r${fiveDigits(index)}`;
}

function prefix({ run }: BenchOptions): string {
  return `b${run.toString(36).padStart(7, "0")}`;
}

function fiveDigits(index: number): string {
  return String(index).padStart(5, "0");
}

/** Keeps a SUBSCRIBE of the matching scenario near 3 KiB. */
const FILTERS_PER_SUBSCRIBE = 100;
