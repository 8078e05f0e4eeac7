import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../src/ports/limits.js";
import { Session } from "../../src/session/session.js";
import { ClientDirectory, type ClientSession } from "../../src/state/client-directory.js";

const session = (clientId: string): ClientSession =>
  new Session(clientId, false, undefined, DEFAULT_LIMITS);

describe("the directory", () => {
  it("[S10] [MQTT-3.1.3-2] finds a Session by its Client Identifier, byte for byte", () => {
    const directory = new ClientDirectory();
    const a = session("a");
    directory.add(a);
    directory.add(session("__proto__"));
    expect(directory.find("a")).toBe(a);
    expect(directory.find("A")).toBeUndefined();
    expect(directory.find("constructor")).toBeUndefined();
    expect(directory.find("__proto__")?.clientId).toBe("__proto__");
    expect([...directory.sessions()]).toHaveLength(2);
    expect(directory.size).toBe(2);
  });

  it("[P16] removes a Session, but not another that has taken its place", () => {
    const directory = new ClientDirectory();
    const before = session("a");
    const after = session("a");
    directory.add(before);
    directory.add(after);
    directory.remove(before);
    expect(directory.find("a")).toBe(after);
    directory.remove(after);
    directory.remove(after);
    expect(directory.size).toBe(0);
  });
});

describe("the offline ones", () => {
  it("[F12] are known by the time they went, the longest first", () => {
    const directory = new ClientDirectory();
    const [a, b] = [session("a"), session("b")];
    directory.setOffline(a, 100);
    directory.setOffline(b, 200);
    expect(directory.longestOffline(99)).toBeUndefined();
    expect(directory.longestOffline(100)).toBe(a);
    directory.setOffline(a, 300); // it was there, and went again
    expect(directory.longestOffline(250)).toBe(b);
    directory.setOnline(b);
    expect(directory.longestOffline(250)).toBeUndefined();
    expect(directory.offlineCount).toBe(1);
    directory.remove(a);
    expect(directory.longestOffline(Number.POSITIVE_INFINITY)).toBeUndefined();
  });

  it("[F12] are found the longest first, whoever ends, comes back and goes in between", () => {
    const directory = new ClientDirectory();
    const sessions = ["a", "b", "c", "d"].map(session) as ClientSession[];
    sessions.forEach((each, at) => {
      directory.setOffline(each, at);
    });
    const [a, b, c, d] = sessions as [ClientSession, ClientSession, ClientSession, ClientSession];
    const eldest = (): ClientSession | undefined => directory.longestOffline(100);
    expect(eldest()).toBe(a);
    directory.remove(b);
    expect(eldest()).toBe(a);
    directory.remove(a);
    expect(eldest()).toBe(c);
    directory.setOffline(c, 5);
    expect(eldest()).toBe(d);
    directory.remove(d);
    expect(eldest()).toBe(c);
    directory.setOnline(c);
    expect(eldest()).toBeUndefined();
    directory.setOffline(d, 6);
    expect(eldest()).toBe(d);
  });

  it("[P9] come in turn, round after round, whoever comes and goes meanwhile", () => {
    const directory = new ClientDirectory();
    expect(directory.nextOffline()).toBeUndefined();
    const [a, b, c, d] = ["a", "b", "c", "d"].map(session) as [
      ClientSession,
      ClientSession,
      ClientSession,
      ClientSession,
    ];
    for (const one of [a, b, c]) directory.setOffline(one, 1);
    expect(directory.nextOffline()).toBe(a);
    directory.setOnline(b);
    directory.setOffline(d, 1);
    expect([directory.nextOffline(), directory.nextOffline()]).toEqual([c, d]);
    expect(directory.nextOffline()).toBeUndefined(); // the end of a round
    expect(directory.nextOffline()).toBe(a);
  });
});
