import { DurableClient } from "../support/durable-client.js";
import { bytesOf } from "../support/harness.js";
import type { Scenario } from "./world.js";

const plain = (clientId: string) => (): DurableClient => new DurableClient(clientId);

/** What happens around each place where a commit can be lost. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: "QoS 1 and 2 to a Client that is away and comes back",
    clients: [plain("reader"), plain("writer")],
    steps: [
      (world) => {
        world.connect("reader");
        world.client("reader").subscribe("news/#", 2);
      },
      (world) => world.client("reader").cut(),
      (world) => world.connect("writer"),
      (world) => {
        for (const qos of [1, 2] as const) {
          for (let n = 1; n <= 3; n += 1) {
            world.client("writer").publish(`news/${qos}`, `${qos}:${n}`, qos);
          }
        }
      },
      (world) => world.connect("reader"),
      (world) => {
        world.client("writer").publish("news/2", "2:4", 2);
        world.client("writer").publish("news/1", "1:4", 1);
      },
    ],
  },
  {
    name: "QoS 2 both ways between Clients that are there",
    clients: [plain("a"), plain("b")],
    steps: [
      (world) => {
        world.connect("a");
        world.connect("b");
        world.client("a").subscribe("to/a", 2);
        world.client("b").subscribe("to/b", 2);
      },
      (world) => {
        for (let n = 1; n <= 3; n += 1) {
          world.client("a").publish("to/b", `2:ab${n}`, 2);
          world.client("b").publish("to/a", `2:ba${n}`, 2);
        }
      },
      (world) => world.client("b").cut(),
      (world) => world.client("a").publish("to/b", "2:ab4", 2),
      (world) => world.connect("b"),
    ],
  },
  {
    name: "point-to-point at QoS 1 and 2, also to oneself, and a take-over",
    clients: [plain("x"), plain("y")],
    steps: [
      (world) => {
        world.connect("x");
        world.connect("y");
      },
      (world) => {
        world.client("x").publish("p/p2p/y", "1:xy", 1);
        world.client("x").publish("p/p2p/y", "2:xy", 2);
        world.client("y").publish("p/p2p/y", "2:yy", 2);
      },
      (world) => world.connect("y"),
      (world) => world.client("x").publish("p/p2p/y", "2:xy2", 2),
      (world) => world.client("y").disconnect(),
      (world) => world.client("x").publish("p/p2p/y", "1:later", 1),
    ],
  },
  {
    name: "more than the in-flight window holds",
    inFlightMax: 2,
    clients: [plain("slow"), plain("fast")],
    steps: [
      (world) => {
        world.connect("slow");
        world.client("slow").subscribe("t", 2);
        world.connect("fast");
      },
      (world) => {
        for (let n = 1; n <= 6; n += 1) world.client("fast").publish("t", `2:${n}`, 2);
      },
      (world) => world.client("slow").cut(),
      (world) => {
        for (let n = 7; n <= 9; n += 1) world.client("fast").publish("t", `2:${n}`, 2);
      },
      (world) => world.connect("slow"),
    ],
  },
  {
    name: "a Will, retained messages, and Subscriptions that change",
    clients: [
      plain("watcher"),
      () =>
        new DurableClient("mortal", { topicName: "wills/m", payload: bytesOf("w:gone"), qos: 1 }),
    ],
    steps: [
      (world) => {
        world.connect("watcher");
        world.client("watcher").subscribe("wills/+", 1);
        world.connect("mortal");
      },
      (world) => {
        world.client("mortal").publish("r/1", "1:first", 1, true);
        world.client("mortal").publish("r/1", "1:second", 1, true);
      },
      (world) => world.client("mortal").cut(),
      (world) => world.client("watcher").subscribe("r/#", 1),
    ],
  },
  {
    name: "QoS 1 to Clients that answer before the disk does, and to one that does not",
    clients: [plain("quick"), plain("away"), plain("writer")],
    owed: { quick: "1:", away: "1:b" },
    steps: [
      (world) => {
        for (const id of ["quick", "away", "writer"]) world.connect(id);
        world.client("quick").subscribe("#", 1);
        world.client("away").subscribe("both", 1);
      },
      (world) => {
        for (let n = 1; n <= 3; n += 1) world.client("writer").publish("one", `1:o${n}`, 1);
        for (let n = 1; n <= 3; n += 1) world.client("writer").publish("both", `1:b${n}`, 1);
      },
      (world) => world.client("away").cut(),
      (world) => {
        for (let n = 4; n <= 6; n += 1) world.client("writer").publish("both", `1:b${n}`, 1);
        for (let n = 4; n <= 6; n += 1) world.client("writer").publish("one", `1:o${n}`, 1);
      },
      (world) => world.client("writer").publish("p/p2p/quick", "1:p", 1),
      (world) => world.connect("away"),
    ],
  },
];
