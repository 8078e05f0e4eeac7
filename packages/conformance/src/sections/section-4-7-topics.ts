import type { ConformanceCase, Section } from "../case.js";
import { need } from "../lab.js";
import { NotObservable } from "../outcome.js";
import { publish, subscribe, unsubscribe } from "../packets.js";
import { readPublish } from "../received.js";
import { hangsUp, range } from "./shapes.js";

/** Filter, the topics it matches, the topics it does not; all below the case's own level. */
const MATCHES: readonly (readonly [
  filter: string,
  yes: readonly string[],
  no: readonly string[],
])[] = [
  ["a/#", ["a", "a/b", "a/b/c", "a/", "a//"], ["b", "ab", "A/b"]],
  ["#", ["a", "a/b", "", "/"], []],
  ["+", ["a", ""], ["a/b", "/a"]],
  ["+/+", ["a/b", "/b", "a/", "/"], ["a", "a/b/c"]],
  ["a/+/c", ["a/b/c", "a//c"], ["a/c", "a/b/b/c", "a/b/c/d"]],
  ["a/+", ["a/b", "a/"], ["a", "a/b/"]],
  ["/+", ["/a", "/"], ["a", "//a"]],
  ["+/#", ["a", "a/b/c", "", "/"], []],
  ["/", ["/"], ["", "//", "a"]],
  ["a//b", ["a//b"], ["a/b", "a///b"]],
  ["a/$x", ["a/$x"], ["a/x"]],
];

const matching: readonly ConformanceCase[] = [
  {
    title: "matches wildcards as the standard's examples do, levels of no characters included",
    proves: ["§4.7.1", "MQTT-3.3.2-3", "MQTT-4.5.0-1"],
    async run(lab) {
      const sender = await lab.connect();
      for (const [filter, yes, no] of MATCHES) {
        const receiver = await lab.subscriber(lab.topic(`m/${filter}`));
        for (const name of [...no, ...yes]) {
          await sender.publish({ topicName: lab.topic(`m/${name}`), payload: filter });
        }
        const seen = (await receiver.collect()).map((it) => readPublish(it)?.topicName);
        const due = yes.map((name) => lab.topic(`m/${name}`));
        need(seen.join() === due.join(), `${filter} matched ${seen.join() || "nothing"}`);
        receiver.drop();
      }
    },
  },
  {
    title: "lets a # at the end match its parent level",
    proves: ["§4.7.1.2"],
    async run(lab) {
      const receiver = await lab.subscriber(`${lab.level}/#`);
      const sender = await lab.connect();
      await sender.publish({ topicName: lab.level, payload: "parent" });
      await receiver.expectPublish({ topicName: lab.level, payload: "parent" });
    },
  },
  {
    title: "takes topics for different that differ in case, form, slashes or escapes",
    proves: ["MQTT-4.7.3-4", "§4.7.3", "C08"],
    async run(lab) {
      const names = ["a/b", "A/b", "a/B", "/a/b", "a/b/", "a//b", "a/./b", "a/%62", "a/b ", " a/b"];
      const forms = ["\u00e9", "e\u0301", "\uff41/b", "\u00df", "ss", "\u{1d44e}/b"];
      const all = [...names, ...forms].map((name) => lab.topic(name));
      const sender = await lab.connect();
      for (const filter of all) {
        const receiver = await lab.subscriber(filter);
        for (const topicName of all) await sender.publish({ topicName, payload: "x" });
        await receiver.expectPublish({ topicName: filter, payload: "x" });
        await receiver.expectSilence();
        receiver.drop();
      }
    },
  },
  {
    title: "accepts a Topic Name and a Topic Filter of one character, and / alone",
    proves: ["MQTT-4.7.3-1", "§4.7.3"],
    isWide: true,
    async run(lab) {
      const client = await lab.subscriber("/");
      client.only("/");
      const payload = lab.level;
      await client.publish({ topicName: "/", payload });
      const seen = (await client.collect()).map(
        (it) => readPublish(it)?.payload ?? new Uint8Array(),
      );
      const texts = seen.map((bytes) => new TextDecoder().decode(bytes));
      need(texts.includes(payload), "the message for / did not come");
      await client.subscribe("q");
      await client.unsubscribe("q");
    },
  },
  {
    title: "treats names of members of objects as ordinary levels",
    proves: ["MQTT-4.7.3-4", "C11"],
    async run(lab) {
      const names = ["__proto__", "constructor/prototype", "toString", "hasOwnProperty/valueOf"];
      const sender = await lab.connect();
      for (const name of names) {
        const topicName = lab.topic(name);
        await sender.publish({ topicName, payload: "kept", retain: true });
        const receiver = await lab.subscriber(topicName);
        await receiver.expectPublish({ topicName, payload: "kept", retain: true });
        await sender.publish({ topicName, payload: "live" });
        await receiver.expectPublish({ topicName, payload: "live" });
        await receiver.unsubscribe(topicName);
        await sender.publish({ topicName, payload: "gone" });
        await receiver.expectSilence();
      }
    },
  },
  {
    title: "treats levels that look like numbers as text, in their order",
    proves: ["MQTT-4.7.3-4", "C16"],
    async run(lab) {
      const names = ["10", "9", "1e3", "-1", "007", "4294967295", "0x1", "7"];
      const receiver = await lab.subscriber(lab.topic("+"));
      const sender = await lab.connect();
      for (const name of names) await sender.publish({ topicName: lab.topic(name), payload: name });
      for (const name of names) {
        await receiver.expectPublish({ topicName: lab.topic(name), payload: name });
      }
      const exact = await lab.subscriber(lab.topic("7"));
      await sender.publish({ topicName: lab.topic("007"), payload: "no" });
      await exact.expectSilence();
    },
  },
];

