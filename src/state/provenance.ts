import type { NumberedMessage } from "../session/seen.js";
import type { ClientSession } from "./client-directory.js";

/** Where a QoS 2 message comes from: whoever has it from there once does not take it again. [M36] */
export class Provenance implements NumberedMessage {
  readonly publisherId: string;
  readonly packetId: number;
  readonly number: number;
  readonly floor: number;
  readonly againAbove: number;
  /**
   * Others than this node have it, or may get it: its identifier is recorded later than the message, and
   * whoever has it must remember that.
   */
  isAway = false;
  /** Sessions here that were given it while nobody else was. */
  readonly here: ClientSession[] = [];

  constructor(
    publisherId: string,
    packetId: number,
    number: number,
    floor: number,
    againAbove: number,
  ) {
    this.publisherId = publisherId;
    this.packetId = packetId;
    this.number = number;
    this.floor = floor;
    this.againAbove = againAbove;
  }
}
