import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inspectStore, repairStore } from "../../src/store/inspect.js";
import { StoreError } from "../../src/store/store-error.js";
import { damage } from "../support/damages.js";
import { BUILT_STORE, fillWorld, USE_STORE, WORLD } from "../support/stored-world.js";

const { TESTS_SLOW } = process.env;
/** Each is a damage of its own; `TESTS_SLOW=1` takes them all. */
const SEEDS = TESTS_SLOW === "1" ? 200 : 12;
const TIME_LIMIT_MS = 900_000;
const REFUSED = 3;

let folder = "";
let whole: Buffer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "beeline-damage-"));
  await fillWorld(join(folder, "whole"));
  whole = readFileSync(join(folder, "whole", "data.mdb"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Use {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
}

/** Uses a store in a process of its own: if that ends by a signal, this one lives. */
function use(path: string): Promise<Use> {
  const program = `try {${USE_STORE}} catch (error) {
    if (error?.name !== "StoreError") throw error;
    console.error(error.message);
    process.exit(${REFUSED});
  }`;
  const args = ["--input-type=module", "-e", program, BUILT_STORE, path];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, (_error, out, err) => {
      resolve({ code: child.exitCode, signal: child.signalCode, out, err });
    });
  });
}

interface Found {
  readonly found: { readonly deliveries: number };
  readonly told: readonly string[];
  readonly removed: number;
  readonly left: number;
}

/** Everything is there, or it was said which message is not. */
function expectNothingSilent({ out }: Use): void {
  const { found, told, removed, left } = JSON.parse(out) as Found;
  expect(found).toMatchObject({
    sessions: WORLD.sessions,
    subscriptions: WORLD.sessions,
    inbound: WORLD.sessions,
    inboxes: WORLD.inboxes,
    retained: WORLD.retained,
    wills: 1,
  });
  expect(found.deliveries + told.length).toBe(WORLD.deliveries);
  expect(left).toBe(found.deliveries - removed);
}

describe(`[D2] [J06] [J07] ${SEEDS} damages of a store's file`, () => {
  it(
    "end no process by a signal, and lose nothing that is not told",
    async () => {
      const outcomes = { whole: 0, dropped: 0, refused: 0 };
      for (let seed = 1; seed <= SEEDS; seed += 1) outcomes[await outcomeOf(seed)] += 1;
      console.log(`${SEEDS} damages: ${JSON.stringify(outcomes)}`);
      // Else it has proven nothing: of each kind there is one among the first seeds.
      expect(Math.min(...Object.values(outcomes)), JSON.stringify(outcomes)).toBeGreaterThan(0);
    },
    TIME_LIMIT_MS,
  );
});

/** What becomes of a store with one damage. */
async function outcomeOf(seed: number): Promise<"whole" | "dropped" | "refused"> {
  const { bytes, kind } = damage(whole, seed);
  const path = join(folder, `${seed}`);
  mkdirSync(path);
  writeFileSync(join(path, "data.mdb"), bytes);
  const name = `seed ${seed}, ${kind}`;
  const report = reportOf(path);
  const used = await use(path);
  expect(used.signal, name).toBeNull();
  if (used.code === REFUSED) {
    expect(used.err, name).toMatch(/--move-damaged-store/);
    expect(report?.isFit ?? false, name).toBe(false);
    await expectRepairable(path, name);
  } else {
    expect(used.code, `${name}: ${used.err}`).toBe(0);
    expect(report?.isFit ?? bytes.length === 0, name).toBe(true);
    if (bytes.length > 0) expectNothingSilent(used);
  }
  rmSync(path, { recursive: true, force: true });
  if (used.code === REFUSED) return "refused";
  return used.out.includes('"told":[]') ? "whole" : "dropped";
}

function reportOf(path: string): { isFit: boolean } | undefined {
  try {
    return inspectStore(path);
  } catch (error) {
    if (error instanceof StoreError) return undefined;
    throw error;
  }
}

/** What is whole is kept, and a server starts on it. */
async function expectRepairable(path: string, name: string): Promise<void> {
  try {
    expect(repairStore(path).damages.length, name).toBeGreaterThan(0);
  } catch (error) {
    if (error instanceof StoreError) return; // nothing tells any more that it is a store
    throw error;
  }
  expect(inspectStore(path).damages, name).toEqual([]);
  expect((await use(path)).code, name).toBe(0);
}
