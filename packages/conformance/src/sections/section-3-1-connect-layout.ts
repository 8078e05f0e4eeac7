import type { Citation, ConformanceCase, Section } from "../case.js";
import { type Lab, need } from "../lab.js";
import { connect, field, hex, join, packet, u16 } from "../packets.js";
import { fieldOfSize, hangsUp, type Offence, range, withTrailing } from "./shapes.js";

const WILL = { topicName: "will/topic", payload: "gone" };

/** A CONNECT with these Connect Flags over a payload that has all five fields. */
function withFlags(lab: Lab, flags: number): Uint8Array {
  return connect({
    clientId: lab.clientId("f"),
    will: WILL,
    username: "user",
    password: "pass",
    flags,
  });
}

/** A CONNECT with these Connect Flags and exactly these payload fields. */
function withFields(flags: number, ...fields: readonly Uint8Array[]): Uint8Array {
  return packet(0x10, field("MQTT"), hex`04 ${flags}`, u16(0), ...fields);
}

/** A malformed CONNECT: the connection closes and no CONNACK comes. */
function refusesLayout(
  title: string,
  proves: readonly Citation[],
  offences: (lab: Lab) => readonly Offence[],
): ConformanceCase {
  return hangsUp(title, [...proves, "MQTT-3.1.4-1"], offences, { first: true });
}

const flagCases: readonly ConformanceCase[] = [
  refusesLayout(
    "drops a CONNECT with bit 0 of the Connect Flags set, whatever the other bits say",
    ["MQTT-3.1.2-3", "B04"],
    (lab) =>
      range(128).map((mask): Offence => [`flags ${mask * 2 + 1}`, withFlags(lab, mask * 2 + 1)]),
  ),
  refusesLayout(
    "drops a CONNECT with Will QoS bits and no Will Flag",
    ["MQTT-3.1.2-11", "MQTT-3.1.2-13", "B05"],
    (lab) =>
      [0x0a, 0x12, 0x1a].map(
        (flags): Offence => [`flags ${flags}`, connect({ clientId: lab.clientId("q"), flags })],
      ),
  ),
  refusesLayout(
    "drops a CONNECT with Will Retain and no Will Flag",
    ["MQTT-3.1.2-11", "MQTT-3.1.2-15", "B05"],
    (lab) => [["flags 22", connect({ clientId: lab.clientId("r"), flags: 0x22 })]],
  ),
  refusesLayout(
    "drops a CONNECT with Will fields and no Will Flag",
    ["MQTT-3.1.2-11", "B02"],
    (lab) => [["two fields", connect({ clientId: lab.clientId("w"), will: WILL, flags: 0x02 })]],
  ),
  refusesLayout("drops a CONNECT with Will QoS 3", ["MQTT-3.1.2-14", "B06"], (lab) =>
    [0x1e, 0x3e].map(
      (flags): Offence => [
        `flags ${flags}`,
        connect({ clientId: lab.clientId("q"), will: WILL, flags }),
      ],
    ),
  ),
  refusesLayout(
    "drops a CONNECT with a Will Flag and no Will Topic or no Will Message",
    ["MQTT-3.1.2-9", "B01"],
    (lab) => [
      ["neither", withFields(0x06, field(lab.clientId("w")))],
      ["no message", withFields(0x06, field(lab.clientId("w")), field("t"))],
      ["half a size", withFields(0x06, field(lab.clientId("w")), field("t"), hex`00`)],
      ["half a message", withFields(0x06, field(lab.clientId("w")), field("t"), hex`0002 61`)],
    ],
  ),
  refusesLayout(
    "drops a CONNECT with a user name and no User Name Flag",
    ["MQTT-3.1.2-18", "B02"],
    (lab) => [["flags 02", connect({ clientId: lab.clientId("u"), username: "u", flags: 0x02 })]],
  ),
  refusesLayout(
    "drops a CONNECT with a User Name Flag and no user name",
    ["MQTT-3.1.2-19", "B11"],
    (lab) => [
      ["flags 82", connect({ clientId: lab.clientId("u"), flags: 0x82 })],
      ["half a size", withFields(0x82, field(lab.clientId("u")), hex`00`)],
    ],
  ),
  refusesLayout(
    "drops a CONNECT with a password and no Password Flag",
    ["MQTT-3.1.2-20", "B02"],
    (lab) => {
      const both = { username: "u", password: "p" };
      return [["flags 82", connect({ clientId: lab.clientId("p"), ...both, flags: 0x82 })]];
    },
  ),
  refusesLayout(
    "drops a CONNECT with a Password Flag and no password",
    ["MQTT-3.1.2-21", "B11"],
    (lab) => [
      ["flags c2", connect({ clientId: lab.clientId("p"), username: "u", flags: 0xc2 })],
      ["half", withFields(0xc2, field(lab.clientId("p")), field("u"), fieldOfSize(2, "p"))],
    ],
  ),
  refusesLayout(
    "drops a CONNECT with a password and no user name",
    ["MQTT-3.1.2-22", "B10"],
    (lab) => [["flags 42", connect({ clientId: lab.clientId("p"), password: "p" })]],
  ),
];

