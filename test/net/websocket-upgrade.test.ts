import { describe, expect, it } from "vitest";
import { offersMqtt, pathOf } from "../../src/net/websocket-upgrade.js";

describe("an upgrade", () => {
  it.each([
    ["/mqtt", "/mqtt"],
    ["/mqtt?a=1?b", "/mqtt"],
    ["", ""],
    ["?", ""],
  ])("to %j is for the path %j", (url, path) => {
    expect(pathOf(url)).toBe(path);
  });

  it.each([
    [undefined, false],
    ["mqtt", true],
    ["other, mqtt", true],
    ["mqttv5", false],
    [`${"x,".repeat(15)}mqtt`, true],
    [`${"x,".repeat(16)}mqtt`, false],
  ])("[K01] [MQTT-6.0.0-3] that offers %j offers MQTT: %j", (offered, expected) => {
    expect(offersMqtt({ "sec-websocket-protocol": offered }, true)).toBe(expected);
  });

  it("[M27] that offers mqttv3.1 alone offers MQTT while MQTT 3.1 is on", () => {
    const headers = { "sec-websocket-protocol": "mqttv3.1" };
    expect([offersMqtt(headers, true), offersMqtt(headers, false)]).toEqual([true, false]);
  });
});
