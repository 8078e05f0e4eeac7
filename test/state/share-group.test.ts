import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../src/ports/limits.js";
import { Session } from "../../src/session/session.js";
import type { ClientSession } from "../../src/state/client-directory.js";
import { ShareGroup, ShareMember } from "../../src/state/share-group.js";

const sessionOf = (name: string): ClientSession =>
  new Session(name, false, undefined, DEFAULT_LIMITS);
const names = (members: readonly ShareMember[]): string[] =>
  members.map(({ session }) => session.clientId).sort();

describe("[M30] a group that shares a Subscription", () => {
  it("has those who come, those who go and those who stay away in the right list", () => {
    const edit = fc.record({
      what: fc.constantFrom("add", "remove", "on", "off"),
      who: fc.nat({ max: 5 }),
    });
    fc.assert(
      fc.property(fc.array(edit), (edits) => {
        const group = new ShareGroup("$share/g/t", "t");
        const model = new Map<string, ShareMember>();
        for (const { what, who } of edits) {
          const name = `c${who}`;
          const member = model.get(name);
          if (what === "add" && member === undefined) {
            const added = new ShareMember(group, sessionOf(name), 1, who % 2 === 0);
            group.add(added);
            model.set(name, added);
          } else if (what === "remove" && member !== undefined) {
            group.remove(member);
            model.delete(name);
          } else if (member !== undefined && what !== "add") group.move(member, what === "on");
          const members = [...model.values()];
          expect(names(group.online)).toEqual(names(members.filter(({ isOnline }) => isOnline)));
          expect(names(group.offline)).toEqual(names(members.filter(({ isOnline }) => !isOnline)));
          expect(group.size).toBe(members.length);
          for (const list of [group.online, group.offline]) {
            expect(list.map(({ at }) => at)).toEqual([...list.keys()]);
          }
        }
      }),
    );
  });
});
