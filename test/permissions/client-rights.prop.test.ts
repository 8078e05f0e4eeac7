import fc from "fast-check";
import { expect, test } from "vitest";
import { ClientRights } from "../../src/permissions/client-rights.js";
import { readSource } from "../../src/permissions/normalize.js";
import { compiled } from "../../src/permissions/permissions.js";
import { matches } from "../../src/topic/matches.js";
import { roundsOf } from "../support/quick.js";
import { levelsUpTo } from "../topic/topics.js";
import { plainAnswer, plainlyMayReceive } from "./plain-rules.js";
import { hostileName, rulesSource, ruleTopic, subject } from "./worlds.js";

/** A Topic Name; names of Clients come as levels, and as several. */
const topicName = fc
  .array(
    fc.oneof(
      fc.constantFrom("a", "b", "p2p", "anna", "xa", "pberta", "a-anna", "$SYS"),
      hostileName,
    ),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((levels) => levels.join("/"))
  .filter((name) => name !== "" && !/[+#\0]/.test(name));

test("[H02] [H07] rules in their tries say what the same rules say one after the other", () => {
  fc.assert(
    fc.property(
      rulesSource,
      subject,
      fc.array(topicName, { minLength: 1 }),
      (source, who, topics) => {
        const rights = new ClientRights({ current: compiled(readSource(source)) }, who, undefined);
        for (const topic of topics) {
          const isPublishable = plainAnswer(source, who, "publish", topic);
          expect(rights.mayPublish(topic, false)).toBe(isPublishable);
          const isRetainable = plainAnswer(source, who, "retain", topic);
          expect(rights.mayPublish(topic, true)).toBe(isPublishable && isRetainable);
          expect(rights.mayReceive(topic)).toBe(plainlyMayReceive(source, who, topic));
        }
      },
    ),
    { numRuns: roundsOf(3_000) },
  );
});

test("[P18] who may send to whom is what the rules say one after the other", () => {
  const parent = fc.constantFrom("a", "b", "anna", "chat");
  fc.assert(
    fc.property(rulesSource, subject, parent, hostileName, (source, who, from, to) => {
      fc.pre(to !== "" && !/[/+#\0]/.test(to));
      const rights = new ClientRights({ current: compiled(readSource(source)) }, who, undefined);
      const may = plainAnswer(source, who, "sendTo", `${from}/${to}`);
      expect(rights.maySendTo(to, from, `${from}/p2p/${to}`)).toBe(may);
      expect(rights.mayHaveReceipt(to, from, `${from}/p2p-receipt/${to}/t`)).toBe(false); // nobody has that verb
    }),
    { numRuns: roundsOf(2_000) },
  );
});

test("[H01] the reach into a filter is never more than the messages a Client may receive", () => {
  const names = levelsUpTo(3, ["a", "b", "anna", "p2p", "z", "", "$SYS"]);
  fc.assert(
    fc.property(rulesSource, subject, ruleTopic, (source, who, filter) => {
      const rights = new ClientRights({ current: compiled(readSource(source)) }, who, undefined);
      const covered = names.filter((name) => matches(filter, name));
      const allowed = covered.filter((name) => plainlyMayReceive(source, who, name));
      const reach = rights.reachOf(filter);
      if (reach === "all") expect(allowed).toEqual(covered);
      if (reach === "none") expect(allowed).toEqual([]);
    }),
    { numRuns: roundsOf(2_000) },
  );
});

test("[H02] a Client that is called like a placeholder is denied what no name could be allowed", () => {
  const source = {
    rules: [
      { deny: "any", do: ["publish"], topic: "${clientId}/#" },
      { allow: "any", do: ["publish"], topic: "#" },
    ],
  } as const;
  const who = { clientId: "${clientId}", username: undefined, remoteAddress: "127.0.0.1:1" };
  expect(plainAnswer(source, who, "publish", "anna")).toBe(false);
  const rights = new ClientRights({ current: compiled(readSource(source)) }, who, undefined);
  expect(rights.mayPublish("anna", false)).toBe(false);
});
