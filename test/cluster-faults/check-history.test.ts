import { describe, expect, it } from "vitest";
import { checkHistory } from "./check-history.js";
import type { HistoryClient, Received, Sent, Span } from "./history-client.js";

const span = (received: Received[], fromMs = 0, toMs = Number.POSITIVE_INFINITY): Span => ({
  ...{ port: 1, fromMs, toMs, received, heardMs: toMs },
});
const connection = span([]);
const sent = (sequence: number, more: Partial<Sent> = {}): Sent => ({
  ...{ to: "b", qos: 1, sequence, sentMs: 1_000, ackedMs: 1_100, connection },
  ...more,
});
const got = (sequence: number, more: Partial<Received> = {}): Received => ({
  ...{ from: "a", sequence, qos: 1, dup: false, atMs: 1_050 },
  ...more,
});

/** What is found where `a` sent this and `b` got that. */
function found(sents: readonly Sent[], ...spans: readonly Span[]): string[] {
  const client = (id: string, has: object) => ({ id, sent: [], spans: [], wrong: [], ...has });
  const clients = [client("a", { sent: sents }), client("b", { spans })];
  return checkHistory(clients as unknown as HistoryClient[]); // all that is read of them
}

describe("checkHistory", () => {
  it("has nothing to say where all came once, in order", () => {
    expect(found([sent(1), sent(2)], span([got(1), got(2)]))).toEqual([]);
  });

  it("finds what was acknowledged and did not come, if its receiver was there all the time", () => {
    expect(found([sent(1)], span([]))).toEqual([
      "message 1 of a to b was acknowledged at QoS 1, and never came: sent at 1000 ms to port 1, " +
        "acknowledged at 1100 ms, its receiver connected to port 1 from 0 ms to Infinity ms, which it " +
        "heard of at Infinity ms",
    ]);
    expect(found([sent(1, { ackedMs: undefined })], span([]))).toEqual([]);
    expect(found([sent(1)], span([], 900))).toEqual([]); // it had only just connected
    expect(found([sent(1)], span([], 0, 1_200))).toEqual([]); // it left right then
    const still = { ...span([]), heardMs: 1_200 }; // its node has stood still from then on
    expect(found([sent(1)], still)).toEqual([]);
  });

  it("finds what came twice: with DUP it may, at QoS 1", () => {
    const twice = (more: Partial<Received>) =>
      found([sent(1)], span([got(1, more), got(1, { ...more, dup: more.dup ?? false })]));
    expect(twice({})).toHaveLength(1);
    expect(found([sent(1)], span([got(1), got(1, { dup: true })]))).toEqual([]);
    const again = [got(1, { qos: 2 }), got(1, { qos: 2, dup: true })];
    expect(found([sent(1, { qos: 2 })], span(again))).toHaveLength(1);
  });

  it("finds what came in another order, of one connection and QoS", () => {
    expect(found([sent(1), sent(2)], span([got(2), got(1)]))).toEqual([
      "message 1 of a to b came behind message 2: at QoS 1, sent at 1000 ms to port 1, received at " +
        "1050 ms from port 1, connected since 0 ms",
    ]);
    const other = { connection: span([]) };
    expect(found([sent(1), sent(2, other)], span([got(2), got(1)]))).toEqual([]);
    expect(found([sent(1), sent(2)], span([got(2), got(1, { qos: 2 })]))).toEqual([]);
  });

  it("has nothing to say of what follows a receiver to the node of its publisher, and comes late", () => {
    const came = [got(2, { atMs: 1_300 }), got(1, { atMs: 1_400 })];
    const moved = span(came, 1_200);
    const early = sent(1, { sentMs: 1_000 });
    const later = (more: Partial<Sent> = {}) => sent(2, { sentMs: 1_250, ...more });
    expect(found([early, later()], moved)).toEqual([]);
    expect(found([later({ sequence: 1 }), later()], moved)).toHaveLength(1); // both sent to where it is
    const elsewhere = { connection: { ...connection, port: 2 } };
    expect(found([{ ...early, ...elsewhere }, later(elsewhere)], moved)).toHaveLength(1);
  });

  it("finds what nobody sent, and what was sent to somebody else", () => {
    expect(found([], span([got(1)]))).toEqual(["message 1 of a to b was never sent"]);
    expect(found([sent(1, { to: "c" })], span([got(1)]))).toContain(
      "message 1 of a to b was never sent",
    );
  });
});
