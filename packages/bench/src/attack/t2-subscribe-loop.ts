import { PacketType } from "../mqtt.js";
import { encodeSubscribe } from "../packets.js";
import { encodeUnsubscribe } from "./packets.js";
import type { Attack } from "./room.js";

/** Two packets of some 400 kB, each of which builds or takes down 25,000 entries. */
export const subscribeLoop: Attack = {
  name: "T2",
  title: "one client loops SUBSCRIBE and UNSUBSCRIBE of 25,000 filters",
  p99MsMax: 50,
  prepare: async () => undefined,
  run: async (room) => {
    const filters = Array.from({ length: room.scaled(25_000) }, (_, n) => `attack/t2/${n}`);
    const subscribe = encodeSubscribe(1, filters, 0);
    const unsubscribe = encodeUnsubscribe(filters);
    const client = await room.connect({ clientId: "attack-t2" });
    if (client === undefined) return;
    while (
      !room.over &&
      (await client.ask(subscribe, PacketType.SUBACK)) &&
      (await client.ask(unsubscribe, PacketType.UNSUBACK))
    ) {
      room.note("rounds of SUBSCRIBE and UNSUBSCRIBE");
    }
    room.noteIfClosed(client);
  },
};
