import { describe, expect, it } from "vitest";
import { CANNOT_TELL, type Credential, REFUSED } from "../../src/auth/credential.js";
import { Credentials } from "../../src/auth/credentials.js";
import type { Verdict } from "../../src/engine.js";
import { attempt } from "./attempt.js";

const ACCEPTED: Verdict = { kind: "accepted", data: "by the entry" };

/** An entry that answers so, and notes what is asked of it. */
function entry(verdict: Verdict | undefined, more: Partial<Credential> = {}) {
  const asked: string[] = [];
  const credential: Credential = {
    check: () => {
      asked.push("check");
      return verdict;
    },
    pretend: async () => {
      asked.push("pretend");
    },
    ...more,
  };
  return { credential, asked };
}

describe("a list of credentials", () => {
  it("asks one after the other until one accepts or refuses; the end refuses", async () => {
    const passes = entry(undefined);
    const accepts = entry(ACCEPTED);
    const last = entry(undefined);
    const list = new Credentials([passes.credential, accepts.credential, last.credential]);
    expect(await list.authenticate(attempt())).toBe(ACCEPTED);
    expect(passes.asked).toEqual(["check"]);
    expect(last.asked).toEqual([]);
    expect(await new Credentials([passes.credential]).authenticate(attempt())).toEqual(REFUSED);
    expect(await new Credentials([]).authenticate(attempt())).toEqual(REFUSED);
  });

  it("[M01] lets the later ones cost what they would have, when an earlier one has refused", async () => {
    const refuses = entry(REFUSED);
    const later = entry(ACCEPTED);
    const plain: Credential = { check: () => ACCEPTED };
    const list = new Credentials([refuses.credential, later.credential, plain]);
    expect(await list.authenticate(attempt())).toBe(REFUSED);
    expect(later.asked).toEqual(["pretend"]);
  });

  it("[B18] passes nobody on when an entry fails, at once or later", async () => {
    const accepts = entry(ACCEPTED);
    const throws = entry(undefined, {
      check: () => {
        throw new Error("at once");
      },
    });
    const rejects = entry(undefined, { check: () => Promise.reject(new Error("later")) });
    for (const [failing, words] of [
      [throws, "at once"],
      [rejects, "later"],
    ] as const) {
      const list = new Credentials([failing.credential, accepts.credential]);
      await expect(list.authenticate(attempt())).rejects.toThrow(words);
    }
    const busy = new Credentials([entry(CANNOT_TELL).credential, accepts.credential]);
    expect(await busy.authenticate(attempt())).toBe(CANNOT_TELL);
    expect(accepts.asked).toEqual([]);
  });

  it("[H13] accepts whoever brings nothing only when told to, and nobody with a name or a password", async () => {
    const list = new Credentials([entry(undefined).credential], { anonymous: true });
    expect(await list.authenticate(attempt())).toEqual({ kind: "accepted" });
    expect(await list.authenticate(attempt({ username: "" }))).toBe(REFUSED);
    expect(await list.authenticate(attempt({ password: "" }))).toBe(REFUSED);
    const refusing = new Credentials([entry(REFUSED).credential], { anonymous: true });
    expect(await refusing.authenticate(attempt())).toBe(REFUSED);
  });

  it("[H06] exchanges the files of all entries or of none", async () => {
    const done: string[] = [];
    const good = (name: string): Credential => ({
      check: () => undefined,
      prepare: async () => () => void done.push(name),
    });
    const still: Credential = { check: () => undefined };
    const bad: Credential = {
      check: () => undefined,
      prepare: () => Promise.reject(new Error("users:3: expected")),
    };
    await expect(new Credentials([good("a"), bad]).prepare()).rejects.toThrow("users:3");
    expect(done).toEqual([]);
    const commit = await new Credentials([good("a"), still, good("b")]).prepare();
    expect(done).toEqual([]);
    commit();
    expect(done).toEqual(["a", "b"]);
  });

  it("closes its entries", () => {
    const closed: string[] = [];
    const one: Credential = { check: () => undefined, close: () => void closed.push("one") };
    new Credentials([one, { check: () => undefined }]).close();
    expect(closed).toEqual(["one"]);
  });
});
