import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../src/ports/limits.js";
import { Session } from "../../src/session/session.js";
import { Budget } from "../../src/state/budgets.js";
import type { ClientSession } from "../../src/state/client-directory.js";
import { FilterAccounts } from "../../src/state/filter-accounts.js";

describe("FilterAccounts", () => {
  function opened() {
    const bytes = new Budget(1_000);
    const accounts = new FilterAccounts(bytes);
    const session: ClientSession = new Session("a", true, undefined, DEFAULT_LIMITS);
    const subscribe = (filter: string): void => {
      accounts.enter(session, filter);
      session.subscribe(filter, 0);
    };
    return { bytes, accounts, session, subscribe };
  }

  it("[T7] count bytes of UTF-8, of a Session and of all", () => {
    const { bytes, accounts, session, subscribe } = opened();
    subscribe("\u00e9/+");
    subscribe("a");
    expect([session.subscriptionBytes, bytes.used]).toEqual([5, 5]);
    accounts.leave(session, "\u00e9/+");
    expect([session.subscriptionBytes, bytes.used]).toEqual([1, 1]);
  });

  it("[T3] count the patterns of a Session from where they may be too many, those before too", () => {
    const { accounts, session, subscribe } = opened();
    subscribe("a/+");
    subscribe("b/c");
    expect(accounts.exceeds(session, "+/a", 10)).toBe(false); // nothing need be counted
    expect(accounts.exceeds(session, "+/a", 3)).toBe(true);
    expect(accounts.exceeds(session, "+/a", 4)).toBe(false);
    expect(accounts.exceeds(session, "b/+", 2)).toBe(false); // a pattern it has
    subscribe("+/b");
    expect(accounts.exceeds(session, "+/+", 5)).toBe(true);
    accounts.leave(session, "+/b");
    session.unsubscribe("+/b");
    expect(accounts.exceeds(session, "+/+", 4)).toBe(false);
  });
});
