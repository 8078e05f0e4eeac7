import { Provenance } from "../state/provenance.js";
import { type FieldReader, FieldWriter } from "./byte-fields.js";

const IS_AGAIN = 1;

/** What stands before the payload of a message that is to be given once: where it comes from. [M36] */
export function writeProvenance(provenance: Provenance): Uint8Array {
  const { publisherId, packetId, number, floor, againAbove } = provenance;
  const writer = new FieldWriter(64).u8(againAbove > 0 ? IS_AGAIN : 0).u32(packetId);
  writer.u64(number).u64(floor);
  if (againAbove > 0) writer.u64(againAbove);
  return writer.text(publisherId).bytes;
}

/** @throws MalformedError */
export function readProvenance(reader: FieldReader): Provenance {
  const isAgain = (reader.u8() & IS_AGAIN) !== 0;
  const packetId = reader.u32();
  const number = reader.u64();
  const floor = reader.u64();
  const againAbove = isAgain ? reader.u64() : 0;
  const provenance = new Provenance(reader.text(), packetId, number, floor, againAbove);
  provenance.isAway = true;
  return provenance;
}
