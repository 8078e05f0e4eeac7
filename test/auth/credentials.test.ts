import { describe, expect, it } from "vitest";
import { CANNOT_TELL, type Credential, REFUSED } from "../../src/auth/credential.js";
import { Credentials, type ListOptions, openCredentials } from "../../src/auth/credentials.js";
import type { Verdict } from "../../src/engine.js";
import { attempt, scratch } from "./attempt.js";

const scratchFolder = scratch();

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
      return undefined;
    },
    ...more,
  };
  return { credential, asked };
}

function listOf(entries: readonly Credential[], options?: ListOptions): Credentials {
  const made = entries.map((credential, at) => ({ made: `${at}`, credential }));
  return new Credentials(made, options);
}

describe("a list of credentials", () => {
  it("asks one after the other until one accepts or refuses; the end refuses", async () => {
    const passes = entry(undefined);
    const accepts = entry(ACCEPTED);
    const last = entry(undefined);
    const list = listOf([passes.credential, accepts.credential, last.credential]);
    expect(await list.authenticate(attempt())).toBe(ACCEPTED);
    expect(passes.asked).toEqual(["check"]);
    expect(last.asked).toEqual([]);
    expect(await listOf([passes.credential]).authenticate(attempt())).toEqual(REFUSED);
    expect(await listOf([]).authenticate(attempt())).toEqual(REFUSED);
  });

  it("asks an entry only about clients of its listeners", async () => {
    const options = [
      { kind: "passwords", file: scratchFolder.file("own", ""), listeners: ["outside"] },
      { kind: "anyone", listeners: ["inside", "local"] },
    ] as const;
    const list = await openCredentials(options);
    const verdicts = await Promise.all(
      ["inside", "local", "outside", "elsewhere", undefined].map((listener) =>
        list.authenticate(attempt({ listener, username: "a", password: "b" })),
      ),
    );
    expect(verdicts.map(({ kind }) => kind)).toEqual([
      ...["accepted", "accepted"],
      ...["refused", "refused", "refused"],
    ]);
    list.close();
  });

  it("[M01] lets the later ones cost what they would have, when an earlier one has refused", async () => {
    const refuses = entry(REFUSED);
    const later = entry(ACCEPTED);
    const plain: Credential = { check: () => ACCEPTED };
    const list = listOf([refuses.credential, later.credential, plain]);
    expect(await list.authenticate(attempt())).toBe(REFUSED);
    expect(later.asked).toEqual(["pretend"]);
  });

  it("[M01] tells a user that a file knows what one is told that no file knows, where a later one is busy", async () => {
    const busy = entry(CANNOT_TELL, { pretend: async () => CANNOT_TELL });
    for (const verdict of [REFUSED, undefined]) {
      const list = listOf([entry(verdict).credential, busy.credential]);
      expect(await list.authenticate(attempt())).toBe(CANNOT_TELL);
    }
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
      const list = listOf([failing.credential, accepts.credential]);
      await expect(list.authenticate(attempt())).rejects.toThrow(words);
    }
    const busy = listOf([entry(CANNOT_TELL).credential, accepts.credential]);
    expect(await busy.authenticate(attempt())).toBe(CANNOT_TELL);
    expect(accepts.asked).toEqual([]);
  });

  it("[H13] accepts whoever brings nothing only when told to, and nobody with a name or a password", async () => {
    const list = listOf([entry(undefined).credential], { anonymous: true });
    expect(await list.authenticate(attempt())).toEqual({ kind: "accepted" });
    expect(await list.authenticate(attempt({ username: "" }))).toBe(REFUSED);
    expect(await list.authenticate(attempt({ password: "" }))).toBe(REFUSED);
    const refusing = listOf([entry(REFUSED).credential], { anonymous: true });
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
    await expect(listOf([good("a"), bad]).prepare()).rejects.toThrow("users:3");
    expect(done).toEqual([]);
    const commit = await listOf([good("a"), still, good("b")]).prepare();
    expect(done).toEqual([]);
    commit();
    expect(done).toEqual(["a", "b"]);
  });

  it("closes its entries", () => {
    const closed: string[] = [];
    const one: Credential = { check: () => undefined, close: () => void closed.push("one") };
    listOf([one, { check: () => undefined }]).close();
    expect(closed).toEqual(["one"]);
  });

  it("[H06] takes another list; what is the same in it goes on, and what is gone is closed", async () => {
    const folder = scratchFolder;
    const hash =
      "$6$f/S0yXefa4bu8SQB$f6idpJYv7W/rmFj/UXTPLcJ2Omz79ydvmjCTQUqHRVBQ27wDyAI+VCcIDge4U3V4nulNzGVCEMrN80KXtWQ8rA==";
    const one = { kind: "passwords", file: folder.file("one", `anna:${hash}\n`) } as const;
    const two = { kind: "passwords", file: folder.file("two", `berta:${hash}\n`) } as const;
    const list = await openCredentials([one]);
    const may = async (username: string): Promise<boolean> =>
      (await list.authenticate(attempt({ username, password: "pass:word" }))).kind === "accepted";
    expect([await may("anna"), await may("berta")]).toEqual([true, false]);
    (await list.prepare([two, one]))();
    expect([await may("anna"), await may("berta")]).toEqual([true, true]);
    folder.file("one", `carl:${hash}\n`);
    await expect(list.prepare([one, { ...two, file: folder.path("none") }])).rejects.toThrow(
      "none: there is no such file",
    );
    expect([await may("anna"), await may("berta"), await may("carl")]).toEqual([true, true, false]);
    (await list.prepare())();
    expect([await may("anna"), await may("berta"), await may("carl")]).toEqual([false, true, true]);
    await expect(list.prepare([{ kind: "passwords" } as never])).rejects.toThrow(
      "credentials[0].file",
    );
    await expect(openCredentials([{ ...one, fil: "x" } as never])).rejects.toThrow("unknown key");
    list.close();
  });
});
