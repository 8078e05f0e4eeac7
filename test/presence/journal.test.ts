import { describe, expect, it } from "vitest";
import { PresenceJournal } from "../../src/presence/journal.js";
import { heirText, isHeir, JournalRest, recordOf } from "../../src/presence/journal-record.js";
import {
  type Arrived,
  eventFor,
  Link,
  MemoryJournals,
  Receiver,
  VirtualTime,
} from "./presence-world.js";

const NODE = "00000000000000aa";

function setUp() {
  const time = new VirtualTime();
  const journals = new MemoryJournals(time);
  const link = new Link();
  const arrived: Arrived[] = [];
  const sink = new Receiver(time, arrived);
  const lines: string[] = [];
  const serving = { is: true };
  const journal = new PresenceJournal({
    ...{ node: NODE, name: "n1", log: journals.seenBy(link), sink, world: time },
    logger: { warn: (line: string) => void lines.push(line) },
    isServing: () => serving.is,
  });
  const add = (channelId: string, ...kinds: ("connect" | "disconnect" | "tcpclean")[]): void => {
    for (const kind of kinds) journal.add(eventFor(channelId, kind, time.nowMs()));
  };
  const rest = (): JournalRest => {
    const all = new JournalRest();
    for (const { text } of journals.of(NODE)) {
      const record = recordOf(text);
      if (record !== undefined) all.take(record);
    }
    return all;
  };
  return { time, journals, link, arrived, sink, lines, serving, journal, add, rest };
}

const told = (arrived: readonly Arrived[]): string[] =>
  arrived.map(({ eventType, channelId }) => `${eventType} ${channelId}`);

