import { describe, expect, it } from "vitest";
import type { Lab } from "../../packages/conformance/src/lab.js";
import {
  connack,
  connect,
  hex,
  PINGRESP,
  publish,
  pubrec,
  suback,
  subscribe,
} from "../../packages/conformance/src/packets.js";
import { runCase } from "../../packages/conformance/src/runner.js";
import type { EngineOptions } from "../../src/engine.js";
import { EngineTarget } from "../support/conformance/engine-target.js";
import { expectNothingLeft } from "../support/conformance/over-links.js";

/** What cases on the wire cannot ask of any broker: the same wire, our settings changed. */
function withSettings(
  title: string,
  options: Partial<EngineOptions>,
  run: (lab: Lab, target: EngineTarget) => Promise<void>,
): void {
  it(title, async () => {
    const target = new EngineTarget(options);
    const section = { name: "settings", title: "Settings", cases: [] };
    const one = { title, proves: [], run: (lab: Lab) => run(lab, target) };
    const { outcome, detail } = await runCase(target, section, one, "set");
    expect(`${outcome} ${detail}`.trim()).toBe("pass");
    expectNothingLeft(target);
  });
}

const inbox = (lab: Lab, name: string) => `${lab.level}/p2p/${lab.clientId(name)}`;

describe("settings of the protocol, on the wire", () => {
  withSettings("[M10] [A05] refuses a padded length", { paddedLength: "refuse" }, async (lab) => {
    for (const bytes of [hex`c0 80 00`, hex`c0 80 80 80 00`]) {
      const client = await lab.connect();
      client.send(bytes);
      await client.expectClose();
    }
  });

  withSettings(
    "[M11] [C06] passes control characters on",
    { controlCharacters: "accept" },
    async (lab) => {
      const topicName = lab.topic("a\u0001\ufdd0b");
      const client = await lab.subscriber(topicName, 1);
      await client.publish({ topicName, payload: "x", qos: 1 });
      await client.receive({ topicName, payload: "x", qos: 1 });
    },
  );

  withSettings("[E02] [M12] accepts DUP at QoS 0", { dupAtQos0: "accept" }, async (lab) => {
    const topicName = lab.topic("a");
    const client = await lab.subscriber(topicName);
    client.send(publish({ topicName, payload: "x", dup: true }));
    await client.expectPublish({ topicName, payload: "x" });
  });

  withSettings("[M27] speaks 3.1.1 only: MQIsdp gets code 1", { mqtt31: false }, async (lab) => {
    const client = await lab.dial();
    client.send(connect({ clientId: "a", protocolName: "MQIsdp", protocolLevel: 3 }));
    await client.expect(connack(1));
    await client.expectClose();
  });

  withSettings("[B13] [M27] refuses the bridge bit", { bridges: false }, async (lab) => {
    const client = await lab.dial();
    client.send(connect({ clientId: "a", protocolLevel: 0x84 }));
    await client.expect(connack(1));
    await client.expectClose();
  });

  withSettings("[M27] long identifiers of MQTT 3.1", { mqtt31LongIds: true }, async (lab) => {
    const old = { protocolName: "MQIsdp", protocolLevel: 3 };
    const client = await lab.connect({ clientId: "x".repeat(60), ...old });
    await client.expectSilence();
  });

  withSettings(
    "[M2] keeps the Will back at a take-over",
    { willOnTakeOver: false },
    async (lab) => {
      const will = { topicName: lab.topic("will"), payload: "no" };
      const watcher = await lab.subscriber(will.topicName);
      const old = await lab.connect({ clientId: lab.clientId("t"), will });
      await lab.connect({ clientId: lab.clientId("t") });
      await old.expectClose();
      await watcher.expectSilence();
      const last = await lab.connect({ will });
      last.drop();
      await watcher.expectPublish(will);
    },
  );

  withSettings(
    "[M8] routes $ topics that are allowed, and hides them from wildcards all the same",
    { dollarTopics: ["$ours/"] },
    async (lab) => {
      const topicName = `$ours/${lab.level}`;
      const watcher = await lab.subscriber("#");
      const receiver = await lab.subscriber(topicName, 1);
      await receiver.publish({ topicName, payload: "x", qos: 1 });
      await receiver.receive({ topicName, payload: "x", qos: 1 });
      await receiver.publish({ topicName: `$theirs/${lab.level}`, payload: "x", qos: 1 });
      await receiver.expectSilence();
      await watcher.expectSilence();
    },
  );
});