const dollar: readonly ConformanceCase[] = [
  {
    title: "never matches a topic that begins with $ by a filter that begins with a wildcard",
    proves: ["MQTT-4.7.2-1"],
    isWide: true,
    async run(lab) {
      const name = `$${lab.level}`;
      const watchers = await Promise.all(
        ["#", "+/x", "+/#", "+/+"].map(async (filter) => {
          const client = await lab.connect();
          client.only("$");
          await client.subscribe(filter, 0);
          return client;
        }),
      );
      const sender = await lab.connect();
      sender.send(
        publish({ topicName: `${name}/x`, payload: "x" }),
        publish({ topicName: `${name}/x`, payload: "kept", retain: true }),
        publish({ topicName: `${name}/x`, retain: true }),
      );
      await lab.sleep(20);
      for (const watcher of watchers) await watcher.expectSilence();
    },
  },
  {
    title: "serves no retained $ topic to a filter that begins with a wildcard",
    proves: ["MQTT-4.7.2-1"],
    isWide: true,
    async run(lab) {
      const client = await lab.connect();
      client.only("$");
      for (const filter of ["#", "+/#", "+/broker/#"]) await client.subscribe(filter, 0);
      await client.expectSilence();
    },
  },
  {
    title: "acknowledges and drops what a Client publishes under $",
    proves: ["M8"],
    ours: true,
    async run(lab) {
      const client = await lab.connect();
      for (const root of ["$SYS", `$${lab.level}`]) {
        const topicName = `${root}/${lab.level}`;
        await client.subscribe(topicName, 1);
        await client.publish({ topicName, payload: "x", qos: 1, retain: true });
        await client.expectSilence();
        const later = await lab.connect();
        await later.subscribe(topicName, 1);
        await later.expectSilence();
      }
    },
  },
];

const sizes: readonly ConformanceCase[] = [
  {
    title: "carries a Topic Name of 65,535 bytes",
    proves: ["MQTT-4.7.3-3"],
    async run(lab) {
      const topicName = lab.topic("x".repeat(65_534 - lab.level.length));
      const client = await lab.connect();
      client.send(subscribe(1, [topicName, 1]));
      const suback = await client.next("a SUBACK");
      if (suback[4] === 0x80) throw new NotObservable("the broker refuses such long topics");
      await client.publish({ topicName, payload: "long", qos: 1 });
      await client.receive({ topicName, payload: "long", qos: 1 });
    },
  },
  {
    title: "carries topics of 128 levels",
    proves: ["M22"],
    ours: true,
    async run(lab) {
      const topicName = lab.topic("l/".repeat(126).concat("z"));
      const client = await lab.subscriber(topicName);
      await client.publish({ topicName, payload: "deep" });
      await client.expectPublish({ topicName, payload: "deep" });
    },
  },
  hangsUp(
    "hangs up on topics of more than 128 levels",
    ["M22", "E05", "D10"],
    (lab) => {
      const deep = lab.topic("l/".repeat(127).concat("z"));
      return [
        ["PUBLISH", publish({ topicName: deep, payload: "x" })],
        ["SUBSCRIBE", subscribe(1, [deep, 0])],
        ["UNSUBSCRIBE", unsubscribe(1, deep)],
        ["32,768 slashes", subscribe(1, ["/".repeat(32_768), 0])],
        ["65,535 slashes", publish({ topicName: "/".repeat(65_535) })],
      ];
    },
    { ours: true },
  ),
  {
    title: "survives topics and filters of very many levels",
    proves: ["MQTT-4.8.0-1", "D10", "D13"],
    async run(lab) {
      const client = await lab.connect();
      client.send(subscribe(1, ["/".repeat(60_000), 0]));
      await client.drain();
      const other = await lab.connect();
      other.send(publish({ topicName: "/".repeat(65_535), payload: "x" }));
      await other.drain();
      const plus = await lab.connect();
      plus.send(
        subscribe(1, [
          lab.topic(
            range(100)
              .map(() => "+")
              .join("/"),
          ),
          0,
        ]),
      );
      plus.send(publish({ topicName: lab.topic(range(100).map(String).join("/")), payload: "x" }));
      await plus.drain();
    },
  },
];

/** §4.7: Topic Names and Topic Filters. */
export const SECTION_4_7: Section = {
  name: "section-4-7-topics",
  title: "§4.7 Topic Names and Topic Filters",
  cases: [...matching, ...dollar, ...sizes],
};
