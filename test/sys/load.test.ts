import { expect, it } from "vitest";
import { Load } from "../../src/sys/load.js";

it("nears the rate a minute, the sooner the shorter its time", () => {
  const load = new Load();
  load.add(0, 0);
  for (let minute = 1; minute <= 5; minute += 1) load.add(60 * minute, 60);
  const [one = 0, five = 0, fifteen = 0] = load.averages;
  expect(one).toBeCloseTo(60 * (1 - Math.exp(-5)), 6);
  expect(five).toBeCloseTo(60 * (1 - Math.exp(-1)), 6);
  expect(fifteen).toBeCloseTo(60 * (1 - Math.exp(-1 / 3)), 6);
});

it("forgets", () => {
  const load = new Load();
  load.add(600, 60);
  const [before = 0] = load.averages;
  load.add(600, 600);
  expect(load.averages[0]).toBeLessThan(before / 1000);
});
