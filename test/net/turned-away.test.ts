import { expect, it } from "vitest";
import { spokenIn, spokenInsteadOfHttp, spokenInsteadOfTls } from "../../src/net/turned-away.js";
import { wire } from "../support/wire.js";

it.each([
  [wire`16 0301 00c8 01`, "TLS came where plain WebSocket is spoken"],
  [wire`10 0d 0004 4d515454`, "plain MQTT came where WebSocket is spoken"],
  [Buffer.from("PROXY TCP4 "), "a PROXY header came where none is expected"],
  [wire`ff`, "what came is no HTTP request"],
  [new Uint8Array(0), "what came is no HTTP request"],
  [undefined, "what came is no HTTP request"],
])("says what a WebSocket port was sent that is no HTTP", (bytes, words) => {
  expect(spokenInsteadOfHttp(bytes)).toBe(words);
});

it.each([
  ["mqtt", "plain MQTT came where TLS is spoken"],
  ["http", "plain HTTP came where TLS is spoken"],
  ["unknown", "what came is no TLS"],
] as const)("says what a TLS port was sent that is no TLS: %s", (spoken, words) => {
  expect(spokenInsteadOfTls(spoken)).toBe(words);
});

it.each([
  ["GET / HTTP/1.1\r\n", "http"],
  ["PRI * HTTP/2.0\r\n", "http"],
  ["\r\n\r\n\0\r\nQUIT\n!", "proxy"],
  ["PROXY TCP4", "proxy"],
  ["GETX", "unknown"],
] as const)("[A03] knows %j by its first bytes: %s", (text, spoken) => {
  expect(spokenIn(Buffer.from(text, "latin1"))).toBe(spoken);
});
