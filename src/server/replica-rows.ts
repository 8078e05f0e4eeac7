import { CLUSTER_NAMES, isClusterName } from "../nats/names.js";
import { isServerUrl, SERVER_URLS } from "../nats/options.js";
import { frozen, list, text } from "../options/row.js";
import { CLUSTER_ROWS } from "./cluster-rows.js";

const { tlsCa, tlsCert, tlsKey } = CLUSTER_ROWS;

/** A second place for all that the data folder holds, on other machines. */
export const REPLICA_ROWS = frozen({
  servers: list({
    default: undefined,
    unset: "the data folder is the only place",
    holds: "url",
    allowed: SERVER_URLS,
    isAllowed: isServerUrl,
    about:
      "NATS servers with JetStream that keep a copy of the data folder: what is acknowledged is there, too. When this machine is " +
      "lost, start the server on another one with the same replica servers and name. Best three, all named.",
  }),
  name: text({
    default: "beeline",
    holds: "name",
    allowed: CLUSTER_NAMES,
    isAllowed: isClusterName,
    about:
      "Which copy: one server uses it at a time. Who starts with it takes it over, and the one before ends.",
  }),
  credentials: text({
    default: undefined,
    unset: "none",
    holds: "file",
    allowed: "names of a file",
    isAllowed: (path) => path !== "" && !path.includes("\0"),
    isPath: true,
    about:
      "File with what signs this server in to NATS: a credentials file (.creds), or one line with an nkey seed, user:password or a token.",
  }),
  tlsCa,
  tlsCert,
  tlsKey,
});
