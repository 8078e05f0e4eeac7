import { describe, expect, it } from "vitest";
import { PresentClients } from "../../src/presence/present-clients.js";
import { waitingEvent } from "../../src/presence/waiting-events.js";
import { eventFor } from "./presence-world.js";

describe("clients that are present", () => {
  it("follow what happens", () => {
    const present = new PresentClients();
    const connect = waitingEvent(eventFor("a", "connect", 1));
    present.follow(connect);
    present.follow(waitingEvent(eventFor("a", "disconnect", 1)));
    expect([present.has("a"), present.count, present.size]).toEqual([true, 1, connect.text.length]);
    present.follow(waitingEvent(eventFor("a", "tcpclean", 1)));
    expect([present.has("a"), present.count, present.size]).toEqual([false, 0, 0]);
    present.follow(waitingEvent(eventFor("b", "connect", 1, { clientId: "x".repeat(17_000) })));
    expect(present.count).toBe(0); // too long to be written
  });

  it("are copied in parts: whoever stays is in one of them, whoever comes and goes meanwhile", () => {
    const present = new PresentClients();
    for (let nth = 0; nth < 100; nth += 1) present.set(`${nth}`, `${nth} ${"x".repeat(1_000)}`);
    present.beginCopy();
    const copied: string[] = [];
    let parts = 0;
    while (present.isCopying) {
      copied.push(...present.nextPart());
      present.delete(`${parts}`);
      present.set(`new ${parts}`, "new");
      parts += 1;
    }
    expect(parts).toBeGreaterThan(2);
    const ids = new Set(copied.map((text) => text.split(" ")[0]));
    for (let nth = parts; nth < 100; nth += 1) expect(ids).toContain(String(nth));
    expect(copied.length).toBeLessThanOrEqual(100);
    present.beginCopy();
    present.clear();
    expect([present.isCopying, present.count, present.size]).toEqual([false, 0, 0]);
    present.beginCopy();
    expect([present.nextPart(), present.isCopying]).toEqual([[], false]);
  });
});
