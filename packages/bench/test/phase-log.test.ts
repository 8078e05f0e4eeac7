import { describe, expect, it } from "vitest";
import { Histogram } from "../src/histogram.js";
import { PhaseLog } from "../src/phase-log.js";

function counts(log: PhaseLog) {
  return log.data().map(({ name, latency, lateness }) => {
    const [arrivals, departures] = [new Histogram(), new Histogram()];
    arrivals.merge(latency);
    departures.merge(lateness);
    return {
      name,
      arrived: arrivals.count,
      max: arrivals.percentiles().max,
      sent: departures.count,
    };
  });
}

describe("the phase log", () => {
  it("counts a message for the phase in which it was due, even if it comes in a later one", () => {
    const log = new PhaseLog();
    log.begin("warm-up", 1000);
    log.begin("measured", 2000);
    log.begin("after", 3000);
    log.arrived(1500, 1600);
    log.arrived(2999, 9999);
    log.arrived(2000, 2001);
    log.arrived(3000, 3001);
    expect(counts(log)).toEqual([
      { name: "warm-up", arrived: 1, max: 100, sent: 0 },
      { name: "measured", arrived: 2, max: 7000, sent: 0 },
      { name: "after", arrived: 1, max: 1, sent: 0 },
    ]);
  });

  it("times acknowledgements from when the message left", () => {
    const log = new PhaseLog();
    log.begin("warm-up", 0);
    log.begin("measured", 100);
    log.acknowledged(90, 190);
    log.acknowledged(100, 130);
    const times = log.data().map(({ acknowledgement }) => acknowledgement.max);
    expect(times).toEqual([100, 30]);
  });

  it("keeps the generator's own lateness apart from the latency", () => {
    const log = new PhaseLog();
    log.begin("measured", 0);
    log.departed(10, 30);
    expect(counts(log)).toEqual([{ name: "measured", arrived: 0, max: 0, sent: 1 }]);
  });

  it("knows the phases apart when the stamps wrap between them", () => {
    const log = new PhaseLog();
    log.begin("before", 2 ** 32 - 100);
    log.begin("after", 2 ** 32 + 100);
    log.arrived(50, 60);
    log.arrived(150, 160);
    expect(counts(log)).toMatchObject([{ arrived: 1 }, { arrived: 1 }]);
  });
});
