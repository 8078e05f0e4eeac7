export { type FabricState, NatsFabric, openNatsFabric } from "./nats-fabric.js";
export type { NatsOptions, NatsTls } from "./options.js";
export { openReplicatedStore, type ReplicatedStoreOptions } from "./replicated-store.js";
export { signInFrom as checkSignIn } from "./sign-in.js";
export { ClusterError } from "./words.js";
