import { describe, expect, it } from "vitest";
import type { Directive } from "../../../src/server/mosquitto/directives.js";
import { readValue } from "../../../src/server/mosquitto/values.js";

const of = (kind: Directive["kind"], more: Partial<Directive> = {}): Directive => ({
  scope: "server",
  kind,
  ...more,
});

describe("readValue", () => {
  it.each([
    [" true", of("bool"), { value: true }],
    [" 1 # yes", of("bool"), { value: true }],
    [" false", of("bool"), { value: false }],
    ["  0", of("bool"), { value: false }],
    [" yes", of("bool"), { expected: "true or false" }],
    ["", of("bool"), { expected: "true or false" }],
    [" 12 # twelve", of("int"), { value: 12 }],
    [" -1", of("int"), { value: -1 }],
    [" x", of("int"), { value: 0 }],
    [" 9", of("int", { least: 10 }), { expected: "a number from 10 on" }],
    [" 3", of("int", { least: 0, most: 2 }), { expected: "a number from 0 to 2" }],
    [" 3", of("int", { most: 2 }), { expected: "a number up to 2" }],
    ["  /a file  ", of("text"), { value: "/a file" }],
    [" ", of("text"), { expected: "a text" }],
    [" mqtt", of("word", { words: ["mqtt"] }), { value: "mqtt" }],
    [" coap", of("words", { words: ["mqtt", "ws"] }), { expected: "mqtt, ws" }],
    [" 2h", of("age"), { value: 7_200 }],
    [" 1d", of("age"), { value: 86_400 }],
    [" 1w", of("age"), { value: 604_800 }],
    [" 2m", of("age"), { value: 5_184_000 }],
    [" 1y", of("age"), { value: 31_536_000 }],
    [" 5", of("age"), { expected: "a number and one of h, d, w, m, y" }],
    [" 0d", of("age"), { expected: "a number and one of h, d, w, m, y" }],
  ])("%o is for %o: %o", (rest, directive, read) => {
    expect(readValue(rest, directive)).toEqual(read);
  });
});
