export { type FabricState, NatsFabric, openNatsFabric } from "./nats-fabric.js";
export type { NatsOptions, NatsTls } from "./options.js";
export { ClusterError } from "./words.js";
