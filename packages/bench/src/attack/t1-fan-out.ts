import { PacketType } from "../mqtt.js";
import { encodeSubscribe } from "../packets.js";
import { encodePublish, packed } from "./packets.js";
import { type Attack, inGroups } from "./room.js";

const TOPIC = "attack/t1";

/** One message in costs the server a thousand out; nothing but its own budget slows the sender. */
export const fanOut: Attack = {
  name: "T1",
  title: "one publisher loops 200 B QoS 0 to 1,000 subscribers of one topic",
  p99MsMax: 50,
  prepare: async (room) => {
    const all = await room.connectAll(room.scaled(1000), (n) => ({ clientId: `attack-t1-${n}` }));
    const subscribe = encodeSubscribe(1, [TOPIC], 0);
    await inGroups(all.length, async (n) => all[n]?.ask(subscribe, PacketType.SUBACK));
  },
  run: async (room) => {
    const publisher = await room.connect({ clientId: "attack-t1-publisher" });
    if (publisher === undefined) return;
    const { bytes, count } = packed(
      encodePublish({ topicName: TOPIC, payload: Buffer.alloc(200, ".") }),
    );
    room.note("messages sent", count * (await room.flood(publisher, bytes)));
  },
};