describe("settings of point-to-point, on the wire", () => {
  withSettings(
    "[P1] [G08] takes every topic for an ordinary one when it is off",
    { pointToPoint: { enabled: false } },
    async (lab) => {
      const receiver = await lab.connect({ clientId: lab.clientId("r") });
      const watcher = await lab.subscriber(lab.topic("#"));
      await watcher.publish({ topicName: inbox(lab, "r"), payload: "x" });
      await watcher.expectPublish({ topicName: inbox(lab, "r"), payload: "x" });
      await receiver.expectSilence();
    },
  );

  withSettings(
    "[P2] hangs up on a malformed address in the strict profile",
    { pointToPoint: { malformed: "hang-up" } },
    async (lab) => {
      for (const tail of ["p2p/", "p2p/a/b", "p2p//x"]) {
        const client = await lab.connect();
        client.send(publish({ topicName: lab.topic(tail), payload: "x", qos: 1, packetId: 1 }));
        await client.expectClose();
      }
    },
  );

  withSettings(
    "[P3] shows point-to-point messages to Subscriptions too when it mirrors",
    { pointToPoint: { mirror: true } },
    async (lab) => {
      const auditor = await lab.subscriber("+/p2p/+", 1);
      const receiver = await lab.connect({ clientId: lab.clientId("r") });
      const message = { topicName: inbox(lab, "r"), payload: "x", qos: 1 };
      await receiver.publish(message);
      await receiver.receive(message);
      await auditor.receive(message);
      await receiver.expectSilence();
    },
  );

  withSettings(
    "[P7] keeps by the sender's rule, and a Clean Session of the receiver does not wipe it",
    { pointToPoint: { offline: "sender" } },
    async (lab) => {
      const clientId = lab.clientId("r");
      const gone = await lab.connect({ clientId });
      await gone.disconnect();
      const durable = await lab.durable("s");
      const passing = await lab.connect();
      const topicName = inbox(lab, "r");
      await durable.publish({ topicName, payload: "kept", qos: 1 });
      await durable.publish({ topicName, payload: "QoS 0" });
      await passing.publish({ topicName, payload: "not kept", qos: 1 });
      const back = await lab.connect({ clientId });
      await back.receive({ topicName, payload: "kept", qos: 1 });
      await back.expectSilence();
    },
  );

  withSettings(
    "[P7] keeps nothing when told never to",
    { pointToPoint: { offline: "never" } },
    async (lab) => {
      const away = await lab.durable("r");
      await away.disconnect();
      const sender = await lab.durable("s");
      await sender.publish({ topicName: inbox(lab, "r"), payload: "x", qos: 2 });
      const back = await lab.durable("r", true);
      await back.expectSilence();
    },
  );

  withSettings(
    "[P8] keeps for a Client nobody has seen when the embedder says so",
    { pointToPoint: { mayStoreFor: (clientId) => clientId.endsWith("r") } },
    async (lab) => {
      const sender = await lab.connect();
      await sender.publish({ topicName: inbox(lab, "r"), payload: "early", qos: 1 });
      await sender.publish({ topicName: inbox(lab, "x"), payload: "lost", qos: 1 });
      const other = await lab.connect({ clientId: lab.clientId("x") });
      await other.expectSilence();
      const first = await lab.connect({ clientId: lab.clientId("r") });
      await first.receive({ topicName: inbox(lab, "r"), payload: "early", qos: 1 });
    },
  );
});

