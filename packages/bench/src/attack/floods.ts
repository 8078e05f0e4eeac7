import { encodeConnect } from "../packets.js";
import { encodeHello } from "./packets.js";
import { type Attack, type AttackRoom, inGroups } from "./room.js";
import { clientHello, Stranger } from "./stranger.js";

/** Whoever floods does not wait for answers that are held back. */
const ANSWER_MS_MAX = 100;
const P99_MS_MAX = 50;
const nothing = async (): Promise<void> => undefined;

/** Connections that are opened and asked for a Client's place, whole or not, one after the other. */
const connectStorm: Attack = {
  name: "I03",
  title:
    "connections as fast as they come, each with a CONNECT, good, bad or none, that is left at once",
  p99MsMax: P99_MS_MAX,
  prepare: nothing,
  run: (room) =>
    lanes(room, 32, async (lane, round) => {
      const stranger = await Stranger.dial(room);
      if (stranger === undefined) return room.rest();
      const good = encodeHello({ clientId: `attack-i03-${lane}-${round}` });
      const said = [good, GARBAGE, WRONG_LEVEL][round % 3] ?? good;
      stranger.say(said);
      await stranger.answer(ANSWER_MS_MAX);
      stranger.leave();
    }),
};

/** First messages of TLS: each makes the server sign, and costs the attacker nothing. */
const handshakeStorm: Attack = {
  name: "K11",
  title: "TLS handshakes that are begun and left, as fast as the server answers",
  p99MsMax: P99_MS_MAX,
  needsTls: true,
  prepare: nothing,
  run: async (room) => {
    const hello = await clientHello();
    await lanes(room, 16, async () => {
      const stranger = await Stranger.dial(room, room.address.tlsPort ?? room.address.port);
      if (stranger === undefined) return room.rest();
      stranger.say(hello);
      if ((await stranger.answer(ANSWER_MS_MAX)) !== undefined) room.note("handshakes answered");
      stranger.leave();
    });
  },
};

/** Passwords that are wrong, for a user that there is and for one that there is not. */
const guessing: Attack = {
  name: "M02",
  title: "passwords are guessed over many connections at once",
  p99MsMax: P99_MS_MAX,
  prepare: nothing,
  run: (room) =>
    lanes(room, 64, async (lane, round) => {
      const stranger = await Stranger.dial(room);
      if (stranger === undefined) return room.rest();
      const { username = "admin" } = room.address;
      const asked = { username: round % 2 === 0 ? username : "nobody", password: `wrong-${round}` };
      stranger.say(encodeConnect(`attack-m02-${lane}`, true, asked));
      const connack = await stranger.answer(ANSWER_MS_MAX);
      const code = connack?.[3];
      room.note(code === undefined ? "guesses not answered" : `guesses answered with ${code}`);
      stranger.leave();
    }),
};

/** Whole CONNECTs announced, of which a byte comes now and then. */
const dribble: Attack = {
  name: "I02",
  title: "hundreds of connections send a CONNECT of 60 kB byte by byte",
  p99MsMax: P99_MS_MAX,
  prepare: nothing,
  run: (room) => {
    const begun = Uint8Array.of(0x10, 0xe0, 0xd4, 0x03, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0);
    const through = (): Promise<Stranger | undefined> => Stranger.dial(room);
    return kept(room, 500, through, begun, (stranger) => stranger.say(Uint8Array.of(0)));
  },
};

/** Connections that never say who they are. */
const halfOpen: Attack = {
  name: "I01",
  title:
    "two thousand connections say nothing, or half a CONNECT, and come again when they are closed",
  p99MsMax: P99_MS_MAX,
  prepare: nothing,
  run: (room) => {
    // Who says nothing does not even begin with TLS or HTTP; the others are through the door.
    const { port } = room.address;
    const half = (at: number): Promise<Stranger | undefined> =>
      at % 2 === 0 ? Stranger.dial(room) : Stranger.dial(room, port);
    return kept(room, 2_000, half, Uint8Array.of(0x10, 0x20, 0, 4), () => undefined);
  },
};

/** What can be done to a server by peers that it has not let in, in the order of their numbers. */
export const FLOODS: readonly Attack[] = [
  halfOpen,
  dribble,
  connectStorm,
  handshakeStorm,
  guessing,
];

/** Does something again and again until it is over, on so many lanes side by side. */
async function lanes(
  room: AttackRoom,
  count: number,
  act: (lane: number, round: number) => Promise<void>,
): Promise<void> {
  const lane = async (at: number): Promise<void> => {
    for (let round = 0; !room.over; round += 1) await act(at, round);
  };
  await Promise.all(Array.from({ length: room.scaled(count) }, (_, at) => lane(at)));
}

/** Keeps so many strangers, new ones for those that the server closes; every second one has begun. */
async function kept(
  room: AttackRoom,
  count: number,
  dial: (at: number) => Promise<Stranger | undefined>,
  begun: Uint8Array,
  now: (stranger: Stranger) => void,
): Promise<void> {
  const strangers: (Stranger | undefined)[] = Array.from({ length: room.scaled(count) });
  while (!room.over) {
    await inGroups(strangers.length, async (at) => {
      const old = strangers[at];
      if (old?.open) return now(old);
      if (old !== undefined) room.note("connections closed by the server");
      if (room.over) return;
      const stranger = await dial(at);
      strangers[at] = stranger;
      if (at % 2 === 0) stranger?.say(begun);
    });
    await room.rest();
  }
  for (const stranger of strangers) stranger?.leave();
}

const GARBAGE = Uint8Array.of(0x00, 0x00, 0xff);
const WRONG_LEVEL = Uint8Array.of(0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 66, 2, 0, 0, 0, 0);
