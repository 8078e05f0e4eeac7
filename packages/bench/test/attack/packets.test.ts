import { expect, it } from "vitest";
import { hex, wire } from "../../../../test/support/wire.js";
import { encodeHello, encodePublish, encodeUnsubscribe, packed } from "../../src/attack/packets.js";

const X = Buffer.from("x");

it("encodes CONNECT with and without a Will", () => {
  expect(hex(encodeHello({ clientId: "c" }))).toBe(
    hex(wire`10 0d  0004 4d515454 04 02 0000  0001 63`),
  );
  expect(hex(encodeHello({ clientId: "c", cleanSession: false }))).toBe(
    hex(wire`10 0d  0004 4d515454 04 00 0000  0001 63`),
  );
  expect(hex(encodeHello({ clientId: "c", will: { topicName: "w", payload: X } }))).toBe(
    hex(wire`10 13  0004 4d515454 04 06 0000  0001 63  0001 77  0001 78`),
  );
});

it("encodes PUBLISH at QoS 0 and 1, retained or not", () => {
  expect(hex(encodePublish({ topicName: "t", payload: X }))).toBe(hex(wire`30 04  0001 74  78`));
  expect(hex(encodePublish({ topicName: "t", payload: X, qos: 1, retain: true }))).toBe(
    hex(wire`33 06  0001 74  0001  78`),
  );
});

it("encodes UNSUBSCRIBE", () => {
  expect(hex(encodeUnsubscribe(["a", "b"]))).toBe(hex(wire`a2 08  0001  0001 61  0001 62`));
});

it("packs as many packets as one write takes, at least one", () => {
  const { bytes, count } = packed(X);
  expect(count).toBe(65_536);
  expect(bytes.equals(Buffer.alloc(65_536, "x"))).toBe(true);
  expect(packed(Buffer.alloc(70_000)).count).toBe(1);
});
