import { useEffect, useState } from "preact/hooks";

/** In the storage of the browser. */
const KEY = "beeline.theme";
/** Of the page; the style sheet knows it. */
const ATTRIBUTE = "data-theme";
const CHOICES = { system: "As the system", light: "Light", dark: "Dark" } as const;
type Theme = keyof typeof CHOICES;

/** Light, dark, or as the system has it: remembered in this browser. */
export function ThemeChoice() {
  const [theme, setTheme] = useState<Theme>(remembered);
  useEffect(() => {
    if (theme === "system") document.documentElement.removeAttribute(ATTRIBUTE);
    else document.documentElement.setAttribute(ATTRIBUTE, theme);
    localStorage.setItem(KEY, theme);
  }, [theme]);
  return (
    <div>
      <label for="theme" class="unseen">
        Colours
      </label>
      <select
        id="theme"
        value={theme}
        onChange={(event) => setTheme(event.currentTarget.value as Theme)}
      >
        {Object.entries(CHOICES).map(([name, words]) => (
          <option key={name} value={name}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}

/** Calls when colours have changed: what is drawn on a canvas does not follow by itself. */
export function onColoursChanged(call: () => void): () => void {
  const media = matchMedia("(prefers-color-scheme: dark)");
  media.addEventListener("change", call);
  const observer = new MutationObserver(call);
  observer.observe(document.documentElement, { attributeFilter: [ATTRIBUTE] });
  return () => {
    media.removeEventListener("change", call);
    observer.disconnect();
  };
}

function remembered(): Theme {
  const theme = localStorage.getItem(KEY);
  return theme === "light" || theme === "dark" ? theme : "system";
}
