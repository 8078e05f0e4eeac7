import { frozen, text } from "../options/row.js";

/** Who may do what: at most one of the two. */
export const PERMISSIONS_ROWS = frozen({
  rulesFile: text({
    default: undefined,
    unset: "everybody may do everything",
    holds: "file",
    allowed: "names of a file",
    isAllowed: isPathText,
    isPath: true,
    about:
      "YAML file with rules: who may publish, retain, subscribe, receive, and send to whom. What no " +
      "rule allows is denied.",
  }),
  aclFile: text({
    default: undefined,
    unset: "none",
    holds: "file",
    allowed: "names of a file",
    isAllowed: isPathText,
    isPath: true,
    about: "File of Mosquitto's acl_file, read as it is, instead of a file with rules.",
  }),
});

function isPathText(path: string): boolean {
  return path !== "" && !path.includes("\0");
}
