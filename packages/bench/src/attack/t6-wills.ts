import { PacketType } from "../mqtt.js";
import { encodeSubscribe } from "../packets.js";
import { type Attack, inGroups } from "./room.js";

const TOPIC = "attack/t6";

/** Each Will goes to all who are not noticed to be gone yet: a thousand times a thousand. */
export const wills: Attack = {
  name: "T6",
  title: "1,000 clients subscribed to each other's 60 kB Will all drop at once",
  p99MsMax: 100,
  prepare: async (room) => {
    const will = { topicName: TOPIC, payload: Buffer.alloc(60_000, ".") };
    const all = await room.connectAll(room.scaled(1000), (n) => ({
      clientId: `attack-t6-${n}`,
      will,
    }));
    const subscribe = encodeSubscribe(1, [TOPIC], 0);
    await inGroups(all.length, async (n) => all[n]?.ask(subscribe, PacketType.SUBACK));
    room.note("clients with a Will", all.length);
  },
  run: async (room) => room.dropAll(),
};
