import { randomUUID } from "node:crypto";
import { appendFileSync, readFileSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Revocations } from "../../src/auth/revocations.js";
import { scratch } from "./attempt.js";

const folder = scratch();

describe("tokens that were revoked", () => {
  it("stay so across a restart, until they would have expired", async () => {
    const file = folder.path("revoked");
    const [soon, later] = [randomUUID(), randomUUID()];
    const first = await Revocations.open(file, 0);
    expect(await first.add(soon, 1_000, 0)).toBe(true);
    expect(await first.add(later, 2_000, 0)).toBe(true);
    expect(await first.add(later, 2_000, 0)).toBe(true);
    expect([first.has(soon), first.has(later), first.has(randomUUID())]).toEqual([
      true,
      true,
      false,
    ]);
    expect(readFileSync(file, "utf8")).toBe(`${soon} 1000\n${later} 2000\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await first.close();
    const second = await Revocations.open(file, 1_000);
    expect([second.has(soon), second.has(later)]).toEqual([false, true]);
    expect(readFileSync(file, "utf8")).toBe(`${later} 2000\n`);
    await second.add(randomUUID(), 3_000, 0);
    expect(readFileSync(file, "utf8").split("\n")).toHaveLength(3);
    await second.close();
  });

  it("[J02] leave out a last line that was being written when the power went", async () => {
    const file = folder.path("torn");
    const id = randomUUID();
    const first = await Revocations.open(file, 0);
    await first.add(id, 1_000, 0);
    await first.close();
    appendFileSync(file, randomUUID().slice(0, 20));
    const second = await Revocations.open(file, 0);
    expect(second.has(id)).toBe(true);
    await second.close();
  });

  it("[H05] in a file that is none: whoever was revoked would get in again", async () => {
    const id = randomUUID();
    const file = folder.file("broken", `${id} 1000\nsomething else\n${randomUUID()} 1000\n`);
    await expect(Revocations.open(file, 0)).rejects.toThrow(
      `${file}:2: expected: the id of a token`,
    );
    await expect(Revocations.open(folder.path("."), 0)).rejects.toThrow("cannot be read");
  });
});
