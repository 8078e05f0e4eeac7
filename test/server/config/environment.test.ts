import { describe, expect, it } from "vitest";
import { readEnvironment } from "../../../src/server/config/environment.js";
import { ConfigError } from "../../../src/server/config/problem.js";
import { OPTIONS } from "../../../src/server/option-table.js";

async function read(variables: Record<string, string | undefined>) {
  const values = await readEnvironment(variables);
  return Object.fromEntries([...values].map(([{ path }, value]) => [path, value]));
}

describe("the variables", () => {
  it("set options, and others are left alone", async () => {
    expect(
      await read({
        BEELINE_PORT: "1884",
        BEELINE_LIMITS__QUEUE_MESSAGES_MAX: "5",
        BEELINE_LIMITS__PACKET_BYTES_MAX: "1 MiB",
        BEELINE_STORE__MEMORY: "true",
        BEELINE_POINT_TO_POINT__PARENTS: "a, b",
        BEELINE_DOLLAR_TOPICS: '["$a,b"]',
        BEELINE_STORE__DATA_DIR: "data",
        PATH: "/bin",
        beeline_port: "1",
        BEELINE_HOST: undefined,
      }),
    ).toEqual({
      port: 1884,
      "limits.queueMessagesMax": 5,
      "limits.packetBytesMax": 1_048_576,
      "store.memory": true,
      "pointToPoint.parents": ["a", "b"],
      dollarTopics: ["$a,b"],
      "store.dataDir": "data",
    });
  });

  it("have the name that the table says, each of them", async () => {
    for (const { variable, path, row } of OPTIONS) {
      const value = row.default ?? (row.kind === "choice" ? row.values[0] : undefined);
      if (value === undefined || Array.isArray(value)) continue;
      expect(await read({ [variable]: String(value) })).toEqual({ [path]: value });
    }
  });

  it.each([
    [
      { BEELINE_PROT: "1" },
      "BEELINE_PROT: no option has this variable; did you mean BEELINE_PORT?",
    ],
    [
      { BEELINE_QUEUE_MESSAGES_MAX: "1" },
      "no option has this variable; did you mean BEELINE_LIMITS__QUEUE_MESSAGES_MAX?",
    ],
    [{ BEELINE_DATA_DIR: "d" }, "; did you mean BEELINE_STORE__DATA_DIR?"],
    [{ BEELINE_ADMIN: "on" }, "; those of this section begin with BEELINE_ADMIN__"],
    [{ BEELINE_: "1" }, "BEELINE_: no option has this variable"],
    [{ BEELINE_X: "1" }, /^BEELINE_X: no option has this variable$/], // BEELINE_UNIX is not like it
    [{ BEELINE_PORT: "" }, 'BEELINE_PORT: port is ""; allowed: whole numbers from 0 to 65535'],
    [{ BEELINE_PORT: "0x1" }, 'BEELINE_PORT: port is "0x1"; allowed: whole numbers'],
    [{ BEELINE_STORE__MEMORY: "1" }, 'store.memory is "1"; allowed: true or false'],
    [
      { BEELINE_LIMITS__STALLED_MS: "1 KiB" },
      'limits.stalledMs is "1 KiB"; allowed: whole numbers',
    ],
    [{ BEELINE_POINT_TO_POINT__PARENTS: "a,+" }, 'parents is ["a","+"]; allowed: a list of single'],
    [{ BEELINE_DOLLAR_TOPICS: "[$" }, 'dollarTopics is "[$"; allowed: a list of beginnings'],
    [
      { BEELINE_PORT: "tcp://10.0.0.7:1883" },
      "Kubernetes sets it for a service called beeline: write enableServiceLinks: false for the pod",
    ],
    [{ BEELINE_SERVICE_HOST: "10.0.0.7" }, "no option has this variable; Kubernetes sets it"],
    [{ BEELINE_MQTT_SERVICE_PORT_TLS: "1883" }, "no option has this variable; Kubernetes sets it"],
    [{ BEELINE_PORT_1883_TCP_PROTO: "tcp" }, "no option has this variable; Kubernetes sets it"],
  ])("[M04] %j is refused by its name, with what was expected", async (variables, sentence) => {
    const error = await readEnvironment(variables).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConfigError);
    const { message } = error as ConfigError;
    if (typeof sentence === "string") expect(message).toContain(sentence);
    else expect(message).toMatch(sentence);
  });

  it("[M04] are told all together", async () => {
    const error = await readEnvironment({ BEELINE_PORT: "x", BEELINE_X: "y" }).catch((e) => e);
    expect((error as ConfigError).problems).toHaveLength(2);
  });
});
