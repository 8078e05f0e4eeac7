/** Renders docs/http-api.md from the OpenAPI document; `npm run openapi` writes it. */

/** What every request may be answered with, said once. */
const EVERYWHERE = ["400", "401", "403", "413", "415", "421", "429", "500", "503"];

const HEADINGS = {
  clients: "Clients",
  sessions: "Sessions and what waits",
  topics: "Topics: publishing, retained messages, subscriptions",
  server: "The server",
  cluster: "Many nodes",
  rocketmq: "RocketMQ",
  streams: "Streams",
  "sign-in": "Signing in, for browsers",
};

/** @param document the OpenAPI document. @returns the page, in Markdown. */
export function httpApiPage(document) {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, ...operation })),
  );
  const tags = Object.keys(HEADINGS);
  const strange = operations.filter(({ tags: [tag] = [] }) => !tags.includes(tag));
  if (strange.length > 0) throw new Error(`no heading for the tag of ${strange[0].path}`);
  return `${INTRODUCTION}
${tags
  .map((tag) =>
    section(
      HEADINGS[tag],
      operations.filter(({ tags: [own] }) => own === tag),
    ),
  )
  .join("\n")}
${everywhere(operations)}
## What the bodies hold

${Object.entries(document.components.schemas).map(schema).join("\n")}`;
}

function section(heading, operations) {
  return `## ${heading}

| request | does | answers |
|---|---|---|
${operations.map(row).join("\n")}
`;
}

function row({ method, path, summary, parameters = [], requestBody, responses }) {
  const query = parameters.filter((one) => one.in === "query").map(({ name }) => `\`${name}\``);
  const takes = [
    ...(query.length > 0 ? [`takes ${query.join(", ")}`] : []),
    ...(requestBody === undefined ? [] : [`body: ${bodyOf(requestBody.content)}`]),
  ];
  const answers = Object.entries(responses)
    .filter(([status]) => !EVERYWHERE.includes(status))
    .map(([status, { description, content = {} }]) => answer(status, description, content));
  const does = [summary, ...takes].join("; ");
  return `| \`${method.toUpperCase()} ${path}\` | ${does} | ${answers.join("<br>")} |`;
}

function answer(status, description, content) {
  const body = status.startsWith("2") ? bodyOf(content) : "";
  return `**${status}** ${[description, body].filter((part) => part !== "").join(", ")}`;
}

/** The name of what a body holds, as a link to its table. */
function bodyOf(content) {
  const ref = Object.values(content)[0]?.schema?.$ref;
  return ref === undefined ? "" : linkTo(ref);
}

function linkTo(ref) {
  const name = ref.split("/").at(-1);
  return `[${name}](#${name.toLowerCase()})`;
}

function everywhere(operations) {
  const known = new Map(operations.flatMap(({ responses }) => Object.entries(responses)));
  const rows = EVERYWHERE.map((status) => `| ${status} | ${known.get(status).description} |`);
  return `## Answers that every request may get

Each has a body of [Problem](#problem).

| status | means |
|---|---|
${rows.join("\n")}
`;
}

function schema([name, { description, properties = {}, required = [] }]) {
  const rows = Object.entries(properties).map(
    ([field, value]) =>
      `| \`${field}\` | ${typeOf(value)} | ${required.includes(field) ? "yes" : ""} | ${value.description ?? ""} |`,
  );
  return `### ${name}
${description === undefined ? "" : `\n${description}\n`}
| field | type | always | |
|---|---|---|---|
${rows.join("\n")}
`;
}

function typeOf(value) {
  if (value.$ref !== undefined) return linkTo(value.$ref);
  if (value.enum !== undefined)
    return value.enum.map((one) => `\`${JSON.stringify(one)}\``).join(", ");
  if (value.type === "array") return `list of ${typeOf(value.items)}`;
  const { minimum, maximum } = value;
  const range = [
    ...(minimum === undefined ? [] : [`from ${minimum}`]),
    ...(maximum === undefined ? [] : [`to ${maximum}`]),
  ];
  return [value.type ?? "anything", ...range].join(" ");
}

const INTRODUCTION = `# The HTTP API

Ask a running server who is connected and what waits, send to one client and learn what became of it, publish, disconnect, reload: from any language that
speaks HTTP. Generated from [openapi.json](openapi.json), which is made from the schemas that requests are held to (\`npm run openapi\`).

It is at \`http://127.0.0.1:18083/api/v1\` and asks for the token of the server: the file \`admin-token\` in its data folder, or that of
\`--admin-token-file\`.

\`\`\`bash
beeline start
\`\`\`

\`\`\`bash
mosquitto_sub -i lamp -q 1 -t home/lamp
\`\`\`

\`\`\`bash
TOKEN=$(cat beeline-data/admin-token)
API=http://127.0.0.1:18083/api/v1
curl --silent --fail -H "Authorization: Bearer $TOKEN" $API/clients/lamp
curl --silent --fail -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
  -d '{ "parent": "home", "payload": "on", "confirm": true }' $API/clients/lamp/messages
curl --silent --fail -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
  -d '{ "topicName": "home/heating", "payload": "21.5", "qos": 1, "retain": true }' $API/messages
curl --silent --fail -H "Authorization: Bearer $TOKEN" "$API/retained?filter=home/%23"
\`\`\`

\`\`\`text
"clientId":"lamp"
"delivered"
"home/heating"
\`\`\`

\`beeline ctl\` asks the same from a shell. Lists come in pages: \`next\` of one is the \`cursor\` of the following one. In a path, an identifier or
topic is encoded as a URL asks for: \`home%2Fheating\`.
`;