describe("permissions, on the wire", () => {
  withSettings(
    "[P18] [G01] acknowledges and drops what one may not send to another Client, without a queue",
    { policy: { maySendToClient: (_from, to) => !to.endsWith("v") } },
    async (lab, { broker }) => {
      const victim = await lab.durable("v");
      const friend = await lab.connect({ clientId: lab.clientId("f") });
      const sender = await lab.connect();
      for (const qos of [0, 1, 2]) {
        await sender.publish({ topicName: inbox(lab, "v"), payload: "x", qos });
        await sender.publish({ topicName: inbox(lab, "f"), payload: "x", qos });
        await friend.receive({ topicName: inbox(lab, "f"), payload: "x", qos });
      }
      await victim.expectSilence();
      await victim.disconnect();
      await sender.publish({ topicName: inbox(lab, "v"), payload: "x", qos: 1 });
      const back = await lab.durable("v", true);
      await back.expectSilence();
      expect(broker.stats.drops.denied).toBe(4);
    },
  );

  withSettings(
    "[P18] asks the right to the full topic where no right to send is set",
    { policy: { mayPublish: (_from, topicName) => !topicName.includes("/p2p/") } },
    async (lab) => {
      const receiver = await lab.connect({ clientId: lab.clientId("r") });
      await receiver.publish({ topicName: inbox(lab, "r"), payload: "x", qos: 2 });
      await receiver.expectSilence();
    },
  );

  withSettings(
    "[M21] [MQTT-3.3.5-2] hangs up on a forbidden PUBLISH when told to",
    { deniedPublish: "hang-up", policy: { mayPublish: (_from, name) => !name.endsWith("no") } },
    async (lab) => {
      for (const qos of [0, 1, 2]) {
        const client = await lab.connect();
        client.send(publish({ topicName: lab.topic("no"), payload: "x", qos, packetId: 1 }));
        await client.expectClose();
      }
    },
  );

  it("[F10] sends no Will whose right was withdrawn after CONNECT", async () => {
    let isAllowed = true;
    const target = new EngineTarget({ policy: { mayPublish: () => isAllowed } });
    const section = { name: "settings", title: "Settings", cases: [] };
    const run = async (lab: Lab) => {
      const will = { topicName: lab.topic("will"), payload: "no", retain: true };
      const watcher = await lab.subscriber(will.topicName);
      const client = await lab.connect({ will });
      isAllowed = false;
      client.drop();
      await watcher.expectSilence();
      const later = await lab.subscriber(will.topicName);
      await later.expectSilence();
    };
    const { detail } = await runCase(target, section, { title: "", proves: [], run }, "set");
    expect(detail).toBe("");
    expect(target.broker.stats.drops.denied).toBe(1);
  });

  withSettings(
    "[MQTT-3.2.2-6] closes without CONNACK where no return code fits",
    { policy: { authenticate: (_attempt, answer) => answer({ kind: "closed" }, 1) } },
    async (lab) => {
      const client = await lab.dial();
      client.send(lab.connectPacket());
      await client.expectClose();
    },
  );
});

describe("a QoS 2 message that was hung up on", () => {
  let isAllowed = false;
  withSettings(
    "[M21] [MQTT-4.3.3-2] is judged anew when it comes again after a resume",
    { deniedPublish: "hang-up", policy: { mayPublish: () => isAllowed } },
    async (lab) => {
      const message = { topicName: lab.topic("a"), payload: "x", qos: 2 };
      const watcher = await lab.subscriber(message.topicName, 2);
      const first = await lab.durable("s");
      first.send(publish({ ...message, packetId: 5 }));
      await first.expectClose();
      isAllowed = true;
      const second = await lab.durable("s", true);
      await second.publish({ ...message, packetId: 5, dup: true });
      await watcher.receive(message);
    },
  );
});

