import { PacketType } from "../mqtt.js";
import { encodeSubscribe } from "../packets.js";
import { Attacker } from "./attacker.js";
import { encodePublish } from "./packets.js";
import { type Attack, type AttackRoom, inGroups } from "./room.js";

const MESSAGES_A_WRITE = 64;
const RETAINED = 200_000;
const SUBSCRIBERS = 400;

/** 80 million deliveries asked for in 400 packets. */
export const retained: Attack = {
  name: "T9",
  title: "400 subscribers ask at once for 200,000 retained messages of 1 kB",
  p99MsMax: 100,
  prepare: async (room) => {
    const publisher = await room.connect({ clientId: "attack-t9-publisher" });
    if (publisher !== undefined) await retainAll(room, publisher, Buffer.alloc(1000, "."));
    await room.connectAll(room.scaled(SUBSCRIBERS), (n) => ({ clientId: `attack-t9-${n}` }));
  },
  run: async (room) => {
    const all = room.attackers.slice(1);
    const subscribe = encodeSubscribe(1, ["#"], 0);
    await inGroups(all.length, async (n) => all[n]?.ask(subscribe, PacketType.SUBACK), all.length);
    while (!room.over && all.some(({ open }) => open)) await room.rest();
  },
  cleanUp: async (room) => {
    const client = await Attacker.connect(room.address, { clientId: "attack-t9-publisher" });
    if (client === undefined) return;
    await retainAll(room, client, NOTHING);
    await client.leave();
  },
};

/** The server has seen them all when it answers the ping behind them. */
async function retainAll(room: AttackRoom, client: Attacker, payload: Uint8Array): Promise<void> {
  const count = room.scaled(RETAINED);
  for (let from = 0; from < count; from += MESSAGES_A_WRITE) {
    const size = Math.min(MESSAGES_A_WRITE, count - from);
    const packets = Array.from({ length: size }, (_, at) =>
      encodePublish({ topicName: `attack/t9/${from + at}`, payload, retain: true }),
    );
    if (!(await client.write(Buffer.concat(packets)))) break;
  }
  await client.ask(PINGREQ, PacketType.PINGRESP);
}

const NOTHING = new Uint8Array(0);
const PINGREQ = Buffer.from([PacketType.PINGREQ << 4, 0]);
