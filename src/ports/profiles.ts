import type { Given } from "../options/row.js";
import type { POINT_TO_POINT_ROWS, PROTOCOL_ROWS } from "./choices.js";
import type { Limits } from "./limits.js";

/** What a profile chooses where nobody has chosen. */
interface Profile {
  readonly protocol: Given<typeof PROTOCOL_ROWS>;
  readonly pointToPoint: Given<typeof POINT_TO_POINT_ROWS>;
  readonly limits: Partial<Limits>;
}

/** What stands in for the defaults, by the option `profile`. [P19] */
export const PROFILES: Readonly<Record<"default" | "aliyun", Profile>> = Object.freeze({
  default: { protocol: {}, pointToPoint: {}, limits: {} },
  /** The commercial service whose point-to-point topics these are. */
  aliyun: {
    protocol: { clientIds: "group", deniedPublish: "hang-up", deniedSubscribe: "hang-up" },
    pointToPoint: { offline: "sender" },
    limits: { messageBytesMax: 64 * 1024, subscriptionsPerSessionMax: 30 },
  },
});
