import { PacketType } from "../mqtt.js";
import { encodeSubscribe } from "../packets.js";
import { encodePublish, packed } from "./packets.js";
import type { Attack } from "./room.js";

const VICTIM = "attack-t8-victim";
const TOPIC = `attack/p2p/${VICTIM}`;

/** The victim subscribes to its own inbox: needless where there is point-to-point, and needed elsewhere. */
export const oneVictim: Attack = {
  name: "T8",
  title: "one publisher floods one receiver, point-to-point where the server has it",
  p99MsMax: 50,
  prepare: async (room) => {
    const victim = await room.connect({ clientId: VICTIM });
    await victim?.ask(encodeSubscribe(1, [TOPIC], 0), PacketType.SUBACK);
  },
  run: async (room) => {
    const publisher = await room.connect({ clientId: "attack-t8-publisher" });
    if (publisher === undefined) return;
    const { bytes, count } = packed(
      encodePublish({ topicName: TOPIC, payload: Buffer.alloc(200, ".") }),
    );
    room.note("messages sent", count * (await room.flood(publisher, bytes)));
  },
};
