import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { WireClient } from "../../packages/conformance/src/wire-client.js";
import {
  encode,
  type Packet,
  PacketStream,
  PacketType,
  ProtocolError,
  packetTypeName,
} from "../../src/engine.js";
import { EngineTarget } from "../support/conformance/engine-target.js";

const page = readFileSync(
  fileURLToPath(new URL("../../spec-notes/wire-examples.md", import.meta.url)),
  "utf8",
);

interface Block {
  readonly heading: string;
  /** What stands behind the three backquotes: `packet client refused qos-3`. */
  readonly info: readonly string[];
  readonly lines: readonly string[];
}

/** The fenced blocks, each under the heading it stands below. */
function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let heading = "";
  let open: { info: string[]; lines: string[] } | undefined;
  for (const line of markdown.split("\n")) {
    if (line.startsWith("```")) {
      if (open !== undefined) blocks.push({ heading, ...open });
      open = open === undefined ? { info: line.slice(3).split(" "), lines: [] } : undefined;
    } else if (open !== undefined) open.lines.push(line);
    else if (line.startsWith("## ")) heading = line.slice(3);
  }
  return blocks;
}

/** The bytes at the start of a line; a remark follows after two spaces. */
function bytesOf(line: string): number[] {
  const [, digits = ""] = /^((?:[0-9a-f]{2} ?)*)(?= |$)/.exec(line) ?? [];
  if (digits === "") throw new Error(`no bytes in "${line}"`);
  return digits
    .trim()
    .split(" ")
    .map((pair) => Number.parseInt(pair, 16));
}

/** A packet as the page writes it: bytes as text, and no fields that are absent. */
function plain(packet: Packet): unknown {
  const text = JSON.stringify(packet, (_key, value: unknown) =>
    value instanceof Uint8Array ? new TextDecoder().decode(value) : value,
  );
  const { type: _type, ...fields } = JSON.parse(text);
  return fields;
}

const blocks = blocksOf(page);
const packets = blocks.filter(({ info }) => info[0] === "packet");
const conversations = blocks.filter(({ info }) => info[0] === "conversation");

describe("spec-notes/wire-examples.md, packet by packet", () => {
  it("shows every type of packet", () => {
    const shown = packets.flatMap(({ lines }) => /^=> (\w+)/.exec(lines.at(-1) ?? "")?.[1] ?? []);
    expect([...new Set(shown)].sort()).toEqual(Object.keys(PacketType).sort());
  });

  it("has no other blocks", () => {
    expect(packets.length + conversations.length).toBe(blocks.length);
  });

  for (const [at, { heading, info, lines }] of packets.entries()) {
    const [, sender, how, code] = info;
    const body = Uint8Array.from(lines.filter((line) => !line.startsWith("=>")).flatMap(bytesOf));
    const stream = new PacketStream({ sender: sender === "server" ? "server" : "client" });

    it(`${at + 1}. ${heading}: ${how === "refused" ? `refuses ${code}` : "reads and writes it"}`, () => {
      stream.push(body);
      if (how === "refused") {
        expect(codeOf(() => stream.next())).toBe(code);
        return;
      }
      const packet = stream.next();
      if (packet === undefined) expect.fail("the packet is not whole");
      const [, name, fields = ""] = /^=> (\w+) (.*)$/.exec(lines.at(-1) ?? "") ?? [];
      expect(packetTypeName(packet.type)).toBe(name);
      expect(plain(packet)).toEqual(JSON.parse(fields));
      expect(stream.next()).toBeUndefined();
      expect(stream.bufferedBytes).toBe(0);
      if (how === "decode-only") expect([...encode(packet)]).not.toEqual([...body]);
      else expect([...encode(packet)]).toEqual([...body]);
    });
  }
});

describe("spec-notes/wire-examples.md, conversation by conversation", () => {
  for (const { heading, lines } of conversations) {
    it(heading, async () => {
      const target = new EngineTarget();
      const clients = new Map<string, WireClient>();
      for (const line of lines) await say(target, clients, line);
      for (const client of clients.values()) {
        if (!client.closed) await client.expectQuiet();
      }
    });
  }
});

/** Plays one line of a conversation: `A > bytes`, `A < bytes`, `A x` or `A .`. */
async function say(target: EngineTarget, clients: Map<string, WireClient>, line: string) {
  const [, name = "", what = "", rest = ""] = /^([A-Z]) ([><x.]) *(.*)$/.exec(line) ?? [];
  const known = clients.get(name);
  const isNew = what === ">" && (known === undefined || known.closed);
  const client = isNew ? await WireClient.dial(target) : known;
  if (client === undefined) throw new Error(`nobody called ${name} is connected: "${line}"`);
  clients.set(name, client);
  if (what === "x") client.drop();
  else if (what === ".") await client.expectClose();
  else if (what === ">") client.send(Uint8Array.from(bytesOf(rest)));
  else await client.expect(Uint8Array.from(bytesOf(rest)));
}

function codeOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
  return "nothing was thrown";
}