describe("bounds at the bound and one past it, on the wire", () => {
  withSettings(
    "[E11] hangs up beyond the QoS 2 messages that may wait for their PUBREL",
    { limits: { inboundInFlightMax: 3 } },
    async (lab) => {
      const topicName = lab.topic("a");
      const watcher = await lab.subscriber(topicName, 2);
      const client = await lab.connect();
      for (const packetId of [1, 2, 3]) {
        client.send(publish({ topicName, payload: "x", qos: 2, packetId }));
        await client.expect(pubrec(packetId));
        await watcher.receive({ topicName, payload: "x", qos: 2 });
      }
      client.send(publish({ topicName, payload: "again", qos: 2, packetId: 3, dup: true }));
      await client.expect(pubrec(3));
      client.send(publish({ topicName, payload: "one too many", qos: 2, packetId: 4 }));
      await client.expectClose();
      await watcher.expectSilence();
    },
  );

  withSettings(
    "[M29] acknowledges and drops a message over its own limit, and counts it",
    { limits: { messageBytesMax: 10 } },
    async (lab, { broker }) => {
      const topicName = lab.topic("a");
      const client = await lab.subscriber(topicName, 2);
      for (const qos of [0, 1, 2]) {
        await client.publish({ topicName, payload: "x".repeat(10), qos });
        await client.receive({ topicName, payload: "x".repeat(10), qos });
        await client.publish({ topicName, payload: "x".repeat(11), qos, retain: true });
      }
      await client.expectSilence();
      expect(broker.stats.drops["message-too-large"]).toBe(3);
    },
  );

  withSettings(
    "[F12] ends the Session that has been offline longest when too many are left",
    { limits: { offlineSessionsMax: 2 } },
    async (lab) => {
      for (const name of ["a", "b", "c"]) {
        const client = await lab.durable(name);
        await client.disconnect();
        await lab.sleep(1_000);
      }
      const present = async (name: string) => {
        const client = await lab.durable(name, "either");
        await client.disconnect();
        return lab.durable(name, "either");
      };
      await (await present("c")).disconnect();
      await lab.durable("b", true);
      await lab.durable("a", false);
    },
  );

  withSettings(
    "[F12] [MQTT-3.2.2-3] ends the Session of a Client that stays away too long",
    { limits: { sessionExpiryMs: 60_000 } },
    async (lab) => {
      const first = await lab.durable("d");
      await first.disconnect();
      await lab.sleep(59_000);
      const second = await lab.durable("d", true);
      await second.disconnect();
      await lab.sleep(61_000);
      await lab.durable("d", false);
    },
  );

  withSettings(
    "[B22] [M18] caps the Keep Alive a Client may choose, none included",
    { limits: { keepAliveSecondsMax: 10 } },
    async (lab, { clock }) => {
      for (const keepAliveSeconds of [0, 65_535]) {
        const client = await lab.connect({ keepAliveSeconds });
        const startMs = clock.now();
        await client.expectClose(60_000);
        expect(client.closedAtMs - startMs).toBeGreaterThanOrEqual(15_000);
        expect(client.closedAtMs - startMs).toBeLessThanOrEqual(16_000);
      }
    },
  );

  withSettings(
    "[D12] answers 0x80 beyond the Subscriptions of a Session",
    { limits: { subscriptionsPerSessionMax: 2 } },
    async (lab) => {
      const client = await lab.connect();
      client.send(subscribe(1, [lab.topic("a"), 1], [lab.topic("b"), 0], [lab.topic("c"), 1]));
      await client.expect(suback(1, 1, 0, 0x80));
      client.send(subscribe(2, [lab.topic("b"), 2]));
      await client.expect(suback(2, 2));
    },
  );

  withSettings(
    "[I07] [I08] keeps no more retained messages than allowed, and still delivers them",
    { limits: { retainedMessagesMax: 2 } },
    async (lab, { broker }) => {
      const watcher = await lab.subscriber(lab.topic("#"), 1);
      for (const name of ["a", "b", "c"]) {
        await watcher.publish({ topicName: lab.topic(name), payload: "x", qos: 1, retain: true });
        await watcher.receive({ topicName: lab.topic(name), payload: "x", qos: 1 });
      }
      await watcher.publish({ topicName: lab.topic("a"), payload: "y", retain: true });
      expect(broker.gauges.retained).toBe(2);
      expect(broker.stats.drops["retained-full"]).toBe(1);
    },
  );

  withSettings(
    "[I06] [I05] [M24] closes readers that take nothing, and bounds what waits for all of them",
    { limits: { outboundTotalBytesMax: 1_000_000, stalledMs: 5_000 } },
    async (lab, { broker }) => {
      const topicName = lab.topic("flood");
      const slow = [];
      for (let at = 0; at < 20; at++) {
        const reader = await lab.subscriber(topicName);
        reader.pause();
        slow.push(reader);
      }
      const canary = await lab.canary();
      const sender = await lab.connect();
      for (let at = 0; at < 100; at++) {
        sender.send(publish({ topicName, payload: new Uint8Array(10_000) }));
        if (at % 10 === 0) await canary.check();
      }
      await sender.ping();
      expect(broker.stats.drops["slow-receiver"]).toBeGreaterThan(1_500);
      await lab.sleep(7_000);
      await canary.check();
      expect(broker.stats.closes.get("stalled")).toBe(20);
    },
  );

  withSettings("[I15] has no counter whose name a peer can choose", {}, async (lab, { broker }) => {
    const labels = () =>
      JSON.stringify([
        Object.keys(broker.stats),
        Object.keys(broker.stats.drops),
        Object.keys(broker.gauges),
      ]);
    const before = labels();
    for (const name of ["label", '{x="y"}', "a/b"]) {
      const client = await lab.connect({ clientId: lab.clientId(name), username: name });
      await client.publish({ topicName: lab.topic(name), payload: "x", qos: 1 });
      await client.disconnect();
    }
    expect(labels()).toBe(before);
    expect(JSON.stringify([...broker.stats.closes.keys()])).not.toContain("label");
  });

  withSettings("[A13] answers a million pings that came in one write", {}, async (lab) => {
    const client = await lab.connect();
    const pings = new Uint8Array(2_000_000);
    for (let at = 0; at < pings.length; at += 2) pings[at] = 0xc0;
    client.send(pings);
    const answers = await client.drain();
    expect(answers.length).toBe(1_000_000);
    expect(answers.every((packet) => packet[0] === PINGRESP[0])).toBe(true);
  });
});
