import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openTokenState } from "../../src/auth/token-state.js";
import { scratch } from "./attempt.js";

const folder = scratch();

describe("what an issuer of tokens keeps", () => {
  it("[J12] is made once, for its owner alone, and found again", async () => {
    const path = folder.path("state");
    const first = await openTokenState(path, 0);
    await first.revocations.close();
    const second = await openTokenState(path, 0);
    await second.revocations.close();
    expect(first.key).toHaveLength(32);
    expect(second.key).toEqual(first.key);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(join(path, "token-key")).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(path, "token-key"), "utf8")).toMatch(/^[0-9a-f]{64}\n$/);
  });

  it("[H05] [M03] with a key that is none is refused, and the key not shown", async () => {
    folder.file("token-key", "hunter2\n");
    const opening = openTokenState(folder.path("."), 0);
    await expect(opening).rejects.toThrow("token-key:1: expected: 64 hexadecimal digits");
    await expect(opening).rejects.not.toThrow("hunter2");
  });
});
