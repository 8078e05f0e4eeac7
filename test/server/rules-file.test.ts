import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { rightsOf } from "../../src/permissions/permissions.js";
import { readAclFile, readRulesFile } from "../../src/server/rules-file.js";
import { PointToPoint } from "../../src/topic/point-to-point.js";

const folder = mkdtempSync(join(tmpdir(), "beeline-rules-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, "rules.yaml");
const ADDRESSING = new PointToPoint(true);

function read(text: string) {
  writeFileSync(file, text);
  return readRulesFile(file, ADDRESSING);
}

const GOOD = `
groups:
  doctors: [anna]
rules:
  - { allow: any, do: [publish, retain], topic: "beds/\${clientId}/#" }
  - allow: { group: doctors }
    do: subscribe
    topic: beds/#
  - allow: { group: doctors }
    do: sendTo
    parent: ward
    to: "+"
`;

describe("a rules file", () => {
  it("is YAML with groups and rules", () => {
    const subject = { clientId: "b7", username: "anna", remoteAddress: "" };
    const rights = rightsOf({ current: read(GOOD) }, subject, undefined);
    expect(rights?.mayPublish("beds/b7/pulse", true)).toBe(true);
    expect(rights?.mayPublish("beds/b8/pulse", false)).toBe(false);
    expect(rights?.reachOf("beds/#")).toBe("all");
    expect(rights?.maySendTo("b8", "ward", "ward/p2p/b8")).toBe(true);
  });

  it.each([
    ["rules: [", "1:9: "],
    ["", "1:1: nothing stands where groups and rules are expected"],
    ["rule: []", "1:7: rule: unknown key rule, did you mean rules?"],
    [
      "rules:\n  - allow: any\n    do: publish\n    topic: a/#/b\n",
      '4:12: rules[0].topic: "a/#/b" is no Topic Filter',
    ],
    [
      "rules:\n  - { allow: any, do: publish, topic: a/# }\n  - { deny: any, do: publish, topic: a/b }\n",
      "3:5: rules[1]: this rule can never match: the rule in line 2 decides before it",
    ],
    [
      "rules:\n  - { allow: any, do: publish, topic: chat/p2p/bob }\n",
      "2:5: rules[0]: this rule can never match: chat/p2p/bob addresses one client",
    ],
  ])("[H05] [M04] %j is refused with file, line and reason", (text, message) => {
    expect(() => read(text)).toThrow(`${file}:${message}`);
  });

  it("[H05] that is missing, or no file, is refused", () => {
    const missing = join(folder, "missing");
    expect(() => readRulesFile(missing, ADDRESSING)).toThrow(
      `${missing}: the rules cannot be read`,
    );
    expect(() => readAclFile(folder)).toThrow(`${folder}: the rules cannot be read`);
  });

  it("of Mosquitto's is refused with its line", () => {
    writeFileSync(file, "topic read a\ntopic eat b\n");
    expect(() => readAclFile(file)).toThrow(`${file}:2: "eat" is no access`);
  });
});

describe("a file that is none of rules", () => {
  it.each([readRulesFile, readAclFile])("[H05] is not read, nor shown: %#", (readOne) => {
    writeFileSync(file, Buffer.from([0x1b, 0x5b, 0x32, 0x4a, 0xff, 0x0a]));
    expect(() => readOne(file, ADDRESSING)).toThrow(
      `${file}: the rules cannot be read: it is not UTF-8 text`,
    );
    expect(() => readOne("/dev/zero", ADDRESSING)).toThrow("it has more than 16777216 bytes");
    expect(() => readOne(folder, ADDRESSING)).toThrow("it is a folder, not a file");
  });
});
