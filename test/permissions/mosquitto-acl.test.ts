import { describe, expect, it } from "vitest";
import { mosquittoRules } from "../../src/permissions/mosquitto-acl.js";
import { rightsOf } from "../../src/permissions/permissions.js";
import { RulesError } from "../../src/permissions/problem.js";

function rightsBy(text: string, username?: string, clientId = "c1") {
  const subject = { clientId, username, remoteAddress: "" };
  const rights = rightsOf({ current: mosquittoRules(text, "acl") }, subject, undefined);
  if (rights === undefined) throw new Error("rules give rights");
  return rights;
}

/** r, w, both or nothing for a topic. */
function access(text: string, topic: string, username?: string, clientId?: string): string {
  const rights = rightsBy(text, username, clientId);
  const may = rights.mayPublish(topic, false);
  expect(rights.mayPublish(topic, true)).toBe(may); // there is no right to retain
  return `${rights.mayReceive(topic) ? "r" : ""}${may ? "w" : ""}`;
}

describe("a file of Mosquitto's", () => {
  const FILE = [
    "# of those without a name",
    "topic read open/#",
    "topic   both/#   ",
    "",
    "user anna",
    "topic write a/+",
    "topic readwrite with a blank",
    "topic read %c/x\r",
    "topic deny a/secret",
    "user berta b",
    "topic read a/#",
    "user anna",
    "topic read later",
    "pattern read own/%c/%u",
    "pattern write pub/%c",
    "pattern deny pub/%c/no",
    "pattern write pub/%c/+",
  ].join("\n");

  it.each([
    ["open/1", undefined, "r"],
    ["both/1", undefined, "rw"],
    ["open/1", "anna", ""],
    ["a/1", "anna", "w"],
    ["a/secret", "anna", ""], // a deny comes first, wherever it stands
    ["with a blank", "anna", "rw"],
    ["%c/x", "anna", "r"], // in a topic line it means itself
    ["c1/x", "anna", ""],
    ["later", "anna", "r"], // a user may come again
    ["a/1", "berta b", "r"],
    ["own/c1/anna", "anna", "r"], // patterns are for all
    ["own/c1/zoe", "zoe", "r"],
    ["own/c2/anna", "anna", ""],
    ["own/c1/", undefined, ""],
    ["pub/c1", undefined, "w"],
    ["pub/c1/no", undefined, ""],
    ["pub/c1/yes", undefined, "w"],
  ])("%s for %s: %j", (topic, username, expected) => {
    expect(access(FILE, topic, username)).toBe(expected);
  });

  it.each(["+", "#", "a+b"])("gives a name like %j no rights by patterns", (name) => {
    expect(access(FILE, "pub/x", undefined, name)).toBe("");
    expect(access(FILE, "open/x", undefined, name)).toBe("r"); // but by topics
    expect(access(FILE, "pub/c1", name)).toBe("");
  });

  it.each(["a/b", "", "p2p", "$SYS"])("[H02] takes no name like %j into a pattern", (name) => {
    const text = "pattern readwrite %c/#\npattern readwrite x/%c/#\ntopic read ok";
    for (const topic of [`${name}/x`, `x/${name}/y`, "x/a/b", "$SYS/x"]) {
      if (topic.startsWith("p2p/") || topic === "x/$SYS/y") continue; // there it is like any other
      expect(access(text, topic, undefined, name)).toBe("");
    }
    expect(access(text, "ok", undefined, name)).toBe("r");
  });

  it("[H02] denies broadly what a pattern denies to a name it cannot take", () => {
    const text = "pattern deny a/%c/x\npattern write a/#";
    expect(access(text, "a/1", undefined, "c1")).toBe("w");
    expect(access(text, "a/1", undefined, "b/c")).toBe("");
  });

  it("grants every SUBSCRIBE, and looks at each message", () => {
    const rights = rightsBy(FILE, "berta b");
    expect([rights.reachOf("a/#"), rights.reachOf("#"), rights.reachOf("nothing")]).toEqual([
      "all",
      "some",
      "some",
    ]);
    expect(rights.mayReceive("nothing")).toBe(false);
  });

  it("[P18] lets whoever may publish on a point-to-point topic send to that Client", () => {
    const text = "topic write chat/p2p/+\ntopic deny chat/p2p/boss";
    const rights = rightsBy(text);
    expect(rights.maySendTo("bob", "chat", "chat/p2p/bob")).toBe(true);
    expect(rights.maySendTo("boss", "chat", "chat/p2p/boss")).toBe(false);
    expect(rights.maySendTo("bob", "other", "other/p2p/bob")).toBe(false);
    expect(rights.mayHaveReceipt("bob", "chat", "chat/p2p-receipt/bob/t")).toBe(false);
  });

  it("[P20] has no word for receipts: whoever may read their topic is told", () => {
    const rights = rightsBy("topic readwrite chat/p2p-receipt/bob/#");
    expect(rights.mayHaveReceipt("bob", "chat", "chat/p2p-receipt/bob/t")).toBe(true);
    expect(rights.mayHaveReceipt("boss", "chat", "chat/p2p-receipt/boss/t")).toBe(false);
  });

  it("[H05] without a line allows nothing", () => {
    expect(access("", "a")).toBe("");
    expect(access("user anna", "a", "anna")).toBe("");
  });

  it.each([
    ["topic", "the topic is missing behind topic"],
    ["pattern ", "the topic is missing behind pattern"],
    ["user", "the name of the user is missing behind user"],
    ["topic append a", '"append" is no access; allowed: read, write, readwrite, deny'],
    ["topic read a/#/b", '"a/#/b" is no Topic Filter'],
    ["Topic read a", '"Topic" begins no line of an acl_file'],
    ["topic\tread a", '"topic\tread" begins no line'],
    [" # no comment", '"#" begins no line'],
  ])("[H05] refuses %j with its line", (line, message) => {
    const read = () => mosquittoRules(`topic a\n${line}\n${line}`, "/etc/acl");
    expect(read).toThrow(RulesError);
    expect(read).toThrow(`/etc/acl:2: ${message}`);
    expect(read).toThrow("/etc/acl:3: ");
  });
});
