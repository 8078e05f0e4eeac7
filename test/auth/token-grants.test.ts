import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TokenType } from "../../src/auth/token-form.js";
import { grantsOf } from "../../src/auth/token-grants.js";
import { matches } from "../../src/topic/matches.js";
import { topicFilter } from "../support/arbitraries.js";

const token = (type: TokenType, ...resources: string[]) => ({
  id: "",
  accessKey: "",
  instanceId: "",
  type,
  resources,
  expireTime: 0,
});

describe("what tokens grant", () => {
  it("R reads, W writes, and both together do both", () => {
    expect(grantsOf([token("R", "a/#"), token("W", "b", "c/p2p/+")])).toEqual({
      publish: ["b", "c/p2p/+"],
      subscribe: ["a/#"],
      sendTo: ["c/+"],
    });
    expect(grantsOf([token("RW", "#")])).toEqual({
      publish: ["#"],
      subscribe: ["#"],
      sendTo: ["+/+"],
    });
  });

  it("sending to a Client is granted exactly where publishing to its topic is", () => {
    const id = fc.constantFrom("x", "p2p", "a");
    fc.assert(
      fc.property(topicFilter, id, id, (filter, parent, clientId) => {
        const { sendTo } = grantsOf([token("W", filter)]);
        const may = sendTo.some((address) => matches(address, `${parent}/${clientId}`));
        expect(may).toBe(matches(filter, `${parent}/p2p/${clientId}`));
      }),
    );
  });
});
