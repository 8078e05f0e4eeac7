import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import type { Policy, Publish, QoS } from "../../src/engine.js";
import { readSource } from "../../src/permissions/normalize.js";
import { compiled, Permissions, rightsOf } from "../../src/permissions/permissions.js";
import type { Rule, RulesSource } from "../../src/permissions/rule.js";
import { MemoryBackend, memoryStore } from "../../src/store/memory-store.js";
import { plainAnswer, plainlyMayReceive } from "../permissions/plain-rules.js";
import { hostileName, rulesSource, ruleTopic } from "../permissions/worlds.js";
import { Harness, type Peer, textOf } from "../support/harness.js";
import { roundsOf } from "../support/quick.js";

/** Random rules, and behind them mostly something that lets messages through. */
const generous = fc.tuple(rulesSource, fc.nat(3)).map(([{ groups = {}, rules }, kind]) => ({
  groups,
  rules: [...rules, ...(kind === 0 ? [] : [ALLOW_TOPICS[kind - 1] ?? [], ALLOW_SENDING]).flat()],
}));
const ALLOW_SENDING: Rule = { allow: "any", do: "sendTo", parent: "+", to: "+" };
const ALLOW_TOPICS: readonly (readonly Rule[])[] = [
  [{ allow: "any", do: ["publish", "retain", "subscribe"], topic: "#" }],
  [
    { allow: "any", do: ["publish", "retain"], topic: ["#", "$SYS/#"] },
    { allow: "any", do: "subscribe", topic: ["a/#", "+/b", "$SYS/a"] },
  ],
  [
    { allow: "any", do: ["publish", "retain"], topic: "+/+" },
    { allow: "any", do: "subscribe", topic: ["${clientId}/#", "a/${username}", "b"] },
  ],
];

/** A name that a CONNECT can carry. */
const name = hostileName.filter((text) => text !== "" && !text.includes("\0"));
const people = fc.uniqueArray(
  fc.record({
    clientId: name,
    username: fc.option(
      hostileName.filter((text) => !text.includes("\0")),
      { nil: undefined },
    ),
  }),
  {
    minLength: 2,
    maxLength: 4,
    selector: ({ clientId }) => clientId,
  },
);
const who = fc.nat(3);
const qos = fc.constantFrom<QoS>(0, 1, 2);
const topicName = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom("a", "a/b", "b", "b/b", "a/anna", "anna/a") },
  fc
    .array(fc.constantFrom("a", "b", "anna", "xa", "p2p", "berta", "$SYS"), {
      minLength: 1,
      maxLength: 3,
    })
    .map((levels) => levels.join("/")),
);
/** The filters a Client asks for: names of its own are written out. */
const filter = fc.oneof(
  fc.constantFrom("#", "a/#", "+/b", "+", "b"),
  ruleTopic.map((topic) => topic.replace(/\$\{\w+\}/g, "anna")),
);

const command = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("connect" as const),
      who,
      clean: fc.constantFrom(false, false, false, true),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("cut" as const), who }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("subscribe" as const),
      who,
      filter,
      qos,
      shared: fc.constantFrom("", "", "$share/g/"),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("publish" as const),
      who,
      topicName,
      qos,
      retain: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("send" as const),
      who,
      to: who,
      parent: fc.constantFrom("a", "b", "anna"),
      qos,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("rules" as const), source: generous }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("acknowledge" as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const) }) },
);
type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;

/** How many messages were looked at, of each kind: a test that sees none proves nothing. */
const seen = { live: 0, retained: 0, repeated: 0, direct: 0, afterRules: 0, afterRestart: 0 };

/** A broker with rules, its Clients, and what each message was published under. */
class RuledWorld {
  source: RulesSource;
  readonly #backend = new MemoryBackend();
  readonly #permissions: Permissions;
  readonly #people: readonly { clientId: string; username: string | undefined }[];
  readonly #peers = new Map<number, Peer>();
  /** By payload: whether the sender was allowed to send it. */
  readonly #wasAllowed = new Map<string, boolean>();
  /** By payload: who has sent it. */
  readonly #authors = new Map<string, number>();
  /** By receiver: the rules that held since it has first subscribed in its Session. */
  readonly #since = new Map<number, RulesSource[]>();
  #harness: Harness;
  #isRuledAnew = false;
  #isRestarted = false;

  constructor(people: RuledWorld["people"], source: RulesSource) {
    this.#people = people;
    this.source = source;
    this.#permissions = new Permissions(compiled(readSource(source)));
    this.#harness = this.#start();
    for (const who of people.keys()) this.run({ do: "connect", who, clean: who === 3 });
  }

  get people(): readonly { clientId: string; username: string | undefined }[] {
    return this.#people;
  }