describe("a journal of presence", () => {
  it("tells an event when it is written, in order, and writes how far that has come", async () => {
    const { time, arrived, sink, add, rest, journals } = setUp();
    add("a", "connect");
    add("b", "connect", "tcpclean");
    await time.pass(20);
    expect(sink.given).toBe(0);
    await time.pass(3);
    expect(sink.given).toBe(3);
    expect(journals.of(NODE)).toHaveLength(1);
    expect(rest().untold).toHaveLength(3);
    await time.pass(1_000);
    expect(told(arrived)).toEqual(["connect a", "connect b", "tcpclean b"]);
    expect(rest().untold).toEqual([]);
    expect([...rest().present.keys()]).toEqual(["a"]);
    const { length } = journals.of(NODE);
    await time.pass(60_000);
    expect(journals.of(NODE)).toHaveLength(length); // it is quiet while nothing happens
  });

  it("holds what happens while NATS does not answer, and tells it then, once, whatever answers were lost", async () => {
    const { time, link, arrived, lines, serving, add, journal, rest } = setUp();
    link.loses = (nth) => nth % 2 === 1;
    add("a", "connect");
    await time.pass(2_000);
    link.isCut = true;
    serving.is = false;
    add("a", "disconnect", "tcpclean");
    await time.pass(3_600_000);
    expect(told(arrived)).toEqual(["connect a"]);
    expect(journal.waitingCount).toBe(2);
    link.isCut = false;
    await time.pass(5_000);
    expect(told(arrived)).toEqual(["connect a", "disconnect a", "tcpclean a"]);
    expect(rest().untold).toEqual([]);
    expect(lines[0]).toContain("NATS takes nothing of who comes and goes");
  });

  it("tells nothing that another node tells, which has written into it; but what that cannot know", async () => {
    const { time, journals, link, arrived, add, journal } = setUp();
    add("a", "connect");
    add("b", "connect");
    await time.pass(1_000);
    link.isCut = true;
    add("a", "tcpclean");
    add("c", "connect");
    await time.pass(1_000);
    journals.write(NODE, heirText({ by: "00000000000000bb", last: 2, told: 2, gone: [] }));
    link.isCut = false;
    await time.pass(1_000);
    add("b", "tcpclean");
    add("c", "tcpclean");
    await time.pass(1_000);
    expect(told(arrived)).toEqual(["connect a", "connect b", "connect c", "tcpclean c"]);
    await journal.close();
    expect(isHeir(recordOf(journals.of(NODE).at(-1)?.text ?? "") ?? {})).toBe(true);
  });

  it("tells all after 30 s while this node serves and the log takes nothing, and writes who is there later", async () => {
    const { time, link, arrived, lines, add, journal, rest } = setUp();
    add("a", "connect");
    await time.pass(1_000);
    link.isCut = true;
    add("a", "tcpclean");
    await time.pass(100);
    add("b", "connect");
    await time.pass(40_000);
    expect(told(arrived)).toEqual(["connect a", "tcpclean a", "connect b"]);
    expect([journal.unwritten, lines.at(-1)]).toEqual([1, expect.stringContaining("1 events")]);
    link.isCut = false;
    add("c", "connect");
    await time.pass(2_000);
    expect(told(arrived).slice(3)).toEqual(["connect c"]);
    expect([...rest().present.keys()].sort()).toEqual(["b", "c"]);
  });

  it("is written anew when most of it says nothing any more: bounded by who is there", async () => {
    const { time, journals, add, rest } = setUp();
    for (let nth = 0; nth < 300; nth += 1) add(`stays ${nth}`, "connect");
    await time.pass(1_000);
    for (let nth = 0; nth < 20_000; nth += 1) {
      add(`goes ${nth}`, "connect", "tcpclean");
      if (nth % 200 === 0) await time.pass(500);
    }
    await time.pass(5_000);
    const size = journals.of(NODE).reduce((sum, { text }) => sum + text.length, 0);
    expect(size).toBeLessThan(3 * 1024 * 1024);
    expect(rest().present.size).toBe(300);
    expect(rest().untold).toEqual([]);
  });

  it("begins anew when somebody has deleted it in NATS", async () => {
    const { time, journals, add, rest } = setUp();
    add("a", "connect");
    await time.pass(1_000);
    journals.records = [];
    add("b", "connect");
    await time.pass(3_000);
    expect([...rest().present.keys()].sort()).toEqual(["a", "b"]);
  });

  it("is removed at the end when all was told; else it is left to the others", async () => {
    const one = setUp();
    one.add("a", "connect", "tcpclean");
    await one.time.pass(1_000);
    await Promise.all([one.journal.close(), one.time.pass(100)]);
    expect(one.journals.records).toEqual([]);
    const two = setUp();
    two.add("a", "connect");
    await two.time.pass(1_000);
    two.sink.isGone = true;
    two.add("a", "tcpclean");
    await Promise.all([two.journal.drained(), two.time.pass(100)]);
    await Promise.all([two.journal.close(), two.time.pass(100)]);
    expect(two.rest().untold.map(({ event }) => event.eventType)).toEqual(["tcpclean"]);
  });

  it("tells at once while its server stops, unless NATS is not there", async () => {
    const { time, sink, journal, add, link } = setUp();
    add("a", "connect");
    journal.stopping();
    add("a", "tcpclean");
    expect(sink.given).toBe(2);
    await time.pass(1_000);
    expect(sink.given).toBe(2);
    const cut = setUp();
    cut.add("a", "connect");
    await cut.time.pass(1_000);
    cut.link.isCut = true;
    cut.add("a", "tcpclean");
    await cut.time.pass(1_000);
    cut.journal.stopping();
    expect(cut.sink.given).toBe(1);
    expect(link.isCut).toBe(false);
  });

  it("tells what is too long to be written, in its place", async () => {
    const { time, journal, arrived, rest } = setUp();
    const long = "x".repeat(17_000);
    journal.add(eventFor("a", "connect", 1));
    journal.add(eventFor("b", "connect", 1, { clientId: long }));
    journal.add(eventFor("c", "connect", 1));
    journal.add(eventFor("b", "tcpclean", 1, { clientId: long }));
    await time.pass(1_000);
    expect(told(arrived)).toEqual(["connect a", "connect b", "connect c", "tcpclean b"]);
    expect([...rest().present.keys()]).toEqual(["a", "c"]);
    expect(journal.unwritten).toBe(2);
  });
});
