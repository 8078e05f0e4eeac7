import { describe, expect, it } from "vitest";
import { SignIn } from "../../src/admin/sign-in.js";

const TOKEN = "0123456789abcdef";

function sessionOf(signIn: SignIn): string {
  const signedIn = signIn.begin(TOKEN, "a");
  if (typeof signedIn === "string") throw new Error(signedIn);
  return signedIn.session;
}

describe("signing in", () => {
  it("takes the token and no other", () => {
    const signIn = new SignIn(TOKEN, () => 0);
    expect(signIn.check(TOKEN, "a")).toBe("right");
    expect(signIn.check(`${TOKEN}0`, "a")).toBe("wrong-token");
    expect(signIn.check("", "a")).toBe("wrong-token");
    expect(signIn.begin("another", "a")).toBe("wrong-token");
  });

  it("asks an address that has guessed ten times for a minute of patience", () => {
    let nowMs = 0;
    const signIn = new SignIn(TOKEN, () => nowMs);
    for (let guess = 0; guess < 10; guess += 1) {
      expect(signIn.check("guess", "a")).toBe("wrong-token");
    }
    expect(signIn.check("guess", "a")).toBe("too-many-failures");
    expect(signIn.begin("guess", "a")).toBe("too-many-failures");
    expect(signIn.check("guess", "b")).toBe("wrong-token");
    nowMs = 60_000;
    expect(signIn.check("guess", "a")).toBe("wrong-token");
  });

  it("takes the right token from an address that others guess from", () => {
    const signIn = new SignIn(TOKEN, () => 0);
    for (let guess = 0; guess < 20; guess += 1) signIn.check("guess", "a");
    expect(signIn.check(TOKEN, "a")).toBe("right");
    expect(signIn.isOpen(sessionOf(signIn))).toBe(true);
    expect(signIn.check("guess", "a")).toBe("too-many-failures");
  });

  it("opens a session for twelve hours, or until it is ended", () => {
    let nowMs = 0;
    const signIn = new SignIn(TOKEN, () => nowMs);
    const [one, other] = [sessionOf(signIn), sessionOf(signIn)];
    expect(one).not.toBe(other);
    expect(signIn.isOpen(one)).toBe(true);
    signIn.end(one);
    expect(signIn.isOpen(one)).toBe(false);
    nowMs = 12 * 60 * 60 * 1_000 - 1;
    expect(signIn.isOpen(other)).toBe(true);
    nowMs += 1;
    expect(signIn.isOpen(other)).toBe(false);
    expect(signIn.isOpen("made up")).toBe(false);
  });

  it("keeps a hundred sessions, and gives up the oldest for one more", () => {
    const signIn = new SignIn(TOKEN, () => 0);
    const sessions = Array.from({ length: 101 }, () => sessionOf(signIn));
    expect(sessions.map((session) => signIn.isOpen(session))).toEqual([
      false,
      ...Array.from({ length: 100 }, () => true),
    ]);
  });
});
