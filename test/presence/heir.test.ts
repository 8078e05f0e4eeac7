import { describe, expect, it } from "vitest";
import { PresenceHeir } from "../../src/presence/heir.js";
import {
  eventText,
  heirText,
  isHeir,
  ownText,
  recordOf,
} from "../../src/presence/journal-record.js";
import {
  type Arrived,
  eventFor,
  Link,
  MemoryJournals,
  Receiver,
  VirtualTime,
} from "./presence-world.js";

const SELF = "00000000000000aa";
const GONE = "00000000000000bb";
const OTHER = "00000000000000cc";

function setUp(members: string[] = [SELF, OTHER]) {
  const time = new VirtualTime();
  const journals = new MemoryJournals(time);
  const link = new Link();
  const arrived: Arrived[] = [];
  const sink = new Receiver(time, arrived);
  const lines: string[] = [];
  const view = { isServing: true, lagMs: 0 };
  const log = (line: string) => void lines.push(line);
  const heir = new PresenceHeir({
    ...{ log: journals.seenBy(link), sink, world: time, logger: { info: log, warn: log } },
    nodes: () => ({
      ...{ node: SELF, isServing: view.isServing, nowMs: time.nowMs() },
      readBackMs: time.nowMs() - view.lagMs - 1,
      members: members.map((node) => ({ node, silentMs: 400 })),
    }),
  });
  const own = (present: string[], ended: string[], told: number): void => {
    const events = ended.flatMap((id) => [eventFor(id, "connect", 1), eventFor(id, "tcpclean", 2)]);
    const text = ownText({
      ...{ name: "gone", number: 1, first: 1, told, events: events.map(eventText) },
      present: present.map((id) => eventText(eventFor(id, "connect", 1))),
    });
    put(text);
  };
  const put = (text: string): void => {
    journals.write(GONE, text, 77);
  };
  return { time, journals, link, arrived, sink, lines, view, heir, own, put, members };
}

const told = (arrived: readonly Arrived[]): string[] =>
  arrived.map(({ eventType, channelId }) => `${eventType} ${channelId}`);

describe("the heir of a journal of presence", () => {
  it("tells what was not told, then the end of all who were there, and removes it", async () => {
    const { time, journals, arrived, lines, own, heir } = setUp();
    own(["a", "b"], ["c"], 1);
    await time.pass(10_000);
    expect(told(arrived)).toEqual(["tcpclean c", "tcpclean a", "tcpclean b"]);
    expect(arrived.map(({ reason }) => reason)).toEqual([
      "connection-lost",
      "node-lost",
      "node-lost",
    ]);
    expect(arrived.map(({ node }) => node)).toEqual(["gone", "gone", "gone"]);
    expect(arrived[1]?.time).toBe(77); // nothing of that node was heard here
    expect(journals.records).toEqual([]);
    expect([heir.toldCount, lines]).toEqual([
      3,
      ["told 3 events of presence in place of node gone"],
    ]);
  });

  it("says when the node was heard last, where it knows", async () => {
    const { time, arrived, own, members } = setUp([SELF, GONE]);
    await time.pass(5_500);
    const heardMs = time.nowMs() - 500 - 400;
    members.pop();
    own(["a"], [], 0);
    await time.pass(10_000);
    expect(arrived[0]?.time).toBe(heardMs);
  });

  it("lets a member be, also one that it does not know of yet", async () => {
    const { time, arrived, own, members, view } = setUp();
    own(["a"], [], 0);
    view.lagMs = 5_000; // its JOIN is in the log, and not read yet
    await time.pass(3_000);
    members.push(GONE);
    await time.pass(20_000);
    view.lagMs = 0;
    await time.pass(60_000);
    expect(arrived).toEqual([]);
  });

  it("leaves it to another node that is at it, and goes on when that is gone, too", async () => {
    const { time, arrived, own, put, members } = setUp();
    own(["a", "b", "c"], [], 0);
    put(heirText({ by: OTHER, last: 0, told: 0, gone: ["b"] }));
    await time.pass(60_000);
    expect(arrived).toEqual([]);
    members.pop();
    await time.pass(60_000);
    expect(told(arrived)).toEqual(["tcpclean a", "tcpclean c"]);
  });

  it("writes what it has told after 500, and tells nothing more when another one has written there", async () => {
    const { time, journals, arrived, own, put } = setUp();
    own(
      Array.from({ length: 1_200 }, (_, nth) => `${nth}`),
      [],
      0,
    );
    while (arrived.length < 500) await time.pass(10);
    put(heirText({ by: OTHER, last: 0, told: 0, gone: [] }));
    await time.pass(20_000);
    expect(arrived).toHaveLength(500);
    expect(isHeir(recordOf(journals.records.at(-1)?.text ?? "") ?? {})).toBe(true);
  });

  it("waits for NATS, for its lease, and until its receiver takes something", async () => {
    const { time, arrived, own, link, view, lines, sink } = setUp();
    own(["a"], [], 0);
    link.isCut = true;
    await time.pass(20_000);
    expect(lines).toEqual([expect.stringContaining("cannot be read in NATS (cut)")]);
    link.isCut = false;
    view.isServing = false;
    await time.pass(60_000);
    expect(sink.given).toBe(0);
    view.isServing = true;
    link.loses = () => true; // each answer is lost
    await time.pass(60_000);
    expect(told(arrived)).toEqual(["tcpclean a"]);
  });

  it("does nothing any more when it is closed", async () => {
    const { time, arrived, own, heir } = setUp();
    own(["a"], [], 0);
    heir.close();
    await time.pass(60_000);
    expect(arrived).toEqual([]);
  });
});
