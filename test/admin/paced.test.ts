import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { AdminListener } from "../../src/admin/admin-listener.js";
import { Pace } from "../../src/admin/pace.js";
import { paced } from "../../src/admin/paced.js";

let listener: AdminListener | undefined;
afterEach(() => listener?.close());

/** A pace that has spent all it has, and gets nothing before the test says so. */
function stopped() {
  let nowMs = 0;
  const timers: (() => void)[] = [];
  const pace = new Pace(0.1, { nowMs: () => nowMs, after: (_, call) => timers.push(call) });
  pace.spent(200);
  return {
    pace,
    goOn: () => {
      nowMs += 10_000;
      for (const call of timers.splice(0)) call();
    },
  };
}

it("answers when it is the request's turn, and counts what that took", async () => {
  const { pace, goOn } = stopped();
  const spent: number[] = [];
  const spend = pace.spent.bind(pace);
  pace.spent = (ms) => {
    spent.push(ms);
    spend(ms);
  };
  const asked: string[] = [];
  const answer = paced(async (request) => {
    asked.push(new URL(request.url).pathname);
    if (request.url.endsWith("/slow")) await new Promise((resolve) => setTimeout(resolve, 5));
    return new Response("well");
  }, pace);
  listener = new AdminListener(answer);
  const url = await listener.listen({ host: "127.0.0.1", port: 0 });
  const first = fetch(`${url}/slow`);
  const tried = (): number => {
    goOn();
    return asked.length;
  };
  await expect.poll(tried).toBe(1);
  expect(await (await first).text()).toBe("well");
  expect(await (await fetch(`${url}/quick`)).text()).toBe("well");
  expect(spent[0]).toBeCloseTo(0.6); // it waited itself: that is nobody's time
  expect(spent[1]).toBeGreaterThan(0.1);
});

it("hangs up on whoever sends requests without end and waits for no answer", async () => {
  let answered = 0;
  const { pace } = stopped();
  listener = new AdminListener(
    paced(() => {
      answered += 1;
      return new Response();
    }, pace),
  );
  const { port, hostname } = new URL(await listener.listen({ host: "127.0.0.1", port: 0 }));
  const socket: Socket = connect(Number(port), hostname);
  socket.on("error", () => undefined);
  const closed = once(socket, "close");
  socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(9));
  await closed;
  expect(answered).toBe(0);
});
