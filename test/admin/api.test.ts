import { afterEach, describe, expect, it } from "vitest";
import { type AdminWorld, adminWorld, TOKEN } from "../support/admin.js";

let world: AdminWorld;
afterEach(() => world.close());

describe("the API", () => {
  it("shows its document to everybody who may ask this host", async () => {
    world = adminWorld();
    const answer = await world.askAs({}, "/api/v1/openapi.json");
    expect(await answer.json()).toMatchObject({ openapi: "3.1.0", servers: [{ url: "/api/v1" }] });
  });

  it("says of a path that it has no such one, or which methods it takes", async () => {
    world = adminWorld();
    expect((await world.ask("/nothing")).status).toBe(404);
    expect((await world.ask("/clients/a/b/c")).status).toBe(404);
    const answer = await world.ask("/clients/a", { method: "PUT" });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe("GET, DELETE");
    const exact = await world.ask("/clients/query", { method: "PUT" });
    expect(exact.headers.get("allow")).toBe("POST"); // not what /clients/{id} takes
    expect((await world.askAs({}, "/api/v1/nothing")).status).toBe(401);
  });

  it("refuses bodies that are too large, no JSON, or nothing", async () => {
    world = adminWorld();
    const much = await world.post("/messages", { topicName: "a", payload: "x".repeat(1 << 20) });
    expect(much.status).toBe(413);
    const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
    const post = (body: string, type = headers["content-type"]) =>
      world.askAs({ ...headers, "content-type": type }, "/api/v1/messages", {
        ...{ method: "POST", body },
      });
    expect((await post("{")).status).toBe(400);
    expect((await post("")).status).toBe(400);
    const wrongType = await post("a=b", "application/x-www-form-urlencoded");
    expect(wrongType.status).toBe(415);
    expect(await wrongType.json()).toMatchObject({ detail: "the body must be application/json" });
  });

  it("begins nothing while the server stops", async () => {
    world = adminWorld({ isStopping: () => true });
    const answer = await world.ask("/stats");
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ type: "urn:beeline:problem:stopping" });
  });

  it("tells the log what failed by its own fault, and not the one who asked", async () => {
    const fault = new Error("a secret of ours");
    world = adminWorld({
      changed: {
        stats: () => {
          throw fault;
        },
      },
    });
    const answer = await world.ask("/stats");
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain("secret");
    expect(world.failures).toEqual([fault]);
  });
});
