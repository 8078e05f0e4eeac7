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

/** A group, and beside it the members it must have. */
class Pair {
  readonly group = new ShareGroup("$share/g/t", "t");
  readonly members = new Map<string, ShareMember>();

  edit(what: string, name: string): void {
    const member = this.members.get(name);
    if (member === undefined) {
      const added = new ShareMember(this.group, sessionOf(name), 1, what === "on");
      this.group.add(added);
      this.members.set(name, added);
    } else if (what === "remove") {
      this.group.remove(member);
      this.members.delete(name);
    } else this.group.move(member, what === "on");
  }

  compare(): void {
    const members = [...this.members.values()];
    const { online, offline, size } = this.group;
    expect(names(online)).toEqual(names(members.filter(({ isOnline }) => isOnline)));
    expect(names(offline)).toEqual(names(members.filter(({ isOnline }) => !isOnline)));
    expect(size).toBe(members.length);
    for (const list of [online, offline]) {
      expect(list.map(({ at }) => at)).toEqual([...list.keys()]);
    }
  }
}

describe("[M30] a group that shares a Subscription", () => {
  it("has those who come, those who go and those who stay away in the right list", () => {
    const what = fc.constantFrom("remove", "on", "off");
    const edit = fc.tuple(what, fc.constantFrom("a", "b", "c", "d", "e"));
    fc.assert(
      fc.property(fc.array(edit), (edits) => {
        const pair = new Pair();
        for (const [kind, name] of edits) {
          pair.edit(kind, name);
          pair.compare();
        }
      }),
    );
  });
});
