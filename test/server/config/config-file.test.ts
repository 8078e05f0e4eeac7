import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readConfigFile } from "../../../src/server/config/config-file.js";
import { ConfigError } from "../../../src/server/config/problem.js";
import { asNobody, IS_ROOT } from "../../support/other-user.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "beeline-config-"));
  chmodSync(folder, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(text: string | Uint8Array, name = "beeline.yaml"): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** The values by path. */
function valuesOf(file: string): Record<string, unknown> {
  const { values } = readConfigFile(file);
  return Object.fromEntries([...values].map(([{ path }, value]) => [path, value]));
}

/** The lines of what is wrong, without the folder. */
function problemsOf(file: string): string[] {
  try {
    readConfigFile(file);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message.replaceAll(`${folder}/`, "").split("\n");
  }
  return [];
}

describe("a configuration file", () => {
  it("is YAML", () => {
    const file = write(`
port: 1884 # the other one
limits: { queueMessagesMax: 5, packetBytesMax: 1 MiB }
pointToPoint:
  parents: [a, b]
store:
`);
    expect(valuesOf(file)).toEqual({
      port: 1884,
      "limits.queueMessagesMax": 5,
      "limits.packetBytesMax": 1_048_576,
      "pointToPoint.parents": ["a", "b"],
    });
  });

  it("may be JSON, empty, all comments, or reached through a link", () => {
    expect(valuesOf(write('{"port": 1884, "store": {"memory": true}}', "b.json"))).toEqual({
      port: 1884,
      "store.memory": true,
    });
    expect(valuesOf(write(""))).toEqual({});
    const link = join(folder, "link");
    symlinkSync(write("# port: 5\n"), link);
    expect(valuesOf(link)).toEqual({});
  });

  it("tells where an option stands", () => {
    const { values, whereOf } = readConfigFile(write("port: 1\nlimits:\n  heldMax: 5\n"));
    expect([...values.keys()].map(whereOf)).toEqual([
      `${folder}/beeline.yaml:1:1`,
      `${folder}/beeline.yaml:3:3`,
    ]);
  });

  it.each([
    ["prot: 1\n", "beeline.yaml:1:1: unknown key prot: did you mean port?"],
    ["a: 1\nport: x\n", "beeline.yaml:1:1: unknown key a;"],
    [
      "limits:\n  queueMesagesMax: 5\n",
      "beeline.yaml:2:3: unknown key limits.queueMesagesMax: did you mean limits.queueMessagesMax?",
    ],
    [
      "queueMessagesMax: 5\n",
      "beeline.yaml:1:1: unknown key queueMessagesMax: did you mean limits.queueMessagesMax?",
    ],
    ["port: 70000\n", "beeline.yaml:1:7: port is 70000; allowed: whole numbers from 0 to 65535"],
    ['port: "1884"\n', undefined],
    ["port: yes\n", 'beeline.yaml:1:7: port is "yes"; allowed: whole numbers'],
    ["port:\n", "beeline.yaml:1:6: port is null; allowed: whole numbers"],
    ["mqtt31: on\n", 'beeline.yaml:1:9: mqtt31 is "on"; allowed: true or false'],
    [
      "limits:\n  packetBytesMax: 10 s\n",
      'beeline.yaml:2:19: limits.packetBytesMax is "10 s"; allowed: whole numbers from 64 to ' +
        "268435460, in bytes, or with a unit: KiB, MiB, GiB",
    ],
    [
      "store:\n  durability: fats\n",
      'beeline.yaml:2:15: store.durability is "fats"; allowed: sync, fast; did you mean fast?',
    ],
    [
      "pointToPoint:\n  parents:\n    - ok\n    - $SYS\n",
      'beeline.yaml:4:7: pointToPoint.parents[1] is "$SYS"; allowed: single topic levels',
    ],
    ["pointToPoint: [1]\n", "beeline.yaml:1:15: pointToPoint is [1]; allowed: a map with enabled"],
    [
      "port:1883\n",
      'beeline.yaml:1:1: the configuration is "port:1883"; allowed: a line for each option, as in port: 1883, with a space behind the colon',
    ],
    [
      "- port\n",
      'beeline.yaml:1:1: the configuration is ["port"]; allowed: a line for each option',
    ],
    [
      "limits: 5\n",
      "beeline.yaml:1:9: limits is 5; allowed: a map with packetBytesMax, connectBytesMax, pipelinedBytesMax and ",
    ],
    [
      "limits: { nonsense: 5 }\n",
      "unknown key limits.nonsense; allowed here: packetBytesMax, connectBytesMax, pipelinedBytesMax and ",
    ],
    [
      "port: 1\nport: 2\n",
      "beeline.yaml:2:1: the key port is there for the second time; allowed: once",
    ],
    ["port: [1\n", "beeline.yaml:2:1: the [ before this has no ] at its end"],
    ["<<: {port: 1}\n", "beeline.yaml:1:1: unknown key <<"],
    ["port: !!set {a}\n", "beeline.yaml:1:13: port is an instance of Set; allowed: whole"],
    [
      "port: !mine 5\n",
      "beeline.yaml:1:7: !mine cannot be read: a text that begins with ! must be in quotes",
    ],
  ])("[M04] that says %j is refused with its place and what was meant", (text, sentence) => {
    const [first = "nothing is wrong", ...others] = problemsOf(write(text));
    if (sentence === undefined) expect(first).toMatch(/^beeline.yaml:1:7: port is "1884"/);
    else expect(first).toContain(sentence);
    if (!text.startsWith("a: 1")) expect(others).toEqual([]);
  });

  it("[M04] tells everything that is wrong with it in one run", () => {
    expect(problemsOf(write("prot: 1\nport: x\nlimits: {heldMax: 0, no: 1}\n"))).toHaveLength(4);
  });

  it("[M04] that cannot be read is named with what is wrong", (context) => {
    expect(problemsOf(join(folder, "missing.yaml"))).toEqual([
      "missing.yaml: there is no such file",
    ]);
    mkdirSync(join(folder, "sub"));
    expect(problemsOf(join(folder, "sub"))).toEqual(["sub: it is a folder, not a file"]);
    expect(problemsOf(write(Uint8Array.of(0x61, 0xff)))).toEqual([
      "beeline.yaml: it is not UTF-8 text",
    ]);
    expect(problemsOf("/dev/zero")).toEqual(["/dev/zero: it has more than 1048576 bytes"]);
    const file = write("port: 1\n");
    chmodSync(file, 0);
    if (!IS_ROOT) context.skip("needs another user");
    expect(asNobody(() => problemsOf(file))).toEqual(["beeline.yaml: this user may not read it"]);
  });
});
