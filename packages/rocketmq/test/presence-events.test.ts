import { describe, expect, it } from "vitest";
import { type PresenceEvent, presenceMessage } from "../src/presence-events.js";

const EVENT: PresenceEvent = {
  eventType: "tcpclean",
  ...{ clientId: "GID_x@@@7", time: 5, channelId: "ab", clientIp: "::1" },
};
const GROUPS = new Set(["GID_x"]);

describe("who comes and goes, for RocketMQ", () => {
  it("is told to the topic of its group, as the commercial service does it", () => {
    const message = presenceMessage(EVENT, GROUPS, "me");
    expect(message).toMatchObject({ topic: "GID_x_MQTT", tag: "tcpclean", group: "GID_x@@@7" });
    expect(JSON.parse(Buffer.from(message?.body ?? []).toString())).toEqual(EVENT);
    expect(message?.properties).toEqual(
      new Map([
        ["beelineNode", "me"],
        ["clientId", "GID_x@@@7"],
      ]),
    );
  });

  it.each(["GID_y@@@7", "GID_x", "@@@7", "GID_x@@"])("is not told of %s", (clientId) => {
    expect(presenceMessage({ ...EVENT, clientId }, GROUPS, "me")).toBeUndefined();
  });

  it("leaves out a property that RocketMQ would not take", () => {
    const message = presenceMessage({ ...EVENT, clientId: "GID_x@@@\u0001" }, GROUPS, "me");
    expect(message?.properties.has("clientId")).toBe(false);
  });
});
