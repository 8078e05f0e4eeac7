import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { calmStreams } from "../../src/grpc/calm-streams.js";

it("an error of a stream that the library has let go of ends nobody's process", () => {
  const seen: unknown[] = [];
  const client = {
    createTelemetryStream(endpoints: unknown): EventEmitter {
      seen.push([this === client, endpoints]);
      return new EventEmitter();
    },
  };
  calmStreams(client);
  const stream = client.createTelemetryStream("there");
  stream.once("error", (error) => seen.push(error.message));
  stream.emit("error", new Error("first"));
  stream.removeAllListeners();
  stream.emit("error", new Error("second"));
  stream.emit("error", new Error("third"));
  expect(seen).toEqual([[true, "there"], "first"]);
});

it("has one listener for it, however often and of whatever the library takes listeners off", () => {
  const client = { createTelemetryStream: (): EventEmitter => new EventEmitter() };
  calmStreams(client);
  const stream = client.createTelemetryStream();
  for (let times = 0; times < 20; times += 1) {
    stream.on("data", () => undefined).on("end", () => undefined);
    stream.removeAllListeners("data");
    stream.removeAllListeners();
  }
  expect(stream.listenerCount("error")).toBe(1);
  expect(stream.eventNames()).toEqual(["error"]);
});
