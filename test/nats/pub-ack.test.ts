import { describe, expect, it } from "vitest";
import { pubAckIn } from "../../src/nats/pub-ack.js";

/** An answer with this text. */
const answer = (text: string) => ({ json: <T>() => JSON.parse(text) as T });

describe("what a stream answers to an append", () => {
  it("is the place of the entry", () => {
    const text = '{"stream":"BL_x","seq":7,"duplicate":true}';
    expect(pubAckIn(answer(text), "BL_x")).toEqual({ kind: "stored", sequence: 7 });
  });

  it("is why it does not take it, with the code of NATS", () => {
    const text = '{"error":{"code":400,"err_code":10071,"description":"wrong last sequence: 3"}}';
    expect(pubAckIn(answer(text), "BL_x")).toEqual({
      kind: "error",
      code: 10_071,
      why: "wrong last sequence: 3",
    });
  });

  it.each([
    '{"error":{"code":503,"err_code":10077,"description":"maximum bytes"},"stream":"BL_x","seq":0}',
    '{"error":{"code":503,"err_code":10077,"description":"maximum bytes"},"stream":"BL_x","seq":7}',
  ])("is an error where it names a place besides, as servers of a cluster do: %s", (text) => {
    const expected = { kind: "error", code: 10_077, why: "maximum bytes" };
    expect(pubAckIn(answer(text), "BL_x")).toEqual(expected);
  });

  it.each([0, -1, 1.5, 2 ** 53])("is an error where %d is to be the place", (seq) => {
    expect(pubAckIn(answer(JSON.stringify({ stream: "BL_x", seq })), "BL_x")).toEqual({
      kind: "error",
      code: 0,
      why: "it names no place",
    });
  });

  it.each(['{"error":{}}', '{"error":"no"}', '{"error":null}'])(
    "is an error without a reason: %s",
    (text) => {
      const expected = { kind: "error", code: 0, why: "it gives no reason" };
      expect(pubAckIn(answer(text), "BL_x")).toEqual(expected);
    },
  );

  it.each([
    "",
    "no JSON",
    "null",
    "7",
    "[]",
    "{}",
    '{"stream":"BL_y","seq":7}',
    '{"stream":"BL_x"}',
  ])("is not of this stream: %j", (text) => {
    expect(pubAckIn(answer(text), "BL_x")).toEqual({ kind: "foreign" });
  });
});
