import type { ConformanceCase, Section } from "../case.js";
import { suback, subscribe } from "../packets.js";
import { inboxOf, ourCase, range } from "./shapes.js";

const parsing: readonly ConformanceCase[] = [
  ourCase(
    "acknowledges and drops malformed point-to-point topics, never passing them on",
    ["P2", "G08"],
    async (lab) => {
      const watcher = await lab.subscriber(`${lab.level}/#`, 1);
      const receiver = await lab.connect({ clientId: lab.clientId("r") });
      const sender = await lab.connect();
      for (const tail of ["p2p/", `p2p/${lab.clientId("r")}/x`, "p2p//", "p2p//x"]) {
        for (const qos of [0, 1, 2]) {
          await sender.publish({ topicName: `${lab.level}/${tail}`, payload: tail, qos });
        }
      }
      await sender.expectSilence();
      await receiver.expectSilence();
      await watcher.expectSilence();
    },
  ),
  ourCase(
    "treats what only resembles a point-to-point topic as an ordinary one",
    ["P1", "G08"],
    async (lab) => {
      const receiver = await lab.connect({ clientId: lab.clientId("r") });
      const watcher = await lab.subscriber(`${lab.level}/#`, 0);
      const sender = await lab.connect();
      const id = lab.clientId("r");
      const alike = ["p2p", `P2P/${id}`, `p2p2/${id}`, `a/p2p/${id}`, `/p2p/${id}`];
      for (const name of alike) {
        const topicName = `${lab.level}/${name}`;
        await sender.publish({ topicName, payload: name });
        await watcher.expectPublish({ topicName, payload: name });
      }
      await receiver.expectSilence();
    },
  ),
  ourCase("treats /p2p/{clientId} without a parent as an ordinary topic", ["P1"], async (lab) => {
    const receiver = await lab.connect({ clientId: lab.clientId("r") });
    const topicName = `/p2p/${lab.clientId("r")}`;
    const watcher = await lab.subscriber(topicName, 0);
    const sender = await lab.connect();
    await sender.publish({ topicName, payload: "ordinary" });
    await watcher.expectPublish({ topicName, payload: "ordinary" });
    await receiver.expectSilence();
  }),
  ourCase(
    "grants a filter on one's own inbox, which then changes nothing",
    ["P4", "G04"],
    async (lab) => {
      const topicName = inboxOf(lab, "r");
      const client = await lab.connect({ clientId: lab.clientId("r") });
      client.send(subscribe(1, [topicName, 0]));
      await client.expect(suback(1, 0));
      const sender = await lab.connect();
      await sender.publish({ topicName, payload: "once", qos: 1 });
      await client.receive({ topicName, payload: "once", qos: 1 });
      await client.unsubscribe(topicName);
      await sender.publish({ topicName, payload: "still", qos: 1 });
      await client.receive({ topicName, payload: "still", qos: 1 });
      await client.expectSilence();
    },
  ),
  ourCase(
    "refuses a filter that names somebody else's inbox by 0x80, and grants wildcards",
    ["P4", "G03", "MQTT-3.9.3-1"],
    async (lab) => {
      const victim = await lab.connect({ clientId: lab.clientId("v") });
      const client = await lab.connect({ clientId: lab.clientId("t") });
      const level = lab.level;
      client.send(
        subscribe(
          1,
          [inboxOf(lab, "v"), 1],
          [`${level}/p2p/+`, 1],
          [`${inboxOf(lab, "v")}/`, 1],
          [`${level}/p2p/#`, 0],
        ),
      );
      await client.expect(suback(1, 0x80, 1, 0x80, 0));
      const sender = await lab.connect();
      const message = { topicName: inboxOf(lab, "v"), payload: "private", qos: 1 };
      await sender.publish(message);
      await victim.receive(message);
      await client.expectSilence();
    },
  ),
  ourCase(
    "cannot address identifiers with a separator or wildcard, and their owners may still connect",
    ["P17", "G07"],
    async (lab) => {
      const sender = await lab.connect();
      for (const name of ["a/b", "+", "#", "a+b"]) {
        const owner = await lab.connect({ clientId: `${lab.level}${name}` });
        if (name === "a/b") {
          const topicName = `${lab.level}/p2p/${lab.level}${name}`;
          await sender.publish({ topicName, payload: "x", qos: 1 });
        }
        await owner.expectSilence();
      }
    },
  ),
  ourCase(
    "keeps two Clients that echo to each other within their own traffic",
    ["G13"],
    async (lab) => {
      const [one, two] = [
        await lab.connect({ clientId: lab.clientId("one") }),
        await lab.connect({ clientId: lab.clientId("two") }),
      ];
      for (const at of range(50)) {
        await one.publish({ topicName: inboxOf(lab, "two"), payload: `${at}` });
        await two.expectPublish({ topicName: inboxOf(lab, "two"), payload: `${at}` });
        await two.publish({ topicName: inboxOf(lab, "one"), payload: `${at}` });
        await one.expectPublish({ topicName: inboxOf(lab, "one"), payload: `${at}` });
      }
      await one.expectSilence();
      await two.expectSilence();
    },
  ),
];

/** The point-to-point model: which topics address a Client, and who may watch them. */
export const POINT_TO_POINT_TOPICS: Section = {
  name: "point-to-point-topics",
  title: "Point-to-point topics",
  cases: parsing,
};
