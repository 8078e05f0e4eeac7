import { expect, it } from "vitest";
import { spokenInsteadOfHttp } from "../../src/net/turned-away.js";
import { wire } from "../support/wire.js";

it.each([
  [wire`16 0301 00c8 01`, "TLS came where plain WebSocket is spoken"],
  [wire`10 0d 0004 4d515454`, "plain MQTT came where WebSocket is spoken"],
  [wire`ff`, "what came is no HTTP request"],
  [new Uint8Array(0), "what came is no HTTP request"],
  [undefined, "what came is no HTTP request"],
])("says what a WebSocket port was sent that is no HTTP", (bytes, words) => {
  expect(spokenInsteadOfHttp(bytes)).toBe(words);
});
