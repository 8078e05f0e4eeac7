import { isHost } from "../library/listener-values.js";
import { frozen, onOff, text, wholeNumber } from "../options/row.js";

/** The HTTP listener for the people who run the server. */
export const ADMIN_ROWS = frozen({
  enabled: onOff({
    default: true,
    about:
      "Answer HTTP requests: health and metrics at /healthz, /readyz and /metrics, the API at /api/v1, the console at /.",
  }),
  host: text({
    default: "127.0.0.1",
    holds: "address",
    allowed: "addresses and host names",
    isAllowed: isHost,
    about:
      "Address for the console, the API, health and metrics. Whoever reaches it can read the last two.",
  }),
  port: wholeNumber({
    unit: "number",
    default: 18_083,
    least: 0,
    most: 65_535,
    about:
      "Port for the console, the API, health and metrics; 0 takes any free one. While another program has the default port, the broker runs without them.",
  }),
  tokenFile: text({
    default: undefined,
    unset: "admin-token in the data folder",
    holds: "file",
    allowed: "names of a file",
    isAllowed: (path) => path !== "" && !path.includes("\0"),
    isPath: true,
    about:
      "File with the token that console and API ask for. Without one, and without a data folder, there is neither.",
  }),
  workPercentMax: wholeNumber({
    unit: "number",
    default: 10,
    least: 1,
    most: 100,
    about:
      "Most of the process's time that requests may take, so that clients do not notice a flood of them: further ones wait.",
  }),
  loopLagMsMax: wholeNumber({
    unit: "ms",
    default: 5_000,
    about: "How late the event loop may have been in the last ten seconds for /healthz to say ok.",
  }),
});
