import { describe, expect, it } from "vitest";
import { Debts } from "../../src/cluster/debts.js";
import type { Connection } from "../../src/state/connection.js";
import { Obligations } from "../../src/state/obligations.js";

const [x, y] = [{}, {}] as [Connection, Connection]; // told apart, and nothing else

function world() {
  const store = { openTicket: 1, committedTicket: 0, recorded: false, isSettled: () => true };
  const obligations = new Obligations(store as never);
  const core = { store, obligations } as never;
  return { store, obligations, debts: new Debts(core) };
}

describe("what publishers are owed until other nodes have acknowledged", () => {
  it("is one obligation for what one has sent in a turn, and ends with the last of it", () => {
    const { obligations, debts } = world();
    const all = [debts.of(x), debts.of(x), debts.of(x)];
    expect(obligations.openCount).toBe(1);
    for (const debt of all) {
      expect(obligations.isSettled(1)).toBe(false);
      debt.settle();
    }
    expect(obligations.isSettled(1)).toBe(true);
  });

  it("is another one for another publisher, for a later turn, and for what comes when all is settled", () => {
    const { store, obligations, debts } = world();
    debts.of(x);
    debts.of(y);
    expect(obligations.openCount).toBe(2);
    store.openTicket = 2;
    const later = debts.of(y);
    expect(obligations.openCount).toBe(3);
    later.settle();
    expect(obligations.isSettled(2)).toBe(true);
    const again = debts.of(y);
    expect(obligations.isSettled(2)).toBe(false);
    again.settle();
    expect([obligations.isSettled(1), obligations.isSettled(2)]).toEqual([false, true]);
  });

  it("fails with one of them", () => {
    const { obligations, debts } = world();
    debts.of(x);
    debts.of(x).fail(new Error("gone"));
    expect(obligations.takeFailed()).toMatchObject([{ owner: x, reason: { message: "gone" } }]);
    expect(obligations.openCount).toBe(0);
  });
});
