import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { createBroker, type MqttBroker } from "../../src/index.js";
import { checkRules, permissionsFor, permissionsPart } from "../../src/server/permissions.js";

const folder = mkdtempSync(join(tmpdir(), "beeline-permissions-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const rulesFile = join(folder, "rules.yaml");
const config = { permissions: { rulesFile }, broker: {} };
const allow = (topic: string): string =>
  `rules:\n  - { allow: any, do: [publish, subscribe], topic: ${topic} }\n`;

const BOTH = (["a", "b"] as const).map(
  (topicFilter) => ({ topicFilter, requestedQos: 0 }) as const,
);

let broker: MqttBroker | undefined;
afterEach(async () => {
  await broker?.close();
  broker = undefined;
});

describe("the rules of a server", () => {
  it("are none, or those of one file", () => {
    expect(permissionsFor({ broker: {} })).toBeUndefined();
    expect(permissionsFor({ permissions: {}, broker: {} })).toBeUndefined();
    writeFileSync(rulesFile, allow("a"));
    expect(permissionsFor(config)?.current.asMosquitto).toBe(false);
    const aclFile = join(folder, "acl");
    writeFileSync(aclFile, "topic read a\n");
    expect(permissionsFor({ permissions: { aclFile }, broker: {} })?.current.asMosquitto).toBe(
      true,
    );
    expect(() => permissionsFor({ permissions: { aclFile, rulesFile }, broker: {} })).toThrow(
      "(--rules-file) and permissions.aclFile (--acl-file) contradict each other",
    );
  });

  it("know which topics are point-to-point here", () => {
    writeFileSync(rulesFile, allow("chat/p2p/bob"));
    expect(() => checkRules(config)).toThrow("can never match");
    expect(checkRules({ ...config, broker: { pointToPoint: { enabled: false } } })).toEqual([]);
    expect(checkRules({ ...config, broker: { pointToPoint: { parents: ["x"] } } })).toEqual([]);
  });

  it("[H06] are exchanged by a reload, for who is connected too; a bad file changes nothing", async () => {
    writeFileSync(rulesFile, allow("a"));
    const permissions = permissionsFor(config);
    if (permissions === undefined) throw new Error("there are rules");
    broker = createBroker({ permissions });
    const part = permissionsPart(permissions, broker);
    const client = await broker.connectInProcess({ clientId: "c" });
    expect(await client.subscribe(BOTH)).toEqual([0, 0x80]);
    writeFileSync(rulesFile, "rules: 7\n");
    expect(() => part.prepare(config)).toThrow(`${rulesFile}:1:8: rules: 7 stands where`);
    expect(broker.stats().subscriptions).toBe(1);
    writeFileSync(rulesFile, allow("b"));
    const commit = part.prepare(config);
    expect(broker.stats().subscriptions).toBe(1); // nothing has changed yet
    commit();
    expect(broker.stats().subscriptions).toBe(0);
    expect(await client.subscribe(BOTH)).toEqual([0x80, 0]);
  });

  it("need a restart to begin, and to end", () => {
    writeFileSync(rulesFile, allow("a"));
    const host = { recheck: () => undefined };
    expect(() => permissionsPart(undefined, host).prepare(config)).toThrow(
      "the first rules take a",
    );
    const part = permissionsPart(permissionsFor(config), host);
    expect(() => part.prepare({ broker: {} })).toThrow("taking all away takes a restart");
    permissionsPart(undefined, host).prepare({ broker: {} })(); // none before, none now
  });
});
