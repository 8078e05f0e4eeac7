/**
 * Many nodes as one broker, and a copy elsewhere, by NATS. Published as `./cluster`.
 *
 * @module cluster
 */
export { type FabricState, NatsFabric, openNatsFabric } from "./nats-fabric.js";
export type { NatsOptions, NatsTls } from "./options.js";
export type { ReplicatedStoreOptions } from "./replica-options.js";
export { openReplicatedStore } from "./replicated-store.js";
export { signInFrom as checkSignIn } from "./sign-in.js";
export { ClusterError } from "./words.js";
