import { CLUSTER_NAMES, isClusterName } from "../nats/names.js";
import { isServerUrl, SERVER_URLS } from "../nats/options.js";
import { choice, frozen, list, text } from "../options/row.js";

const FILE = {
  holds: "file",
  allowed: "names of a file",
  isAllowed: (path: string) => path !== "" && !path.includes("\0"),
  isPath: true,
};

/** Many nodes as one broker, over NATS. */
export const CLUSTER_ROWS = frozen({
  servers: list({
    default: undefined,
    unset: "not in a cluster",
    holds: "url",
    allowed: SERVER_URLS,
    isAllowed: isServerUrl,
    about:
      "NATS servers with JetStream, by which nodes find each other: all nodes with the same servers and " +
      "cluster name are one broker. Best three, all named. With a data folder a node keeps its sessions there and in NATS, " +
      "else in memory.",
  }),
  name: text({
    default: "beeline",
    holds: "name",
    allowed: CLUSTER_NAMES,
    isAllowed: isClusterName,
    about: "Which cluster: several may share the same NATS servers.",
  }),
  node: text({
    default: undefined,
    unset: "the name of the host",
    holds: "name",
    allowed: "texts of 1 to 64 characters",
    isAllowed: (name) => name.length >= 1 && name.length <= 64,
    about: "What this node is called: each needs a name of its own.",
  }),
  credentials: text({
    default: undefined,
    unset: "none",
    ...FILE,
    about:
      "File with what signs this node in to NATS: a credentials file (.creds), or one line with an nkey seed, user:password or a token.",
  }),
  tlsCa: text({
    default: undefined,
    unset: "those of Node",
    ...FILE,
    about: "File with the authorities that sign the certificates of the NATS servers, in PEM.",
  }),
  tlsCert: text({
    default: undefined,
    unset: "none",
    ...FILE,
    about: "File with the certificate that this node shows to NATS, in PEM.",
  }),
  tlsKey: text({
    default: undefined,
    unset: "none",
    ...FILE,
    about: "File with the key of that certificate, in PEM.",
  }),
  onEngineLoss: choice({
    values: ["close", "serve-local"],
    default: "close",
    about:
      "What happens to clients while this node does not reach the others. close: after 12 s they are closed, " +
      "to connect to a node that does. serve-local: they stay, and reach only each other.",
  }),
});
