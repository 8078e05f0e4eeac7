import { UsageError } from "../protocol/errors.js";

/** What a program that asks for MQTT 5 is told. */
export const MQTT_5_REFUSED =
  "MQTT 5 is not spoken here: beeline-mqtt/mqtt-packet knows MQTT 3.1.1 and 3.1 " +
  "(protocolVersion 4 and 3); use the mqtt-packet package for MQTT 5";

/** What `mqtt-packet` takes as options: usually a CONNECT packet, or a client's options. */
export interface VersionOptions {
  readonly protocolVersion?: number;
  readonly bridgeMode?: boolean;
}

/** @throws {@link UsageError} when the options ask for MQTT 5. */
export function refuseVersion5(options: VersionOptions | undefined | null): void {
  if (options?.protocolVersion === 5) throw new UsageError(MQTT_5_REFUSED);
}
