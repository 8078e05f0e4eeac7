import { createRequire } from "node:module";
import { Writable } from "node:stream";
import original from "mqtt-packet";
import { describe, expect, it } from "vitest";
import mqttPacket, * as names from "../../src/compat/mqtt-packet.js";
import { MQTT_5_REFUSED } from "../../src/compat/versions.js";
import { collectTapeTests, type TapeTest } from "./support/tape.js";

const suite = createRequire(import.meta.url).resolve("mqtt-packet/test.js");

/** An API whose use of MQTT 5 is noted: in a packet, in the options, or in received bytes. */
function watched(api: object): { readonly api: object; takeAsked: () => boolean } {
  let asked = false;
  const see = (...values: readonly unknown[]) => {
    asked ||= values.some(
      (value) => (value as { protocolVersion?: number })?.protocolVersion === 5,
    );
  };
  const { parser, generate, writeToStream } = api as typeof original;
  const watchedWrite = (...args: Parameters<typeof writeToStream>) => {
    see(...args);
    return writeToStream(...args);
  };
  Object.defineProperty(watchedWrite, "cacheNumbers", {
    get: () => writeToStream.cacheNumbers,
    set: (value: boolean) => {
      writeToStream.cacheNumbers = value;
    },
  });
  return {
    takeAsked: () => {
      const answer = asked;
      asked = false;
      return answer;
    },
    api: {
      parser: (options?: object) => {
        see(options);
        const subject = parser(options);
        subject.on("packet", (packet) => see(packet));
        return subject;
      },
      generate: (...args: Parameters<typeof generate>) => {
        see(...args);
        return generate(...args);
      },
      writeToStream: watchedWrite,
    },
  };
}

/** The tests that `mqtt-packet` publishes, and whether each asks for MQTT 5 when the original runs it. */
async function sorted(): Promise<readonly { readonly test: TapeTest; readonly mqtt5: boolean }[]> {
  const { api, takeAsked } = watched(original);
  const theirs = collectTapeTests(suite, { "./": api });
  const found = [];
  for (const [index, test] of collectTapeTests(suite, { "./": mqttPacket }).entries()) {
    await theirs[index]?.run();
    found.push({ test, mqtt5: takeAsked() });
  }
  return found;
}

/** A test of the original that ours cannot pass, and why. */
const DIFFERENT = new Map([["support cork", "it counts the writes for a CONNECT: 8, ours is 1"]]);

const tests = await sorted();

describe("the tests that mqtt-packet publishes", () => {
  it("were all collected, and the original passed them", () => {
    expect(tests).toHaveLength(352);
    expect(tests.filter(({ mqtt5 }) => mqtt5)).toHaveLength(137);
  });

  const applicable = tests.filter(({ test, mqtt5 }) => !mqtt5 && !DIFFERENT.has(test.name));
  it.each(applicable.map(({ test }) => test))("$name", async (test) => {
    await test.run();
  });

  it("differ in one that is not of MQTT 5: a packet is one write, not eight", async () => {
    expect([...DIFFERENT.keys()]).toEqual(["support cork"]);
    const different = tests.find(({ test }) => DIFFERENT.has(test.name));
    await expect(different?.test.run()).rejects.toThrow("1 assertions instead of 9");
  });

  it("never pass by chance where they ask for MQTT 5", async () => {
    const passed: string[] = [];
    for (const { test } of tests.filter(({ mqtt5 }) => mqtt5)) {
      await test.run().then(
        () => passed.push(test.name),
        () => undefined,
      );
    }
    expect(passed).toEqual([]);
  });
});

describe("the entry", () => {
  it("has the three functions of the original, as names and as the default", () => {
    expect(Object.keys(mqttPacket).sort()).toEqual(Object.keys(original).sort());
    expect(names).toMatchObject(mqttPacket);
  });

  it("has the switch that programs set, which changes nothing", () => {
    expect(mqttPacket.writeToStream.cacheNumbers).toBe(true);
    mqttPacket.writeToStream.cacheNumbers = false;
    expect(mqttPacket.writeToStream.cacheNumbers).toBe(false);
    mqttPacket.writeToStream.cacheNumbers = true;
  });

  it("says so when it is asked for MQTT 5", () => {
    const options = { protocolVersion: 5 };
    const stream = new Writable();
    const errors: Error[] = [];
    stream.on("error", (error) => errors.push(error));
    expect(() => mqttPacket.parser(options)).toThrow(MQTT_5_REFUSED);
    expect(() => mqttPacket.generate({ cmd: "pingreq" }, options)).toThrow(MQTT_5_REFUSED);
    expect(() =>
      mqttPacket.generate({ cmd: "connect", clientId: "a", protocolVersion: 5 }),
    ).toThrow(MQTT_5_REFUSED);
    expect(mqttPacket.writeToStream({ cmd: "pingreq" }, stream, options)).toBe(false);
    expect(stream.destroyed).toBe(true);
  });
});
