import { beforeAll, describe, expect, it } from "vitest";
import { TRANSPORTS } from "../support/transports.js";
import { canRun, type Outcome, run, stockServer } from "./stock-server.js";

const isMissing = !canRun("mosquitto_pub", "--help") || !canRun("mosquitto_sub", "--help");
const NAME = "mosquitto_pub and mosquitto_sub (Debian's mosquitto-clients)";
let port = "";

/** Line by line: it buffers what it prints into a pipe. */
function subscriber(...args: string[]): ReturnType<typeof run> {
  const all = ["-d", "-V", "mqttv311", "-p", port, ...args];
  return run("stdbuf", ["-oL", "mosquitto_sub", ...all]);
}

async function publish(...args: string[]): Promise<Outcome> {
  return run("mosquitto_pub", ["-V", "mqttv311", "-p", port, ...args]).ended;
}

/** Lines of messages, without those of `-d`. */
function messagesOf({ out }: Outcome): string[] {
  return out.split("\n").filter((line) => line.startsWith("> "));
}

describe.skipIf(isMissing).each(TRANSPORTS)(`${NAME}, by %s`, (transport) => {
  const server = stockServer("--transport", transport);
  beforeAll(() => {
    port = `${server.port()}`;
  });

  it("[S5] [S7] [P5] [P6] reach a Client that subscribed to something else, at every QoS", async () => {
    const id = "GID_demo@@@M";
    const receiver = subscriber("-i", id, "-t", "nothing", "-C", "3", "-F", "> %t %q %p");
    await receiver.until(/Subscribed/);
    for (const qos of ["0", "1", "2"]) {
      const { code, err } = await publish("-q", qos, "-t", `demo/p2p/${id}`, "-m", `at ${qos}`);
      expect(err).toBe("");
      expect(code).toBe(0);
    }
    expect(messagesOf(await receiver.ended)).toEqual(
      ["0", "1", "2"].map((qos) => `> demo/p2p/${id} ${qos} at ${qos}`),
    );
  });

  it("[S2] [P3] nobody else sees a point-to-point message", async () => {
    const spy = subscriber("-i", "mspy", "-t", "#", "-t", "demo/p2p/#", "-C", "1", "-F", "> %t");
    const receiver = subscriber("-i", "target", "-t", "nothing", "-C", "1", "-F", "> %t");
    await Promise.all([spy.until(/Subscribed/), receiver.until(/Subscribed/)]);
    await publish("-q", "1", "-t", "demo/p2p/target", "-m", "secret");
    await receiver.ended;
    await publish("-q", "1", "-t", "open", "-m", "to all");
    expect(messagesOf(await spy.ended)).toEqual(["> open"]);
  });

  it("[MQTT-3.1.2-5] a Session kept by -c gets what came while it was away", async () => {
    const args = ["-i", "mdur", "-c", "-q", "2", "-t", "mq/#"];
    await subscriber(...args, "-E").ended;
    for (const text of ["one", "two", "three"]) {
      await publish("-q", "2", "-t", "mq/x", "-m", text);
    }
    const back = subscriber(...args, "-C", "3", "-F", "> %p");
    expect(messagesOf(await back.ended)).toEqual(["> one", "> two", "> three"]);
  });

  it("[MQTT-3.3.1-6] [MQTT-3.3.1-8] a retained message is served, and gone after an empty one", async () => {
    await publish("-r", "-t", "mr/a", "-m", "kept");
    const first = await subscriber("-i", "mr1", "-t", "mr/#", "-C", "1", "-F", "> %r %p").ended;
    expect(messagesOf(first)).toEqual(["> 1 kept"]);
    await publish("-r", "-t", "mr/a", "-n");
    const second = await subscriber("-i", "mr2", "-t", "mr/#", "-W", "1", "-F", "> %r %p").ended;
    expect(messagesOf(second)).toEqual([]);
  });

  it.each([
    ["mqttv311", "0"],
    ["mqttv311", "2"],
    ["mqttv31", "1"],
  ])(
    "[M30] two workers of a share have every message once, in turn (%s, QoS %s)",
    async (version, qos) => {
      const workers = ["w1", "w2"].map((name) =>
        run("stdbuf", [
          ...["-oL", "mosquitto_sub", "-d", "-V", version, "-p", `${server.port()}`, "-q", qos],
          ...[
            "-i",
            `${name}-${qos}`,
            "-t",
            `$share/g/share/${qos}/+`,
            "-C",
            "5",
            "-F",
            "> %t %q %p",
          ],
        ]),
      );
      await Promise.all(workers.map((worker) => worker.until(/Subscribed/)));
      for (let at = 0; at < 10; at += 1) {
        const { code } = await publish("-q", qos, "-t", `share/${qos}/x`, "-m", `${at}`);
        expect(code).toBe(0);
      }
      const got = await Promise.all(workers.map(async (worker) => messagesOf(await worker.ended)));
      const lines = Array.from({ length: 10 }, (_, at) => `> share/${qos}/x ${qos} ${at}`);
      expect(got.flat().sort()).toEqual(lines);
      for (const its of got) expect(its).toEqual(its.toSorted());
    },
  );

  it("[M27] MQTT 3.1 works too", async () => {
    const receiver = subscriber("-i", "old", "-t", "v31", "-C", "1", "-F", "> %p");
    await receiver.until(/Subscribed/);
    const port = `${server.port()}`;
    const { code } = await run("mosquitto_pub", [
      ...["-V", "mqttv31", "-p", port],
      ...["-i", "old-pub", "-q", "1", "-t", "v31", "-m", "hello"],
    ]).ended;
    expect(code).toBe(0);
    expect(messagesOf(await receiver.ended)).toEqual(["> hello"]);
  });
});