  run(command: Command): void {
    this.#carryOut(command);
    for (const at of this.#peers.keys()) this.#look(at, false);
  }

  end(): void {
    for (const at of this.#peers.keys()) this.#look(at, true);
  }

  #start(): Harness {
    const policy: Policy = {
      rightsOf: (client) => rightsOf(this.#permissions, client, undefined),
    };
    const store = memoryStore(this.#backend);
    const limits = { inFlightMax: 2 };
    const harness = new Harness({ policy, store, limits, dollarTopics: ["$SYS"] });
    harness.broker.restore(harness.nowMs);
    return harness;
  }

  #carryOut(command: Command): void {
    if (command.do === "rules") {
      this.source = command.source;
      for (const sources of this.#since.values()) sources.push(command.source);
      this.#permissions.replace(compiled(readSource(command.source)));
      this.#harness.broker.recheck(this.#harness.nowMs);
      this.#harness.broker.flush();
      this.#isRuledAnew = true;
      return;
    }
    if (command.do === "restart") {
      this.#peers.clear();
      this.#harness = this.#start();
      this.#isRestarted = true;
      return;
    }
    const at = command.who % this.#people.length;
    const person = this.#people[at];
    const peer = this.#peers.get(at);
    if (person === undefined) return;
    if (command.do === "connect") {
      if (command.clean) this.#since.delete(at);
      const { clientId, username } = person;
      const names = username === undefined ? { clientId } : { clientId, username };
      this.#peers.set(at, this.#harness.connect({ ...names, cleanSession: command.clean }));
    } else if (peer !== undefined) {
      this.#byClient(command, at, peer);
    }
  }

  #byClient(
    command: Exclude<Command, { do: "rules" | "restart" | "connect" }>,
    at: number,
    peer: Peer,
  ): void {
    const packetId = this.#wasAllowed.size + 1;
    const payload = `${packetId}`;
    switch (command.do) {
      case "cut":
        peer.cut();
        this.#peers.delete(at);
        break;
      case "subscribe":
        // What an earlier Subscription has brought may still wait, or be sent again.
        this.#since.set(at, [...(this.#since.get(at) ?? []), this.source]);
        peer.send({
          type: 8,
          packetId: 1,
          requests: [{ topicFilter: command.shared + command.filter, requestedQos: command.qos }],
        });
        break;
      case "publish": {
        const { topicName: topic, retain, qos: at } = command;
        this.#wasAllowed.set(payload, this.#mayPublish(command.who, topic, retain));
        this.#authors.set(payload, command.who);
        peer.publish(topic, payload, { qos: at, retain, packetId });
        if (at === 2) peer.pubrel(packetId);
        break;
      }
      case "send": {
        const to = this.#people[command.to % this.#people.length]?.clientId ?? "";
        const topic = `${command.parent}/p2p/${to}`;
        if (/[+#]/.test(topic)) return;
        this.#wasAllowed.set(payload, this.#mayPublish(command.who, topic, false));
        peer.publish(topic, payload, { qos: command.qos, packetId });
        if (command.qos === 2) peer.pubrel(packetId);
        break;
      }
      case "acknowledge":
        this.#look(at, true);
        break;
    }
  }

  /** By the rules read one after the other. */
  #mayPublish(by: number, topic: string, retain: boolean, source = this.source): boolean {
    const subject = this.#subject(by % this.#people.length);
    const [, parent, to] = /^([^/$][^/]*)\/p2p\/([^/]+)\/?$/.exec(topic) ?? [];
    if (parent !== undefined) return plainAnswer(source, subject, "sendTo", `${parent}/${to}`);
    if (!plainAnswer(source, subject, "publish", topic)) return false;
    return !retain || plainAnswer(source, subject, "retain", topic);
  }

  #subject(at: number) {
    const { clientId = "", username } = this.#people[at] ?? {};
    return { clientId, username, remoteAddress: "" };
  }

  /** Everything that has come to a Client must be allowed by the rules of now. */
  #look(at: number, isAcknowledging: boolean): void {
    const peer = this.#peers.get(at);
    if (peer === undefined) return;
    const publishes = isAcknowledging ? peer.acknowledgeAll() : this.#unread(peer);
    for (const publish of publishes) this.#check(at, publish);
  }

  /** Leaves what must be acknowledged for later: so messages are in flight, and queue up. */
  #unread(peer: Peer): Publish[] {
    return peer.publishes();
  }

  #check(at: number, { topicName: topic, payload, retain, dup }: Publish): void {
    const subject = this.#subject(at);
    const text = textOf(payload);
    expect(this.#wasAllowed.get(text), `${text} was published without a right`).toBe(true);
    const direct = /^[^/$][^/]*\/p2p\/([^/]+)\/?$/.exec(topic);
    if (direct !== null) {
      expect(direct[1]).toBe(subject.clientId);
      seen.direct += 1;
      return;
    }
    expect(plainlyMayReceive(this.source, subject, topic), `${subject.clientId} got ${topic}`).toBe(
      true,
    );
    if (retain) this.#checkAuthor(at, text, topic);
    else if (dup) seen.repeated += 1;
    else seen.live += 1;
    if (this.#isRuledAnew) seen.afterRules += 1;
    if (this.#isRestarted) seen.afterRestart += 1;
  }

  /** What it was given on subscribing, its author was allowed to publish at some time since. */
  #checkAuthor(at: number, text: string, topic: string): void {
    const author = this.#authors.get(text) ?? 0;
    const sources = this.#since.get(at) ?? [];
    const may = sources.some((source) => this.#mayPublish(author, topic, true, source));
    expect(may, `${topic} is retained, and its author may not publish it`).toBe(true);
    seen.retained += 1;
  }
}

test("[H01] [H02] [H04] [P18] no Client is ever given what its rules do not grant", {
  timeout: 120_000,
}, () => {
  fc.assert(
    fc.property(
      people,
      generous,
      fc.array(command, { minLength: 20, maxLength: 50, size: "max" }),
      (clients, source, commands) => {
        const world = new RuledWorld(clients, source);
        for (const one of commands) world.run(one);
        world.end();
      },
    ),
    { numRuns: roundsOf(600), ignoreEqualValues: true },
  );
});

afterAll(() => {
  for (const [kind, count] of Object.entries(seen)) {
    expect(count, `messages seen: ${kind} of ${JSON.stringify(seen)}`).toBeGreaterThan(0);
  }
});
