import type { ConformanceCase, Section } from "../case.js";
import { type Lab, sameOr } from "../lab.js";
import { connack, connect, PINGREQ, PINGRESP, publish, suback, subscribe } from "../packets.js";

/** A CONNECT with credentials the broker was said to refuse. */
function refusedConnect(lab: Lab, name: string): Uint8Array {
  const username = lab.know("refusedUsername");
  const password = lab.know("refusedPassword");
  return connect({ clientId: lab.clientId(name), cleanSession: false, username, password });
}

const refusals: readonly ConformanceCase[] = [
  {
    title: "answers wrong credentials with return code 4 or 5 and closes",
    proves: ["§3.2.2.3", "§5.4.1", "MQTT-3.2.2-5", "MQTT-3.2.2-4"],
    needs: ["refusedUsername", "refusedPassword"],
    async run(lab) {
      const client = await lab.dial();
      client.send(refusedConnect(lab, "x"));
      const answer = await client.next("a CONNACK");
      if (answer[3] !== 4) sameOr(answer, connack(5), "expected return code 4 or 5");
      await client.expectClose();
    },
  },
  {
    title: "reports no Session with wrong credentials though one exists",
    proves: ["MQTT-3.2.2-4"],
    needs: ["refusedUsername", "refusedPassword"],
    async run(lab) {
      const packet = refusedConnect(lab, "d");
      const owner = await lab.durable("d");
      await owner.subscribe(lab.topic("a"), 1);
      await owner.disconnect();
      const thief = await lab.dial();
      thief.send(packet);
      const answer = await thief.next("a CONNACK");
      if (answer[3] !== 4) sameOr(answer, connack(5), "expected return code 4 or 5");
      await thief.expectClose();
      const again = await lab.durable("d", true);
      await again.expectSilence();
    },
  },
  {
    title: "gives no effect to what comes behind wrong credentials",
    proves: ["MQTT-3.1.4-5", "B16"],
    needs: ["refusedUsername", "refusedPassword"],
    async run(lab) {
      const topicName = lab.topic("behind");
      const watcher = await lab.subscriber(topicName, 1);
      const client = await lab.dial();
      client.send(
        refusedConnect(lab, "x"),
        publish({ topicName, payload: "live", qos: 1, packetId: 1 }),
        publish({ topicName, payload: "kept", retain: true }),
        subscribe(2, [topicName, 0]),
      );
      await client.next("a CONNACK");
      await client.expectClose();
      await watcher.expectSilence();
      const later = await lab.subscriber(topicName, 1);
      await later.expectSilence();
    },
  },
  {
    title: "does not close the live owner of an identifier for a CONNECT it refuses",
    proves: ["MQTT-3.1.4-2", "MQTT-3.1.4-5"],
    async run(lab) {
      const owner = await lab.connect({ clientId: lab.clientId("o") });
      const other = await lab.dial();
      other.send(connect({ clientId: lab.clientId("o"), protocolLevel: 99 }));
      await lab.expectRefusal(other);
      await owner.expectSilence();
    },
  },
  {
    title: "reports no Session in a refusal though one exists",
    proves: ["MQTT-3.2.2-4", "MQTT-3.2.2-5"],
    async run(lab) {
      const owner = await lab.durable("d");
      await owner.disconnect();
      const client = await lab.dial();
      client.send(connect({ clientId: lab.clientId("d"), cleanSession: false, protocolLevel: 99 }));
      await lab.expectRefusal(client); // a CONNACK with Session Present 1 would fail its layout
    },
  },
];

/** §3.2: CONNACK. */
export const SECTION_3_2: Section = {
  name: "section-3-2-connack",
  title: "§3.2 CONNACK",
  cases: [
    ...refusals,
    {
      title: "sends CONNACK before anything else, with packets pipelined behind CONNECT",
      proves: ["MQTT-3.2.0-1"],
      async run(lab) {
        const topicName = lab.topic("a");
        const client = await lab.dial();
        client.send(
          lab.connectPacket(),
          PINGREQ,
          subscribe(1, [topicName, 0]),
          publish({ topicName, payload: "x" }),
        );
        await client.expect(connack(0));
        await client.take(PINGRESP);
        await client.take(suback(1, 0));
        await client.expectPublish({ topicName, payload: "x" });
      },
    },
    {
      title: "sends CONNACK before the messages kept for a Session",
      proves: ["MQTT-3.2.0-1", "MQTT-3.2.2-2"],
      async run(lab) {
        const topicName = lab.topic("a");
        const away = await lab.durable("d");
        await away.subscribe(topicName, 1);
        await away.disconnect();
        const sender = await lab.connect();
        await sender.publish({ topicName, payload: "kept", qos: 1 });
        const back = await lab.durable("d", true);
        await back.receive({ topicName, payload: "kept", qos: 1 });
      },
    },
    {
      title: "says Session Present 0 to a Clean Session over a stored one",
      proves: ["MQTT-3.2.2-1"],
      async run(lab) {
        const first = await lab.durable("d");
        await first.subscribe(lab.topic("a"), 1);
        await first.disconnect();
        const clean = await lab.connect({ clientId: lab.clientId("d") });
        await clean.disconnect();
        await lab.durable("d", false);
      },
    },
    {
      title: "says Session Present 1 for a stored Session with Subscriptions",
      proves: ["MQTT-3.2.2-2"],
      async run(lab) {
        const first = await lab.durable("d");
        await first.subscribe(lab.topic("a"), 1);
        await first.disconnect();
        const second = await lab.durable("d", true);
        await second.expectSilence();
      },
    },
    {
      title: "says Session Present 1 for a stored Session without Subscription or message",
      proves: ["MQTT-3.2.2-2", "M3"],
      async run(lab) {
        const first = await lab.durable("d");
        await first.disconnect();
        const second = await lab.durable("d", true);
        await second.expectSilence();
      },
    },
    {
      title: "says Session Present 0 where no Session is stored",
      proves: ["MQTT-3.2.2-3"],
      async run(lab) {
        const clean = await lab.connect({ clientId: lab.clientId("d") });
        await clean.subscribe(lab.topic("a"), 1);
        await clean.disconnect();
        await lab.durable("d", false);
      },
    },
    {
      title: "leaves the seven reserved bits of the Connect Acknowledge Flags 0",
      proves: ["§3.2.2.1"],
      async run(lab) {
        // `connect` compares the whole CONNACK: 20 02 00 00, and 20 02 01 00 for a stored Session.
        const first = await lab.durable("d", false);
        await first.subscribe(lab.topic("a"), 1);
        await first.disconnect();
        await lab.durable("d", true);
      },
    },
  ],
};
