import { afterEach, beforeEach, expect, it } from "vitest";
import { type AdminWorld, adminWorld, TOKEN } from "../../support/admin.js";

let world: AdminWorld;
beforeEach(() => {
  world = adminWorld();
});
afterEach(() => world.close());

const JSON_TYPE = { "content-type": "application/json" };

function login(token: unknown, headers: Record<string, string> = JSON_TYPE): Promise<Response> {
  const body = JSON.stringify({ token });
  return world.askAs(headers, "/api/v1/login", { method: "POST", body });
}

async function isSignedIn(cookie: string): Promise<unknown> {
  return (await world.askAs({ cookie }, "/api/v1/login")).json();
}

it("gives a cookie for the token, and takes it back", async () => {
  const answer = await login(TOKEN);
  expect(answer.status).toBe(204);
  const given = answer.headers.get("set-cookie") ?? "";
  expect(given).toMatch(
    /^beeline-console18083=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/,
  );
  const [cookie = ""] = given.split(";");
  expect(await isSignedIn(cookie)).toEqual({ signedIn: true });
  expect((await world.askAs({ cookie }, "/api/v1/stats")).status).toBe(200);
  const out = await world.askAs({ cookie }, "/api/v1/logout", { method: "POST" });
  expect(out.status).toBe(204);
  expect(out.headers.get("set-cookie")).toContain("Max-Age=0");
  expect(await isSignedIn(cookie)).toEqual({ signedIn: false });
  expect((await world.askAs({ cookie }, "/api/v1/stats")).status).toBe(401);
});

it("tells without an error that nobody has signed in: a browser would show that", async () => {
  expect(await isSignedIn("")).toEqual({ signedIn: false });
});

it("gives none for anything else", async () => {
  expect((await login("wrong")).status).toBe(401);
  expect((await login(7)).status).toBe(400);
  expect((await login(TOKEN, { "content-type": "text/plain" })).status).toBe(415);
  expect((await login(TOKEN, { ...JSON_TYPE, origin: "http://evil.example" })).status).toBe(403);
});

it("reads no more of a stranger than a token needs", async () => {
  const answer = await login("x".repeat(17_000));
  expect(answer.status).toBe(413);
  expect(await answer.json()).toMatchObject({ detail: "the body may have 16384 bytes" });
});
