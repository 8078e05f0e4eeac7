import { afterEach, describe, expect, it } from "vitest";
import { FailureLimit } from "../../src/admin/failure-limit.js";
import { type AdminWorld, adminWorld } from "../support/admin.js";

let world: AdminWorld;
afterEach(() => world.close());

const FORM = "application/x-www-form-urlencoded";
const asked: [string, object][] = [];

/** @param status - Of the answer to a request that does not say that it is right. */
function open(status = 200): void {
  asked.length = 0;
  world = adminWorld({
    parts: {
      tokens: {
        failures: new FailureLimit(() => 0),
        answer: async (path, request) => {
          asked.push([path, request]);
          if (path !== "/token/apply") return undefined;
          const isRight = status === 200 || "right" in request;
          return { status: isRight ? 200 : status, body: { success: isRight } };
        },
      },
    },
  });
}

function post(body: string, type = FORM, path = "/token/apply"): Promise<Response> {
  return world.askAs({ "content-type": type }, path, { method: "POST", body });
}

describe("what accounts ask about their tokens", () => {
  it("comes as a form or as JSON, without the token of the server", async () => {
    open();
    expect(await (await post("actions=R%2CW&accessKey=k")).json()).toEqual({ success: true });
    await post('{"actions":"R,W","expireTime":1700000000000}', "application/json");
    expect(asked).toEqual([
      ["/token/apply", { actions: "R,W", accessKey: "k" }],
      ["/token/apply", { actions: "R,W", expireTime: "1700000000000" }],
    ]);
  });

  it("is refused where it can be nothing", async () => {
    open();
    for (const body of ["", "[]", "null", '{"a":{}}', "{"]) {
      expect((await post(body, "application/json")).status).toBe(400);
    }
    expect((await post("", FORM, "/token/other")).status).toBe(404);
    expect((await world.askAs({}, "/token/apply")).status).toBe(404);
    expect((await post("a".repeat(300 * 1_024))).status).toBe(413);
    const foreign = { "content-type": FORM, origin: "http://evil.example" };
    const answer = await world.askAs(foreign, "/token/apply", { method: "POST", body: "" });
    expect(answer.status).toBe(403);
  });

  it("is told no more after ten wrong signatures in a minute, but a right one is", async () => {
    open(403);
    for (let guess = 0; guess < 10; guess += 1) expect((await post("a=b")).status).toBe(403);
    expect((await post("a=b")).status).toBe(429);
    expect((await post("right=yes")).status).toBe(200);
  });

  it("is nothing where there are no accounts", async () => {
    world = adminWorld();
    expect((await post("a=b")).status).toBe(404);
  });
});
