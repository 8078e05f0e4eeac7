import { describe, expect, it } from "vitest";
import {
  eventOf,
  eventText,
  heirText,
  isHeir,
  type JournalEvent,
  JournalRest,
  ownText,
  recordOf,
} from "../../src/presence/journal-record.js";
import { eventFor } from "./presence-world.js";

const own = (first: number, told: number, ...events: readonly ReturnType<typeof eventFor>[]) =>
  ownText({ name: "n1", number: 1, first, told, present: [], events: events.map(eventText) });

describe("records of a journal of presence", () => {
  it("hold what is told of an event, and nothing that an embedder has given along", () => {
    const event = eventFor("c1", "tcpclean", 5);
    const text = eventText(event);
    expect(text).not.toContain("secret");
    const { data: _, ...client } = event.client;
    const read = JSON.parse(text) as JournalEvent;
    expect(eventOf(read)).toEqual({ ...event, client });
    const end = { eventType: "tcpclean", reason: "node-lost", time: 9 } as const;
    expect(eventOf(read, end)).toMatchObject(end);
  });

  it("are read as they were written", () => {
    const text = own(3, 2, eventFor("c1", "connect", 1));
    expect(recordOf(text)).toMatchObject({ name: "n1", number: 1, first: 3, told: 2, present: [] });
    const heir = { by: "x", last: 3, told: 2, gone: ["c1"] };
    expect(recordOf(heirText(heir))).toEqual(heir);
    expect([recordOf(text), heir].map((record) => isHeir(record ?? {}))).toEqual([false, true]);
  });

  it("are none of ours when anything is missing", () => {
    for (const text of ["", "7", "null", "{}", '{"by":"x","last":1,"told":0,"gone":[7]}']) {
      expect(recordOf(text)).toBeUndefined();
    }
    const whole = JSON.parse(own(1, 0, eventFor("c1", "connect", 1)));
    for (const key of Object.keys(whole)) {
      expect(recordOf(JSON.stringify({ ...whole, [key]: undefined }))).toBeUndefined();
    }
    for (const key of ["eventType", "clientId", "channelId", "time", "clientIp", "remoteAddress"]) {
      const events = [{ ...whole.events[0], [key]: undefined }];
      expect(recordOf(JSON.stringify({ ...whole, events }))).toBeUndefined();
    }
    expect(recordOf(JSON.stringify({ ...whole, present: [7] }))).toBeUndefined();
  });

  it("say who is there, and what was not told", () => {
    const rest = new JournalRest();
    const take = (text: string): void => {
      const record = recordOf(text);
      if (record !== undefined) rest.take(record);
    };
    take(own(1, 0, eventFor("a", "connect", 1), eventFor("b", "connect", 1)));
    take(own(3, 1, eventFor("a", "tcpclean", 2), eventFor("c", "connect", 2)));
    expect([...rest.present.keys()]).toEqual(["b", "c"]);
    expect(rest.untold.map(({ number }) => number)).toEqual([2, 3, 4]);
    take(heirText({ by: "x", last: 4, told: 3, gone: ["b"] }));
    expect([...rest.present.keys()]).toEqual(["c"]);
    expect(rest.untold.map(({ number }) => number)).toEqual([4]);
    expect([rest.name, rest.last, rest.told]).toEqual(["n1", 4, 3]);
  });
});
