import { expect, it } from "vitest";
import { benchOptions } from "../src/scenarios.js";
import { targetOf } from "../src/target-of.js";

const places = (given: Parameters<typeof benchOptions>[1], role: "sender" | "receiver") =>
  [0, 1, 2].map((index) => {
    const { host, port } = targetOf(benchOptions("pairs", given), { role, index });
    return `${host}:${port}`;
  });

it("sends everybody to one broker, unless receivers have places of their own, in turn", () => {
  const one = ["127.0.0.1:7", "127.0.0.1:7", "127.0.0.1:7"];
  expect(places({ port: 7 }, "receiver")).toEqual(one);
  const receiversAt = [
    { host: "::1", port: 8 },
    { host: "b", port: 9 },
  ];
  expect(places({ port: 7, receiversAt }, "sender")).toEqual(one);
  expect(places({ port: 7, receiversAt }, "receiver")).toEqual(["::1:8", "b:9", "::1:8"]);
});
