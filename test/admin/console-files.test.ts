import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { consoleFiles } from "../../src/admin/console-files.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "console-files-"));
  writeFileSync(join(folder, "index.html"), "<!doctype html>");
  writeFileSync(join(folder, "console.js"), "run()");
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("the console's files", () => {
  it("may load nothing but each other, run nothing written in the page, and stand in no frame", async () => {
    const answer = await consoleFiles(folder).request("/");
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await answer.text()).toBe("<!doctype html>");
    const policy = answer.headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; /);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("are small for whoever takes that, and not sent twice", async () => {
    const app = consoleFiles(folder);
    const answer = await app.request("/console.js", { headers: { "accept-encoding": "gzip, br" } });
    expect(answer.headers.get("content-encoding")).toBe("gzip");
    expect(gunzipSync(await answer.arrayBuffer()).toString()).toBe("run()");
    const etag = answer.headers.get("etag") ?? "";
    const again = await app.request("/console.js", { headers: { "if-none-match": etag } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
  });

  it("are nothing where they were not built", async () => {
    expect((await consoleFiles(folder).request("/style.css")).status).toBe(404);
    expect((await consoleFiles(join(folder, "none")).request("/")).status).toBe(404);
    expect((await consoleFiles(folder).request("/package.json")).status).toBe(404);
  });
});
