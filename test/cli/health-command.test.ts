import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { AdminListener } from "../../src/admin/admin-listener.js";
import { runProgram } from "../../src/cli/program.js";

let listener: AdminListener | undefined;

afterEach(() => listener?.close());

async function run(...args: string[]) {
  const written = { out: "", err: "" };
  const code = await runProgram(["health", ...args], {
    stdout: { write: (text: string) => (written.out += text) },
    stderr: { write: (text: string) => (written.err += text) },
  } as never); // as much of a stream as the program uses
  return { code, ...written };
}

it("tells that a server is well, or not, by its exit code", async () => {
  let status = 200;
  listener = new AdminListener(() => new Response("as it is", { status }));
  const url = `${await listener.listen({ host: "127.0.0.1", port: 0 })}/healthz`;
  expect(await run("--url", url)).toEqual({
    ...{ code: 0, out: `${url} answers 200: as it is\n`, err: "" },
  });
  status = 503;
  expect(await run("--url", url)).toEqual({
    ...{ code: 1, out: "", err: `error: ${url} answers 503: as it is\n` },
  });
});

it("asks /healthz where only the address is given", async () => {
  listener = new AdminListener((request) => new Response(new URL(request.url).pathname));
  const url = await listener.listen({ host: "127.0.0.1", port: 0 });
  expect((await run("--url", url)).out).toBe(`${url}/healthz answers 200: /healthz\n`);
  expect((await run("--url", `${url}/readyz`)).out).toContain("200: /readyz");
});

it("asks where the configuration says, without --url", async () => {
  listener = new AdminListener((request) => new Response(new URL(request.url).pathname));
  const url = await listener.listen({ host: "127.0.0.1", port: 0 });
  const folder = mkdtempSync(join(tmpdir(), "health-"));
  const file = join(folder, "beeline.yaml");
  writeFileSync(file, `admin: { host: 0.0.0.0, port: ${new URL(url).port} }\n`);
  expect(await run("-c", file)).toEqual({
    ...{ code: 0, out: `${url}/healthz answers 200: /healthz\n`, err: "" },
  });
  writeFileSync(file, "admin: { enabled: false }\n");
  expect(await run("-c", file)).toMatchObject({
    ...{ code: 1, err: "error: admin.enabled is false: the server has no admin port\n" },
  });
  rmSync(folder, { recursive: true });
});

it("explains itself", async () => {
  expect((await run("--help")).out).toContain("http://127.0.0.1:18083/healthz");
});
