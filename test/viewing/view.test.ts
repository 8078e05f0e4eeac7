import { expect, it } from "vitest";
import type { View } from "../../src/viewing/view.js";
import { Harness } from "../support/harness.js";

it("may be asked inside a turn, where it shows what is so at that moment", () => {
  const seen: unknown[] = [];
  let view: View | undefined;
  const everybody = { after: undefined, limit: 9, connected: undefined, text: "" };
  const harness = new Harness({
    events: {
      onConnect: () => seen.push(view?.clients(everybody).items.map((one) => one.connected)),
      onDisconnect: () => seen.push(view?.client("a")?.connected),
    },
  });
  view = harness.broker.view;
  harness.connect({ clientId: "a" }).cut();
  expect(seen).toEqual([[true], true]);
  expect(view.client("a")).toBeUndefined();
});
