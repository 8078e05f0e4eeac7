import { afterEach, describe, expect, it } from "vitest";
import { Health } from "../../src/admin/health.js";

let health: Health;

afterEach(() => health.close());

/** Keeps the event loop busy. */
function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 30));
}

describe("alive", () => {
  it("is ok while the event loop keeps up", async () => {
    health = new Health({ loopLagMsMax: 60_000, parts: [] });
    const answer = health.alive();
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ status: "ok", loopLagMs: expect.any(Number) });
  });

  it("is not when it was late, and says how much", async () => {
    health = new Health({ loopLagMsMax: 100, parts: [] });
    let answer = health.alive();
    // Node's monitor sees nothing of what was late before its first look, which may be late as well.
    for (let tries = 0; tries < 20 && answer.status === 200; tries += 1) {
      block(200);
      await turn();
      answer = health.alive();
    }
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      status: "slow",
      reasons: [expect.stringMatching(/^the event loop was \d+ ms late; at most 100 is healthy$/)],
    });
  });
});

describe("ready", () => {
  it("is when all parts are", async () => {
    health = new Health({ loopLagMsMax: 1, parts: [() => undefined, () => undefined] });
    const answer = health.ready();
    expect([answer.status, await answer.json()]).toEqual([200, { status: "ready" }]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  it("is not when one is not, or while it stops, with all reasons", async () => {
    health = new Health({ loopLagMsMax: 1, parts: [() => undefined, () => "the disk is full"] });
    expect(await health.ready().json()).toEqual({
      status: "not ready",
      reasons: ["the disk is full"],
    });
    health.stopping();
    const answer = health.ready();
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      reasons: ["the server is stopping", "the disk is full"],
    });
  });
});
