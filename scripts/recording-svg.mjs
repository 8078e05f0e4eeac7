/** Draws a terminal session as one animated SVG, for light and dark pages; it stands still where motion is unwanted. */

const LOOP_MS = 20_000;
const TYPE_MS = 45;
const ANSWER_MS = 150;
const CHAR = 7.5;
const LINE = 18;
const PAD = 12;
const HEAD = 24;

/** Where each pane lies, and what its frame says. */
const PANES = {
  server: { title: "the server", x: 0, y: 0, width: 880, rows: 5 },
  lamp: {
    title: "the client lamp-7: has not subscribed to anything under home/",
    x: 0,
    y: 134,
    width: 436,
    rows: 3,
  },
  all: { title: "somebody who subscribes to everything", x: 444, y: 134, width: 436, rows: 3 },
  sender: { title: "a sender", x: 0, y: 232, width: 880, rows: 4 },
};
const HEIGHT = 348;

/** @param scenes what `played` returns. @returns the picture. */
export function recordingSvg(scenes) {
  const drawing = new Drawing();
  for (const [name, pane] of Object.entries(PANES)) drawing.frame(name, pane);
  for (const { pane, atMs, command, prints } of scenes) {
    const doneMs = drawing.type(pane, atMs, command);
    for (const [where, texts] of Object.entries(prints)) {
      for (const text of texts) drawing.print(where, doneMs + ANSWER_MS, text);
    }
    drawing.prompt(pane, doneMs + ANSWER_MS, scenes);
  }
  return drawing.text();
}

class Drawing {
  #frames = [];
  #clips = [];
  #keyframes = [];
  #texts = [];
  #row = Object.fromEntries(Object.keys(PANES).map((name) => [name, 0]));
  #told = [];
  #count = 0;

  frame(name, { title, x, y, width, rows }) {
    const height = HEAD + rows * LINE + 6;
    this.#frames.push(
      `<rect class="f" x="${x + 0.5}" y="${y + 0.5}" width="${width - 1}" height="${height - 1}" rx="6"/>`,
      `<text class="h" x="${x + PAD}" y="${y + 17}">${escaped(title)}</text>`,
    );
    this.#put("p", name, "$", 0);
  }

  /** Appears key by key. @returns when it is typed. */
  type(name, atMs, command) {
    const { x, y } = this.#at(name);
    const id = this.#nextId();
    const doneMs = atMs + command.length * TYPE_MS;
    const width = command.length * CHAR;
    const left = x + 2 * CHAR;
    this.#clips.push(
      `<clipPath id="c${id}"><rect x="${left}" y="${y - 14}" width="${width}" height="${LINE}" style="animation-name:${id}"/></clipPath>`,
    );
    this.#keyframes.push(
      `@keyframes ${id}{0%{transform:scaleX(0)}${percent(atMs)}{transform:scaleX(0);animation-timing-function:steps(${command.length})}${percent(doneMs)},100%{transform:none}}`,
    );
    this.#texts.push(
      `<text class="c" x="${left}" y="${y}" textLength="${width}" clip-path="url(#c${id})">${escaped(command)}</text>`,
    );
    this.#row[name] += 1;
    this.#told.push(`${PANES[name].title}: $ ${command}`);
    return doneMs;
  }

  print(name, atMs, text) {
    this.#put(name === "server" ? "o" : "r", name, text, atMs);
    this.#row[name] += 1;
    this.#told.push(`${PANES[name].title} sees: ${text}`);
  }

  /** The next prompt of a pane that has one more command to come. */
  prompt(name, atMs, scenes) {
    if (scenes.some((scene) => scene.pane === name && scene.atMs > atMs))
      this.#put("p", name, "$", atMs);
  }

  #put(kind, name, text, atMs) {
    const { x, y } = this.#at(name);
    let style = "";
    if (atMs > 0) {
      const id = this.#nextId();
      this.#keyframes.push(
        `@keyframes ${id}{0%,${percent(atMs)}{opacity:0}${percent(atMs + 20)},100%{opacity:1}}`,
      );
      style = ` style="animation-name:${id}"`;
    }
    this.#texts.push(
      `<text class="${kind}" x="${x}" y="${y}" textLength="${text.length * CHAR}"${style}>${escaped(text)}</text>`,
    );
  }

  #nextId() {
    this.#count += 1;
    return `k${this.#count}`;
  }

  #at(name) {
    const { x, y } = PANES[name];
    return { x: x + PAD, y: y + HEAD + this.#row[name] * LINE + 13 };
  }

  text() {
    return `${[
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 880 ${HEIGHT}" role="img">`,
      "<title>Beeline in twenty seconds</title>",
      `<desc>${escaped(this.#told.join("\n"))}</desc>`,
      `<style>${STYLE}${this.#keyframes.join("\n")}</style>`,
      ...this.#clips,
      ...this.#frames,
      ...this.#texts,
      "</svg>",
    ].join("\n")}\n`;
  }
}

function percent(ms) {
  return `${Number(((ms / LOOP_MS) * 100).toFixed(2))}%`;
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

const STYLE = `
text{font:12.5px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre}
.h{font:11px system-ui,sans-serif;fill:#57606a}
.f{fill:#f6f8fa;stroke:#d0d7de}.p{fill:#0969da}.c{fill:#1f2328}.o{fill:#57606a}.r{fill:#1a7f37;font-weight:600}
text,clipPath rect{animation:${LOOP_MS / 1000}s infinite}
clipPath rect{transform-box:fill-box;transform-origin:left}
@media (prefers-color-scheme:dark){
.f{fill:#161b22;stroke:#30363d}.h,.o{fill:#8b949e}.p{fill:#58a6ff}.c{fill:#e6edf3}.r{fill:#3fb950}}
@media (prefers-reduced-motion:reduce){text,clipPath rect{animation-duration:0s;animation-iteration-count:1}}
`;
