const ENGINE_PARTS = ["protocol", "topic", "codec", "session", "options"];
/** What the world around the engine sees of it. */
const ENGINE_DOORS = ["broker", "ports"];

/**
 * Who may import whom. One row a layer (a folder of `src`): the layers, or single files of them,
 * that it may import; the npm packages; and whether it may use Node's own modules.
 */
const LAYERS = {
  // The engine: pure, no package, nothing of Node.
  protocol: { layers: [] },
  topic: { layers: ["protocol"] },
  codec: { layers: ["protocol", "topic"] },
  // Its rooms; what lies in `src/codec` itself stands above them all.
  "codec/bytes": { layers: ["protocol"] },
  "codec/text": { layers: ["protocol", "topic", "codec/bytes"] },
  "codec/frame": { layers: ["protocol", "topic", "codec/bytes", "codec/text"] },
  "codec/layout": { layers: ["protocol", "topic", "codec/bytes", "codec/text", "codec/frame"] },
  session: { layers: ["protocol", "topic/text-map.ts"] },
  options: { layers: ["protocol"] },
  // Rules, read and asked: pure as well.
  permissions: { layers: ["protocol", "topic"] },
  // The broker's rooms, each above the one before it.
  ports: { layers: ENGINE_PARTS },
  state: { layers: [...ENGINE_PARTS, "ports"] },
  sending: { layers: [...ENGINE_PARTS, "ports", "state"] },
  handling: { layers: [...ENGINE_PARTS, "ports", "state", "sending"] },
  // Reads the tables and changes nothing.
  viewing: { layers: [...ENGINE_PARTS, "ports", "state"] },
  broker: { layers: [...ENGINE_PARTS, "ports", "state", "sending", "handling", "viewing"] },
  // Many nodes as one broker: pure as well. What it asks of the world is its Fabric.
  cluster: {
    layers: [...ENGINE_PARTS, ...ENGINE_DOORS, "state", "sending", "handling", "viewing/page.ts"],
  },
  // Around it.
  store: {
    layers: ["protocol", "topic/text-map.ts", "session", "ports/store.ts"],
    packages: ["lmdb"],
    node: true,
  },
  // A Store whose commits stand in a log on other machines first: pure. What it asks is its HomeLog.
  replica: { layers: ["protocol", "store/backend.ts"] },
  // Files that people name: as many bytes as they may have, and errors in words.
  files: { layers: [], node: true },
  net: { layers: ["protocol", "files", ...ENGINE_DOORS], packages: ["ws", "bl"], node: true },
  // The Fabric of a cluster, and the log of a replica, over NATS.
  nats: {
    layers: [
      ...["protocol", "cluster/fabric.ts", "log/logger.ts", "ports/store.ts"],
      ...["replica", "store", "presence/journal-log.ts"],
    ],
    packages: ["@nats-io/transport-node", "@nats-io/jetstream"],
    node: true,
  },
  auth: {
    layers: [
      ...["protocol", "topic", "options", "files", "ports/policy.ts", "permissions"],
      "net/peer-address.ts",
    ],
    packages: ["@node-rs/argon2", "jose"],
    node: true,
  },
  // What happens, in words: for whatever logger there is.
  log: { layers: ["protocol", "topic/text-map.ts", "ports"] },
  // A Client inside the process, over a Link of its own.
  local: { layers: ["protocol", "codec", "session", ...ENGINE_DOORS, "net"], node: true },
  // The embeddable broker: engine, transports and in-process Clients behind one object.
  library: {
    layers: [
      ...["protocol", "topic", "session", "options", "permissions", ...ENGINE_DOORS],
      ...["log", "net", "local", "cluster", "state/connection.ts"],
    ],
    node: true,
  },
  // What a broker counts, for Prometheus.
  metrics: { layers: ["protocol", "ports", "library"], packages: ["prom-client"], node: true },
  // The same for MQTT: topics in Mosquitto's names.
  sys: { layers: ["protocol", "library"], node: true },
  // Who comes and goes, as topics and webhooks.
  presence: { layers: ["protocol", "topic", "ports", "log", "library"], node: true },
  // The HTTP listener for the people who run the server.
  admin: {
    layers: ["protocol"],
    packages: ["hono", "@hono/node-server", "@hono/zod-openapi"],
    node: true,
  },
  // The page of that listener: it runs in a browser, and a build puts all it needs into one file.
  console: {
    layers: ["codec", "log/words.ts", "log/escape.ts", "admin/answers.ts"],
    packages: ["preact", "uplot"],
  },
  server: {
    layers: [
      ...["protocol", "topic", "codec", "session", "options", ...ENGINE_DOORS],
      ...["metrics", "sys", "presence", "admin", "files", "nats"],
      ...["store", "log", "net", "auth", "library", "permissions"],
    ],
    packages: ["pino", "yaml", "zod"],
    node: true,
  },
  cli: {
    layers: [
      ...["protocol", "options", "store", "auth", "server", "files"],
      ...["admin/ask-health.ts", "admin/answers.ts", "log/escape.ts"],
    ],
    packages: ["commander"],
    node: true,
  },
  compat: { layers: ["protocol", "codec"], node: true },
};

