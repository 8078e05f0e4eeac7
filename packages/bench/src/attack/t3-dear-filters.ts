import { PacketType } from "../mqtt.js";
import { encodeSubscribe } from "../packets.js";
import { encodePublish } from "./packets.js";
import type { Attack } from "./room.js";

const LEVELS = 14;
const FILTERS_A_PACKET = 1024;
const MESSAGES_A_WRITE = 100;

/** Every level doubles the places a match has to look at; every topic is new, so nothing is remembered. */
export const dearFilters: Attack = {
  name: "T3",
  title: "16,384 filters {a|+}/{a|+}/... of 14 levels, then publishes to fresh topics",
  p99MsMax: 50,
  prepare: async (room) => {
    const client = await room.connect({ clientId: "attack-t3-subscriber" });
    const count = Math.min(2 ** LEVELS, room.scaled(2 ** LEVELS));
    for (let from = 0; from < count; from += FILTERS_A_PACKET) {
      const size = Math.min(FILTERS_A_PACKET, count - from);
      const filters = Array.from({ length: size }, (_, at) => dearFilter(from + at));
      await client?.ask(encodeSubscribe(1, filters, 0), PacketType.SUBACK);
    }
  },
  run: async (room) => {
    const publisher = await room.connect({ clientId: "attack-t3-publisher" });
    const beginning = "a/".repeat(LEVELS - 1);
    for (let sent = 0; !room.over && publisher !== undefined; sent += MESSAGES_A_WRITE) {
      const topics = Array.from(
        { length: MESSAGES_A_WRITE },
        (_, at) => `${beginning}${sent + at}`,
      );
      const packets = topics.map((topicName) => encodePublish({ topicName, payload: NOTHING }));
      if (!(await publisher.write(Buffer.concat(packets)))) break;
      room.note("messages sent", MESSAGES_A_WRITE);
    }
    room.noteIfClosed(publisher);
  },
};

/** One level for each bit: `a` or `+`. */
function dearFilter(bits: number): string {
  return Array.from({ length: LEVELS }, (_, at) => ((bits >> at) & 1 ? "+" : "a")).join("/");
}

const NOTHING = new Uint8Array(0);
