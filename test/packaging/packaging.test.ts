import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { ADMIN_ROWS } from "../../src/server/admin-rows.js";
import { RawClient } from "../net/raw-client.js";
import { Child } from "../server/child.js";
import { runCommand } from "../support/run-command.js";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const packaging = join(root, "packaging");
const folder = mkdtempSync(join(tmpdir(), "beeline-packaging-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("packaging/beeline.yaml", () => {
  it("names the schema that is shipped", () => {
    const text = readFileSync(join(packaging, "beeline.yaml"), "utf8");
    const schema = /^# yaml-language-server: \$schema=(\S+)$/m.exec(text)?.[1] ?? "none";
    expect(JSON.parse(readFileSync(join(packaging, schema), "utf8"))).toMatchObject({
      title: "Beeline configuration",
    });
  });

  it("starts a server as it is", async () => {
    cpSync(join(packaging, "beeline.yaml"), join(folder, "beeline.yaml"));
    const child = new Child("-c", join(folder, "beeline.yaml"), "--port", "0");
    try {
      await RawClient.accepted(await child.listening());
      expect(child.out).toContain(join(folder, "beeline-data"));
      child.signal("SIGTERM");
      expect(await child.ended).toBe(0);
    } finally {
      child.signal("SIGKILL");
    }
  });

  it("is right with every line that is commented out, too", async () => {
    const text = readFileSync(join(packaging, "beeline.yaml"), "utf8")
      .replace(/^( *)# (?=( {2})*[a-zA-Z]+:( |$))(?!yaml-language)/gm, "$1")
      .replace(/^(passwordFile|permissions|tls| {2}(rulesFile|port: 8883|cert|key)).*$\n/gm, "");
    const file = join(folder, "all.yaml");
    cpSync(join(packaging, "beeline.yaml"), file);
    const { writeFileSync } = await import("node:fs");
    writeFileSync(file, text);
    expect(text).toContain("\n  queueMessagesMax: 1000\n");
    expect(await runCommand("check", "-c", file)).toMatchObject({ code: 0, err: "" });
  });
});

describe("packaging/beeline.service", () => {
  it("passes systemd-analyze verify", (context) => {
    const { error, stderr, status } = spawnSync(
      "systemd-analyze",
      ["verify", "--man=no", join(packaging, "beeline.service")],
      { encoding: "utf8" },
    );
    if (error !== undefined) context.skip("needs systemd-analyze");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

describe("packaging/kubernetes.yaml", () => {
  const documents = parseAllDocuments(readFileSync(join(packaging, "kubernetes.yaml"), "utf8"));
  const objects = documents.map((one) => one.toJS() as Record<string, unknown>);

  it("is YAML, with the fields that every object has", () => {
    expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
    expect(objects.map(({ kind }) => kind)).toEqual(["ConfigMap", "Service", "StatefulSet"]);
    for (const object of objects) {
      expect(object).toMatchObject({
        apiVersion: expect.any(String),
        metadata: { name: "beeline" },
      });
    }
  });

  it("holds a configuration that is right but for files of the pod, and mounts what it names", async () => {
    const [config, , set] = objects as [
      { data: Record<string, string> },
      unknown,
      { spec: { template: { spec: Pod } } },
    ];
    const { writeFileSync } = await import("node:fs");
    const file = join(folder, "kubernetes.yaml");
    writeFileSync(file, config.data["beeline.yaml"] ?? "");
    const printed = await runCommand("start", "-c", file, "--print-config");
    expect(printed).toMatchObject({ code: 0, err: "" });
    const { spec } = set.spec.template;
    const paths = spec.containers[0]?.volumeMounts.map(({ mountPath }) => mountPath);
    expect(paths).toEqual(["/data", "/etc/beeline", "/etc/beeline-secrets"]);
    expect(spec.enableServiceLinks).toBe(false);
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, fsGroup: 1000 });
    expect(spec.containers[0]?.securityContext).toMatchObject({ readOnlyRootFilesystem: true });
    const { ports, ...probes } = spec.containers[0] as Pod["containers"][0];
    expect(ports).toEqual([
      { name: "mqtt", containerPort: 1883 },
      { name: "admin", containerPort: ADMIN_ROWS.port.default },
    ]);
    expect(parse(config.data["beeline.yaml"] ?? "")).toMatchObject({ admin: { host: "0.0.0.0" } });
    for (const [probe, path] of Object.entries(PROBES)) {
      expect(probes).toHaveProperty(
        probe,
        expect.objectContaining({ httpGet: { path, port: "admin" } }),
      );
    }
  });
});

const PROBES = { startupProbe: "/readyz", readinessProbe: "/readyz", livenessProbe: "/healthz" };

interface Pod {
  readonly enableServiceLinks: boolean;
  readonly securityContext: object;
  readonly containers: readonly {
    readonly ports: readonly object[];
    readonly securityContext: object;
    readonly volumeMounts: readonly { readonly mountPath: string }[];
  }[];
}

describe("packaging/Dockerfile", () => {
  const lines = readFileSync(join(packaging, "Dockerfile"), "utf8");

  it("runs as a user without rights, and looks after its health", () => {
    expect(lines).toMatch(/^USER node$/m);
    expect(lines).toMatch(/^HEALTHCHECK /m);
    expect(lines).toMatch(/^VOLUME \/data$/m);
  });

  it("consists of instructions that there are, of files that are there", () => {
    const instructions = lines
      .replace(/^#.*\n/gm, "")
      .replace(/\\\n/g, " ")
      .trim()
      .split(/\n+/)
      .map((line) => /^([A-Z]+)\s+(.+)$/.exec(line)?.slice(1) ?? [line, ""]);
    const known =
      /^(FROM|RUN|CMD|COPY|ENV|USER|WORKDIR|VOLUME|EXPOSE|STOPSIGNAL|HEALTHCHECK|ENTRYPOINT)$/;
    for (const [name = "", rest = ""] of instructions) {
      expect(name).toMatch(known);
      const list = /^(?:.*CMD )?(\[.*\])$/.exec(rest)?.[1]; // else a word of the shell
      if (list !== undefined) expect(JSON.parse(list), rest).toContainEqual(expect.any(String));
    }
    const stages = instructions.filter(([name]) => name === "FROM").map(([, rest]) => rest);
    expect(stages).toEqual(["node:20-bookworm-slim AS build", "node:20-bookworm-slim"]);
    const { engines, bin } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect([engines.node, Object.keys(bin)]).toEqual([">=20", ["beeline"]]);
  });

  it("is made from nothing that git ignores, such as a data folder with its token", () => {
    const linesOf = (name: string) =>
      readFileSync(join(root, name), "utf8")
        .split("\n")
        .filter((line) => /^[^#]/.test(line));
    const left = linesOf(".dockerignore");
    const bare = left.map((line) => line.replace(/^\*\*\//, ""));
    for (const line of linesOf(".gitignore")) expect(bare).toContain(line.replace(/\/$/, ""));
    expect(left).toContain(".git");
  });

  it("has a health check that is right about a server", async () => {
    const [, command = "[]"] = /^HEALTHCHECK .* CMD (\[.*\])$/m.exec(lines) ?? [];
    const [program, ...args] = JSON.parse(command) as string[];
    expect(program).toBe("beeline");
    const admin = createServer();
    await new Promise<void>((resolve) => admin.listen(0, "127.0.0.1", resolve));
    const { port } = admin.address() as AddressInfo;
    await new Promise((resolve) => admin.close(resolve));
    const env = { ...process.env, BEELINE_ADMIN__PORT: `${port}`, BEELINE_HOST: "127.0.0.1" };
    const ends = async (): Promise<number | string> => new Child({ env }, ...args).ended;
    const child = new Child(
      { env },
      "start",
      "--port",
      "0",
      "--memory",
      "--admin-host",
      "127.0.0.1",
    );
    await child.listening();
    expect(await ends()).toBe(0);
    child.signal("SIGTERM");
    await child.ended;
    expect(await ends()).toBe(1);
  });
});

describe("the package", () => {
  it("holds what it needs, and nothing of ours alone", { timeout: 120_000 }, () => {
    const out = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
      cwd: root,
      encoding: "utf8",
    });
    const [{ files }] = JSON.parse(out) as [{ files: { path: string }[] }];
    const paths = files.map(({ path }) => path);
    for (const needed of [
      ...["dist/cli/main.js", "dist/index.d.ts", "docs/options.md", "docs/beeline.schema.json"],
      ...["packaging/beeline.yaml", "packaging/beeline.service", "packaging/Dockerfile"],
      ...["packaging/kubernetes.yaml", "README.md", "LICENSE", "CHANGELOG.md"],
    ]) {
      expect(paths).toContain(needed);
    }
    const foreign = paths.filter((path) =>
      /^(test|bench|scripts|spec-notes|\.ci|\.cache)\//.test(path),
    );
    expect(foreign).toEqual([]);
  });
});
