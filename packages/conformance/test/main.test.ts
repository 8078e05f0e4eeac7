import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));

/** Runs the built command as a user does. */
function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

describe("the program", () => {
  it("prints the titles of its cases", () => {
    const { status, stdout, stderr } = run("--list", "--section", "section-3-12");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("[MQTT-3.12.4-1]");
  });

  it("ends with exit code 2 on wrong usage", () => {
    const { status, stdout, stderr } = run("--port", "0");
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("--port is 0");
  });
});
