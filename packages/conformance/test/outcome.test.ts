import { describe, expect, it } from "vitest";
import { NotObservable, Unmet } from "../src/outcome.js";

describe("the two ways a case ends early", () => {
  it("are told apart by their class and by their name in a stack", () => {
    const [unmet, unseen] = [new Unmet("a"), new NotObservable("b")];
    expect(unmet).not.toBeInstanceOf(NotObservable);
    expect(unseen).not.toBeInstanceOf(Unmet);
    expect([unmet.name, unseen.name]).toEqual(["Unmet", "NotObservable"]);
  });
});
