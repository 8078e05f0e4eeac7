import { afterEach, describe, expect, it } from "vitest";
import { adminApp, isOwnHost } from "../../src/admin/admin-app.js";
import { Health } from "../../src/admin/health.js";

const health = new Health({ loopLagMsMax: 60_000, parts: [] });
const metrics = { contentType: "text/plain; version=0.0.4", text: async () => "mqtt_x 1\n" };
const app = adminApp({ hostNames: ["broker.example"], health, metrics });

afterEach(() => health.close());

function ask(path: string, host = "127.0.0.1:18083", method = "GET") {
  return app.request(path, { method, headers: { host } });
}

describe("the admin listener's routes", () => {
  it("answer health and metrics", async () => {
    expect((await ask("/healthz")).status).toBe(200);
    expect((await ask("/readyz")).status).toBe(200);
    const answer = await ask("/metrics");
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4");
    expect(await answer.text()).toBe("mqtt_x 1\n");
  });

  it("are three, and to be read only", async () => {
    expect((await ask("/")).status).toBe(404);
    expect((await ask("/metrics", "localhost", "POST")).status).toBe(404);
  });

  it("[M05] refuse a page that asks under a name of its own", async () => {
    const answer = await ask("/metrics", "evil.example");
    expect(answer.status).toBe(421);
    expect(await answer.text()).toContain("use its address");
    expect((await ask("/metrics", "")).status).toBe(421);
  });
});

it.each([
  ["127.0.0.1:18083", true],
  ["[::1]:18083", true],
  ["10.1.2.3", true],
  ["localhost:1", true],
  ["Broker.Example:18083", true],
  ["localhost.evil.example", false],
  ["127.0.0.1.evil.example", false],
  ["", false],
])("the host %j is its own: %s", (header, isOwn) => {
  expect(isOwnHost(header, ["broker.example"])).toBe(isOwn);
});
