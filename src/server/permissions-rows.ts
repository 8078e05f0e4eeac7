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

/** What a listener may be told of its own: whoever comes in there is judged by these rules alone. */
export const LISTENER_RULES_ROWS = frozen({
  rulesFile: {
    ...PERMISSIONS_ROWS.rulesFile,
    unset: "as permissions.rulesFile says",
    about:
      "YAML file with rules for the clients of this listener, instead of those of permissions.",
  },
  aclFile: {
    ...PERMISSIONS_ROWS.aclFile,
    unset: "as permissions.aclFile says",
    about: "File of Mosquitto's acl_file for the clients of this listener, instead of rulesFile.",
  },
});

function isPathText(path: string): boolean {
  return path !== "" && !path.includes("\0");
}