const payloadCases: readonly ConformanceCase[] = [
  refusesLayout(
    "drops a CONNECT without Client Identifier, and one that ends in any earlier field",
    ["MQTT-3.1.3-3", "B01"],
    (lab) => {
      const whole = connect({ clientId: lab.clientId("c") }).subarray(2);
      const ends = range(whole.length).map(
        (size): Offence => [
          `${size} bytes of ${whole.length}`,
          packet(0x10, whole.subarray(0, size)),
        ],
      );
      return ends;
    },
  ),
  refusesLayout("drops a CONNECT that goes on behind its last field", ["B02"], (lab) =>
    [hex`00`, hex`0000`, hex`0001 61`].map(
      (more): Offence => [
        "trailing bytes",
        withTrailing(connect({ clientId: lab.clientId("t") }), more),
      ],
    ),
  ),
  refusesLayout("drops a CONNECT whose Will Topic is empty", ["MQTT-4.7.3-1", "B07"], (lab) => [
    ["empty", lab.connectPacket({ will: { topicName: "", payload: "w" } })],
  ]),
  refusesLayout("drops a CONNECT whose Will Topic has a wildcard", ["MQTT-4.7.1-1", "B07"], (lab) =>
    ["#", "+", "a/#", "a/+/b", "a+", "a#b"].map(
      (topicName): Offence => [topicName, lab.connectPacket({ will: { topicName, payload: "w" } })],
    ),
  ),
  {
    title: "reads Client Identifier, Will and credentials in this order in every combination",
    proves: ["MQTT-3.1.3-1", "MQTT-3.1.2-9", "MQTT-3.1.2-14", "MQTT-3.1.2-19", "MQTT-3.1.2-21"],
    run: readsEveryCombination,
  },
  refusesLayout("drops a Client Identifier longer than its packet", ["MQTT-3.1.3-3", "B01"], () => [
    ["size 65535", withFields(0x02, fieldOfSize(65_535, "short"))],
  ]),
];

/** Every Will QoS and Will Retain with each set of credentials; the Will proves the order. */
async function readsEveryCombination(lab: Lab): Promise<void> {
  const topicName = lab.topic("will");
  const watcher = await lab.subscriber(topicName, 2);
  const { username = "user", password = "pass" } = lab.knowledge;
  const credentials = [{}, { username }, { username, password }];
  const wanted = lab.knowledge.username === undefined ? credentials : [{ username, password }];
  for (const given of wanted) {
    for (const qos of [0, 1, 2]) {
      const will = { topicName, payload: `${JSON.stringify(given)} ${qos}`, qos };
      const client = await lab.dial();
      client.send(connect({ clientId: lab.clientId("o"), will, ...given }));
      await client.expect(hex`20 02 00 00`);
      client.drop();
      await watcher.receive(will);
    }
    const plain = await lab.dial();
    plain.send(connect({ clientId: lab.clientId("o"), ...given }));
    await plain.expect(hex`20 02 00 00`);
    await plain.disconnect();
  }
  await watcher.expectSilence();
}

