import { describe, expect, it } from "vitest";
import { recordOf } from "../../src/presence/journal-record.js";
import { PresenceRecorder } from "../../src/presence/recorder.js";
import {
  type Arrived,
  eventFor,
  Link,
  MemoryJournals,
  Receiver,
  VirtualTime,
} from "./presence-world.js";

function setUp() {
  const time = new VirtualTime();
  const journals = new MemoryJournals(time);
  const link = new Link();
  const arrived: Arrived[] = [];
  const self = { node: "a1", isServing: true };
  const recorder = new PresenceRecorder({
    ...{ name: "a", log: journals.seenBy(link), sink: new Receiver(time, arrived), world: time },
    ...{ logger: {}, self: () => self },
  });
  return { time, journals, link, arrived, self, recorder };
}

describe("what writes down who comes and goes", () => {
  it("has a journal for each start of its node among the others", async () => {
    const { time, journals, self, recorder, arrived } = setUp();
    recorder.add(eventFor("c1", "connect", 1));
    await time.pass(1_000);
    self.node = "a2";
    recorder.add(eventFor("c2", "connect", 1));
    recorder.add(eventFor("c1", "tcpclean", 1));
    await time.pass(1_000);
    const last = journals.of("a1").flatMap(({ text }) => {
      const record = recordOf(text);
      return record !== undefined && "events" in record ? record.events : [];
    });
    expect(last.map(({ eventType }) => eventType)).toEqual(["connect", "tcpclean"]);
    expect(journals.of("a2").length).toBeGreaterThan(0);
    self.node = "a3";
    recorder.add(eventFor("c3", "connect", 1)); // then the first one is done, and removed
    await time.pass(1_000);
    expect(journals.of("a1")).toEqual([]);
    expect(arrived).toHaveLength(4);
  });

  it("waits for what is not written when its node stops, for a while", async () => {
    const { time, link, recorder } = setUp();
    recorder.add(eventFor("c1", "connect", 1));
    await Promise.all([recorder.drained(1_000), time.pass(100)]);
    link.isCut = true;
    recorder.add(eventFor("c1", "tcpclean", 1));
    expect([recorder.waitingCount, recorder.unwrittenCount]).toEqual([1, 0]);
    recorder.stopping();
    await Promise.all([recorder.drained(1_000), time.pass(1_000)]);
    expect(recorder.waitingCount).toBe(1);
    await recorder.close();
  });
});
