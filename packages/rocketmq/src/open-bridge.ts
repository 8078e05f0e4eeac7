import type { Adapter, AdapterHost, Place } from "./adapter.js";
import { RocketMqBridge } from "./bridge.js";
import { newTally } from "./counts.js";
import { grpcAdapter } from "./grpc/grpc-adapter.js";
import { type BridgeOptions, checkOptions, type Protocol } from "./options.js";
import { Reception } from "./reception.js";
import { remotingAdapter } from "./remoting/remoting-adapter.js";
import { TroubleLog } from "./trouble-log.js";

/** Opens a way to RocketMQ. */
export type AdapterMaker = (place: Place, host: AdapterHost) => Promise<Adapter>;

const ADAPTERS: Readonly<Record<Protocol, AdapterMaker>> = {
  grpc: grpcAdapter,
  remoting: remotingAdapter,
};

/**
 * Opens a bridge. It connects by itself, as soon as RocketMQ is there, and again when it was gone.
 *
 * @throws Error for options that cannot be, and when the library of the protocol is not installed.
 */
export async function openBridge(
  options: BridgeOptions,
  adapters: Readonly<Record<Protocol, AdapterMaker>> = ADAPTERS,
): Promise<RocketMqBridge> {
  checkOptions(options);
  const { address, group = "beeline", tags = "*", tls = false, accessKey, secret } = options;
  const log = new TroubleLog(options.logger ?? {}, () => performance.now());
  const tally = newTally();
  const reception = new Reception(address, options.inTopics ?? [], tally, log);
  const place = { address, group, tags, tls, accessKey, secret };
  const adapter = await adapters[options.protocol ?? "grpc"](place, reception);
  return new RocketMqBridge(options, { adapter, reception, tally, log });
}