const protocolCases: readonly ConformanceCase[] = [
  {
    title: "never speaks 3.1.1 to a CONNECT with another protocol name",
    proves: ["MQTT-3.1.2-1", "B14"],
    async run(lab) {
      const names = ["mqtt", "MQTT\0", "", "MQT", "MQTTT", "HTTP", "mqisdp"];
      for (const protocolName of names) {
        const client = await lab.dial();
        client.send(connect({ clientId: lab.clientId("n"), protocolName }));
        const answer = await client.drain();
        const accepted = answer.some((it) => it[0] === 0x20 && it[3] === 0);
        need(!accepted, `"${protocolName}" was accepted`);
        client.drop();
      }
    },
  },
  hangsUp(
    "closes on another protocol name without an answer",
    ["M27", "B14"],
    (lab) => [
      ...["mqtt", "MQTT\0", "", "MQT", "MQTTT"].map(
        (protocolName): Offence => [
          JSON.stringify(protocolName),
          connect({ clientId: lab.clientId("n"), protocolName }),
        ],
      ),
      ["size 65535", packet(0x10, fieldOfSize(65_535, "MQTT"), hex`04 02 0000`, field("a"))],
    ],
    { first: true, ours: true },
  ),
  {
    title: "answers an unknown protocol level with return code 1 and closes",
    proves: ["MQTT-3.1.2-2", "MQTT-3.2.2-5", "B12"],
    async run(lab) {
      for (const protocolLevel of [0, 1, 2, 6, 7, 0x7f, 255]) {
        const client = await lab.dial();
        client.send(connect({ clientId: lab.clientId("l"), protocolLevel }));
        await client.expect(hex`20 02 00 01`);
        await client.expectClose();
      }
    },
  },
  {
    title: "answers level 3 under the name MQTT and level 5 with return code 1 and closes",
    proves: ["M27", "B12"],
    ours: true,
    async run(lab) {
      for (const protocolLevel of [3, 5]) {
        const client = await lab.dial();
        client.send(connect({ clientId: lab.clientId("l"), protocolLevel }));
        await client.expect(hex`20 02 00 01`);
        await client.expectClose();
      }
    },
  },
];

/** §3.1: the layout of CONNECT. */
export const SECTION_3_1_LAYOUT: Section = {
  name: "section-3-1-connect-layout",
  title: "§3.1 CONNECT: layout",
  cases: [
    ...flagCases,
    ...payloadCases,
    ...protocolCases,
    {
      title: "takes a second CONNECT for a violation: no CONNACK, a close, and the Will",
      proves: ["MQTT-3.1.0-2", "MQTT-3.1.2-8", "B15"],
      async run(lab) {
        const topicName = lab.topic("will");
        const watcher = await lab.subscriber(topicName);
        for (const other of ["s", "t"]) {
          const will = { topicName, payload: other };
          const client = await lab.connect({ clientId: lab.clientId("s"), will });
          client.send(lab.connectPacket({ clientId: lab.clientId(other) }));
          await client.expectClose();
          await watcher.expectPublish({ topicName, payload: other });
        }
        await watcher.expectSilence();
      },
    },
    {
      title: "hangs up on bytes that are no CONNECT but start like one",
      proves: ["MQTT-3.1.4-1", "B01"],
      async run(lab) {
        for (const bytes of [hex`10 00`, hex`10 02 0004`, join(hex`10 03`, hex`ffffff`)]) {
          const client = await lab.dial();
          client.send(bytes);
          await client.expectClose();
        }
      },
    },
  ],
};
