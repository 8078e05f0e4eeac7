import { expect, it } from "vitest";
import { PacketType } from "../../src/engine.js";
import { Harness } from "../support/harness.js";

it("[T1] tells who has caused most work in the last whole second", () => {
  const harness = new Harness();
  const [little, much] = ["little", "much"].map((clientId) => harness.connect({ clientId })) as [
    ReturnType<Harness["connect"]>,
    ReturnType<Harness["connect"]>,
  ];
  harness.advance(1_000);
  const pings = (count: number) =>
    Array.from({ length: count }, () => ({ type: PacketType.PINGREQ }) as const);
  much.send(...pings(30));
  little.send(...pings(20));
  much.send(...pings(5));
  harness.advance(1_000);
  expect(harness.broker.stats.busiest).toEqual({ clientId: "much", units: 35 });
  harness.advance(1_000);
  expect(harness.broker.stats.busiest).toBeUndefined();
});
