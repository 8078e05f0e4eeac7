import type { Msg } from "@nats-io/transport-node";
import { beforeEach, describe, expect, it } from "vitest";
import type { HomeStreams } from "../../src/nats/home-stream.js";
import { homeNames } from "../../src/nats/names.js";
import { NatsHomeLog } from "../../src/nats/nats-home-log.js";
import type { Appended, Looked } from "../../src/replica/home-log.js";
import { FakeNats, FakeStreams } from "./fake-nats.js";

const NAMES = homeNames("test");
let nats: FakeNats;
let streams: FakeStreams;
let log: NatsHomeLog;

beforeEach(() => {
  nats = new FakeNats();
  streams = new FakeStreams();
  log = new NatsHomeLog(nats.connection, streams.streams as unknown as HomeStreams, NAMES);
});

const append = () => new Promise<Appended>((resolve) => log.append(Uint8Array.of(1), 6, resolve));
const look = (sequence: number) => new Promise<Looked>((resolve) => log.look(sequence, resolve));

function answers(answer: unknown): void {
  nats.answer = () => Promise.resolve({ json: () => answer } as Msg); // all that is read of it
}

describe("the log of a replica over NATS [M26]", () => {
  it("takes entries of a megabyte at most, and leaves room for headers", () => {
    expect(log.entryBytesMax).toBe(1024 * 1024 - 4096);
  });

  it("tells what is in the log from what may be, and from what is not", async () => {
    answers({ stream: NAMES.stream, seq: 7 });
    expect(await append()).toEqual({ kind: "stored", sequence: 7 });
    answers({ stream: NAMES.stream, seq: 5 }); // it is behind entry 6, or nowhere
    expect(await append()).toMatchObject({ kind: "unknown" });
    const wrongPlace = { err_code: 10_071, description: "wrong last sequence: 9" };
    answers({ error: wrongPlace, stream: NAMES.stream, seq: 0 }); // as a cluster of servers says it
    expect(await append()).toEqual({ kind: "refused" });
    answers({ error: { err_code: 10_071, description: "wrong last sequence: 9" } });
    expect(await append()).toEqual({ kind: "refused" });
    answers({ error: { err_code: 10_077, description: "maximum bytes exceeded" } });
    expect(await append()).toEqual({ kind: "unknown", why: "maximum bytes exceeded" });
    answers({ stream: "another", seq: 1 });
    expect(await append()).toMatchObject({ kind: "unknown" });
    nats.answer = () => Promise.reject(new Error("timeout"));
    expect(await append()).toEqual({ kind: "unknown", why: "timeout" });
    nats.answer = () =>
      Promise.resolve({
        json: () => {
          throw new SyntaxError("no JSON");
        },
      } as unknown as Msg);
    expect(await append()).toMatchObject({ kind: "unknown" });
  });

  it("looks at one entry, and says where the log ends when there is none", async () => {
    streams.append("a");
    const found = await look(1);
    expect(found.kind === "entry" && Buffer.from(found.bytes).toString()).toBe("a");
    expect(await look(2)).toEqual({ kind: "none", first: 1, last: 1 });
    streams.failure = new Error("timeout");
    expect(await look(2)).toEqual({ kind: "unknown", why: "timeout" });
  });

  it("reads nothing where there is nothing", async () => {
    await log.read(5, 5, () => Promise.reject(new Error("nothing was asked for")));
  });
});
