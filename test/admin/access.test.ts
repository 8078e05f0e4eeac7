import { afterEach, describe, expect, it } from "vitest";
import { type AdminWorld, adminWorld, TOKEN } from "../support/admin.js";

let world: AdminWorld;
afterEach(() => world.close());

async function problemOf(answer: Response): Promise<[number, string]> {
  const { type } = (await answer.json()) as { type: string };
  return [answer.status, type.replace("urn:beeline:problem:", "")];
}

describe("access to the API", () => {
  it("is for whoever shows the token", async () => {
    world = adminWorld();
    const path = "/api/v1/stats";
    expect((await world.askAs({ authorization: `Bearer ${TOKEN}` }, path)).status).toBe(200);
    expect((await world.askAs({ authorization: `bearer  ${TOKEN} ` }, path)).status).toBe(200);
    for (const headers of [{}, { authorization: `Basic ${TOKEN}` }, { cookie: "a=b" }]) {
      expect(await problemOf(await world.askAs(headers, path))).toEqual([401, "signed-out"]);
    }
    const wrong = await world.askAs({ authorization: "Bearer wrong" }, path);
    expect(await problemOf(wrong)).toEqual([401, "wrong-token"]);
  });

  it("asks whoever guesses to wait, and lets in whoever knows", async () => {
    world = adminWorld();
    const guess = () => world.askAs({ authorization: "Bearer guess" }, "/api/v1/stats");
    for (let guesses = 0; guesses < 10; guesses += 1) expect((await guess()).status).toBe(401);
    expect(await problemOf(await guess())).toEqual([401, "too-many-failures"]);
    expect((await world.ask("/stats")).status).toBe(200);
  });

  it("is not for pages of other origins, whatever they know", async () => {
    world = adminWorld();
    const authorization = `Bearer ${TOKEN}`;
    for (const origin of ["http://evil.example", "null", "http://127.0.0.1:1", "https://a@b"]) {
      const answer = await world.askAs({ authorization, origin }, "/api/v1/stats");
      expect(await problemOf(answer)).toEqual([403, "foreign-origin"]);
    }
    const own = { authorization, origin: "http://127.0.0.1:18083" };
    expect((await world.askAs(own, "/api/v1/stats")).status).toBe(200);
  });

  it("[M05] is not for a page that has this address under a name of its own", async () => {
    world = adminWorld();
    const headers = { host: "evil.example", authorization: `Bearer ${TOKEN}` };
    expect(await problemOf(await world.askAs(headers, "/api/v1/stats"))).toEqual([
      421,
      "wrong-host",
    ]);
  });
});
