import { describe, expect, it } from "vitest";
import { TOOLS } from "../../src/cli/tools.js";

async function run(name: string, ...args: string[]) {
  let out = "";
  let err = "";
  const code = await TOOLS[name]?.run(args, {
    stdout: {
      write: (text) => {
        out += text;
      },
    },
    stderr: {
      write: (text) => {
        err += text;
      },
    },
  });
  return { code, out, err };
}

describe.each(Object.keys(TOOLS))("beeline %s", (name) => {
  it("explains itself", async () => {
    const { code, out, err } = await run(name, "--help");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("--port");
  });

  it("[M04] ends with 2 for a flag that does not exist, and names it", async () => {
    const { code, out, err } = await run(name, "--bogus");
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain("--bogus");
  });
});
