import { describe, expect, it } from "vitest";
import { Lab } from "../../src/lab.js";
import { connack, hex, PINGRESP } from "../../src/packets.js";
import {
  about,
  eachHangsUp,
  fieldOfSize,
  hangsUp,
  ILL_FORMED,
  inBatches,
  otherFlags,
  range,
  withLength,
  withTrailing,
} from "../../src/sections/shapes.js";
import { ScriptedTarget } from "../scripted-target.js";

/** A broker that accepts a CONNECT and hangs up on anything but a ping. */
const strict = () =>
  new ScriptedTarget({
    received: (bytes, events) => {
      if (bytes[0] === 0x10) events.received(connack(0));
      else if (bytes[0] === 0xc0) events.received(PINGRESP);
      else events.closed();
    },
  });

describe("the shapes of cases", () => {
  it("know no ill-formed sequence that is well-formed after all", () => {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    for (const [what, bytes] of ILL_FORMED) expect(() => decoder.decode(bytes), what).toThrow();
  });

  it("try every offence, and name the one that was let pass", async () => {
    const one = hangsUp("hangs up", ["A15"], () => [
      ["flags", hex`c1 00`],
      ["a ping", hex`c0 00`],
    ]);
    await expect(one.run(new Lab(strict(), "c"))).rejects.toThrow(
      "a ping (c0 00): expected only a close, got PINGRESP",
    );
    const good = hangsUp("hangs up", ["A15"], () => [["flags", hex`c1 00`]], { ours: true });
    await good.run(new Lab(strict(), "c"));
    expect(good.ours).toBe(true);
  });

  it("send a first offence without CONNECT", async () => {
    const target = strict();
    await eachHangsUp(new Lab(target, "c"), [["type 0", hex`00 00`]], true);
    expect(target.sent).toEqual([hex`00 00`]);
  });

  it("hand on errors that are none of the broker's", async () => {
    const broken = about("a", hex`00`, Promise.reject(new TypeError("ours")));
    await expect(broken).rejects.toThrow(TypeError);
  });

  it("run a few at a time", async () => {
    let running = 0;
    let most = 0;
    await inBatches(
      range(10),
      async () => {
        running++;
        most = Math.max(most, running);
        await Promise.resolve();
        running--;
      },
      4,
    );
    expect(most).toBe(4);
  });

  it("make wrong packets of right ones, leaving those as they are", () => {
    const right = hex`62 02 0001`;
    const wrong = otherFlags("PUBREL", right);
    expect(wrong).toHaveLength(15);
    expect(wrong.every(([, bytes]) => bytes[0] !== 0x62 && bytes[1] === 2)).toBe(true);
    expect(withLength(right, 3)).toEqual(hex`62 03 0001`);
    expect(withTrailing(right, hex`ff`)).toEqual(hex`62 03 0001 ff`);
    expect(fieldOfSize(300, "a")).toEqual(hex`012c 61`);
    expect(right).toEqual(hex`62 02 0001`);
  });
});
