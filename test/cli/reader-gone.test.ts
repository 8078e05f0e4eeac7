import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = new URL("../../", import.meta.url);
const COMMAND = "dist/cli/main.js";

/** Starts a program whose standard output nobody reads from the start; collects the other one. */
function unread(file: string, ...args: string[]) {
  const main = fileURLToPath(new URL(file, root));
  const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  let err = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  return { child, said: () => err };
}

describe("a command that nobody reads any more", () => {
  it.each([
    [COMMAND, "--help"],
    [COMMAND, "start --help"],
    [COMMAND, "store --help"],
    [COMMAND, "bench --help"],
    [COMMAND, "conformance --list"],
    ["packages/conformance/dist/main.js", "--list"],
    ["packages/bench/dist/main.js", "--help"],
  ])("ends without a word, as by SIGPIPE: %s %s", async (file, args) => {
    const { child, said } = unread(file, ...args.split(" "));
    const [code] = await once(child, "close");
    expect({ code, said: said() }).toEqual({ code: 141, said: "" });
  });

  it("goes on when it is a server, until a signal stops it", async () => {
    const { child, said } = unread(COMMAND, "start", "--memory", "--port", "0");
    while (!said().includes("listening on mqtt://")) await once(child.stderr, "data");
    child.kill("SIGTERM");
    const [code] = await once(child, "close");
    expect(code).toBe(0);
    expect(said()).toContain("SIGTERM: closing connections");
  });
});
