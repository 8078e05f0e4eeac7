import { PacketType } from "../mqtt.js";
import { encodeSubscribe } from "../packets.js";
import { Attacker } from "./attacker.js";
import { encodePublish } from "./packets.js";
import { type Attack, type AttackRoom, inGroups } from "./room.js";

const TOPIC = "attack/t5";

/** Kept once for each of them it is a gigabyte, to be written before PUBACK may leave. */
export const largeMessage: Attack = {
  name: "T5",
  title: "one message of 1 MB, QoS 1, for 1,000 sessions that are away",
  p99MsMax: 50,
  prepare: (room) =>
    inGroups(room.scaled(1000), async (n) => {
      const session = await room.connect({ clientId: clientId(n), cleanSession: false });
      await session?.ask(encodeSubscribe(1, [TOPIC], 1), PacketType.SUBACK);
      await session?.leave();
    }),
  run: async (room) => {
    const publisher = await room.connect({ clientId: "attack-t5-publisher" });
    const payload = Buffer.alloc(1_000_000, ".");
    const began = performance.now();
    const publish = encodePublish({ topicName: TOPIC, payload, qos: 1 });
    if (await publisher?.ask(publish, PacketType.PUBACK)) {
      room.note("milliseconds until PUBACK", Math.round(performance.now() - began));
    }
    room.noteIfClosed(publisher);
  },
  cleanUp: (room) => inGroups(room.scaled(1000), (n) => forget(room, n)),
};

/** A clean CONNECT ends the Session, with what is queued for it. */
async function forget(room: AttackRoom, n: number): Promise<void> {
  const client = await Attacker.connect(room.address, { clientId: clientId(n) });
  await client?.leave();
}

function clientId(n: number): string {
  return `attack-t5-${n}`;
}