/**
 * Packages beside this one that stand by themselves: the load generator and the conformance suite
 * measure and judge any broker from outside, so they share no code with ours and depend on nothing.
 */
const STANDALONE = "^packages/(bench|conformance|rocketmq)/";

/** The published entries in `src` itself: they re-export layers and hold no code. */
const ENTRIES = {
  "index.ts": [
    ...["protocol", "topic", "ports", "broker", "store", "log", "net", "auth", "local"],
    ...["library", "permissions"],
  ],
  "engine.ts": [
    ...[...ENGINE_PARTS, ...ENGINE_DOORS, "handling/router.ts", "handling/own-messages.ts"],
    ...["state/connection.ts", "state/stats.ts", "viewing"],
  ],
};

const pathOf = (target) =>
  target.endsWith(".ts") ? `^src/${target.replaceAll(".", "\\.")}$` : `^src/${target}/`;

const rulesOf = ([layer, { layers, packages = [], node = false }]) => [
  {
    name: `${layer}-imports`,
    comment: `src/${layer} may import ${layers.join(", ") || "nothing"}.`,
    severity: "error",
    from: { path: pathOf(layer) },
    to: { path: "^src/", pathNot: [layer, ...layers].map(pathOf) },
  },
  {
    name: `${layer}-packages`,
    comment: `src/${layer} may use ${packages.join(", ") || "no package"}.`,
    severity: "error",
    from: { path: pathOf(layer) },
    to: {
      path: "(^|/)node_modules/",
      pathNot: packages.map((name) => `(^|/)node_modules/(@types/)?${name}/`),
    },
  },
  ...(node
    ? []
    : [
        {
          name: `${layer}-pure`,
          comment: `src/${layer} is part of the engine: it uses nothing of Node.`,
          severity: "error",
          from: { path: pathOf(layer) },
          to: { dependencyTypes: ["core"] },
        },
      ]),
];

const entryRule = ([file, layers]) => ({
  name: `entry-${file}`,
  comment: `src/${file} re-exports ${layers.join(", ")}.`,
  severity: "error",
  from: { path: pathOf(file) },
  to: { pathNot: layers.map(pathOf) },
});

const known = [...Object.keys(LAYERS), ...Object.keys(ENTRIES)];

module.exports = {
  forbidden: [
    ...Object.entries(LAYERS).flatMap(rulesOf),
    ...Object.entries(ENTRIES).map(entryRule),
    {
      name: "standalone-packages",
      comment: "A package beside this one imports nothing but itself and Node.",
      severity: "error",
      from: { path: `${STANDALONE}src/` },
      to: { pathNot: "^packages/$1/src/", dependencyTypesNot: ["core"] },
    },
    {
      name: "packages-by-name",
      comment: "The packages beside this one are used by what they export.",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^packages/", pathNot: "^packages/[^/]+/src/index\\.ts$" },
    },
    {
      name: "packages-from-one-place",
      comment: "Only one file each may use a package beside this one.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(cli/tools|server/rocketmq)\\.ts$" },
      to: { path: "^packages/" },
    },
    {
      name: "unknown-layer",
      comment: "A new folder of src needs a row in the table at the top of this file.",
      severity: "error",
      from: { path: "^src/", pathNot: known.map(pathOf) },
      to: {},
    },
    {
      name: "no-import-of-an-entry",
      comment: "Inside src, import what you need where it is; these entries are for users.",
      severity: "error",
      from: { path: "^src/", pathNot: Object.keys(ENTRIES).map(pathOf) },
      to: { path: Object.keys(ENTRIES).map(pathOf) },
    },
    {
      name: "no-cycle",
      comment: "Files that need each other are one idea, or one of them knows too much.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "not-resolvable",
      comment: "An import that leads nowhere, or to a package that package.json does not list.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "only-runtime-dependencies",
      comment: "Whoever installs this package gets `dependencies` only.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/console/" }, // a bundle holds its libraries
      to: {
        dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"],
        pathNot: "node_modules/@types/",
      },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true, // a type import is a dependency, too
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "types", "default"],
    },
  },
};
