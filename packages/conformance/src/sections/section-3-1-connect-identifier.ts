import type { Section } from "../case.js";
import { need } from "../lab.js";
import { NotObservable } from "../outcome.js";
import { connack, connect, publish, subscribe } from "../packets.js";
import { inBatches, range } from "./shapes.js";

/** §3.1.3.1: Client Identifiers. */
export const SECTION_3_1_IDENTIFIER: Section = {
  name: "section-3-1-connect-identifier",
  title: "§3.1 CONNECT: Client Identifier",
  cases: [
    {
      title: "accepts Client Identifiers of every length from 1 to 23",
      proves: ["MQTT-3.1.3-5"],
      async run(lab) {
        const letters = `Z9${lab.level}0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXY`;
        for (const length of range(23)) {
          const client = await lab.connect({ clientId: letters.slice(0, length + 1) });
          await client.disconnect();
        }
        const digitsFirst = await lab.connect({ clientId: `0${lab.level}` });
        await digitsFirst.expectSilence();
      },
    },
    {
      title: "gives every Client with an empty identifier a Session of its own",
      proves: ["MQTT-3.1.3-6", "M9", "B24"],
      async run(lab) {
        const probe = await lab.dial();
        probe.send(lab.connectPacket({ clientId: "" }));
        const answer = await probe.next("a CONNACK");
        if (answer[3] === 2) throw new NotObservable("the broker allows no empty identifiers");
        const clients = await Promise.all(range(100).map(() => lab.connect({ clientId: "" })));
        await inBatches(clients, (client) => client.ping());
        need(!probe.closed, "an empty identifier took over another one");
        need(!clients.some(({ closed }) => closed), "an empty identifier took over another one");
      },
    },
    {
      title: "accepts an empty identifier with Clean Session 1",
      proves: ["M9"],
      ours: true,
      async run(lab) {
        const client = await lab.connect({ clientId: "" });
        await client.expectSilence();
      },
    },
    {
      title: "refuses an empty identifier with Clean Session 0 by return code 2, and closes",
      proves: ["MQTT-3.1.3-8", "MQTT-3.1.3-9", "MQTT-3.2.2-4", "MQTT-3.2.2-5", "M9", "B23"],
      async run(lab) {
        const client = await lab.dial();
        client.send(lab.connectPacket({ clientId: "", cleanSession: false }));
        await client.expect(connack(2));
        await client.expectClose();
      },
    },
    {
      title: "refuses an identifier it does not allow by return code 2, and closes",
      proves: ["MQTT-3.1.3-9", "MQTT-3.2.2-5"],
      needs: ["refusedClientId"],
      async run(lab) {
        const client = await lab.dial();
        client.send(lab.connectPacket({ clientId: lab.know("refusedClientId") }));
        await client.expect(connack(2));
        await client.expectClose();
      },
    },
    {
      title: "gives no effect to what comes behind a refused CONNECT",
      proves: ["MQTT-3.1.4-5", "M20", "B16"],
      async run(lab) {
        const topicName = lab.topic("behind");
        const watcher = await lab.subscriber(topicName, 1);
        const client = await lab.dial();
        client.send(
          lab.connectPacket({ clientId: "", cleanSession: false }),
          subscribe(1, [topicName, 0]),
          publish({ topicName, payload: "live", qos: 1, packetId: 2 }),
          publish({ topicName, payload: "kept", retain: true }),
        );
        await lab.expectRefusal(client);
        await watcher.expectSilence();
        const later = await lab.subscriber(topicName, 1);
        await later.expectSilence();
      },
    },
    {
      title: "closes after a refusal though the Client keeps the connection open",
      proves: ["MQTT-3.2.2-5", "B21"],
      async run(lab) {
        const client = await lab.dial();
        client.send(connect({ clientId: lab.clientId("r"), protocolLevel: 77 }));
        await lab.expectRefusal(client);
      },
    },
    {
      title: "keeps the Sessions of identifiers apart that are names of object members",
      proves: ["MQTT-3.1.3-2", "C10", "C11"],
      async run(lab) {
        const names = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"];
        for (const clientId of [...names, "valueOf", "0", "-1", "1e3", "4294967295"]) {
          const durable = { clientId, cleanSession: false };
          const fresh = await lab.connect({ clientId });
          await fresh.disconnect();
          const first = await lab.connect(durable);
          await first.subscribe(lab.topic(`${clientId}/constructor`), 1);
          await first.disconnect();
          const sender = await lab.connect();
          const message = {
            topicName: lab.topic(`${clientId}/constructor`),
            payload: clientId,
            qos: 1,
          };
          await sender.publish(message);
          const again = await lab.connect(durable, true);
          await again.receive(message);
          await again.disconnect();
          const last = await lab.connect({ clientId });
          await last.disconnect();
        }
      },
    },
    {
      title: "keeps Sessions apart whose identifiers agree in their first 511 bytes",
      proves: ["MQTT-3.1.3-2", "C13"],
      async run(lab) {
        const long = lab.clientId("x".repeat(600));
        const probe = await lab.dial();
        probe.send(lab.connectPacket({ clientId: long }));
        const [, , , code] = await probe.next("a CONNACK");
        if (code !== 0) throw new NotObservable("the broker refuses such long identifiers");
        const other = await lab.connect({ clientId: `${long}y` });
        await other.expectSilence();
        await probe.expectSilence();
      },
    },
    {
      title: "accepts or refuses by return code 2 what could be a path, a control code or endless",
      proves: ["MQTT-3.1.3-9", "C12", "C14"],
      async run(lab) {
        const odd = ["../../x", "a/b", "..", "CON", "%s%n", "\u202ex", "<b>", "x".repeat(60_000)];
        for (const name of odd) {
          for (const cleanSession of [false, true]) {
            const client = await lab.dial();
            client.send(lab.connectPacket({ clientId: `${lab.level}${name}`, cleanSession }));
            const [type, , , code] = await client.next("a CONNACK");
            need(type === 0x20 && (code === 0 || code === 2), `${name}: code ${code}`);
            if (code === 0) await client.disconnect();
            else await client.expectClose();
          }
        }
      },
    },
  ],
};
