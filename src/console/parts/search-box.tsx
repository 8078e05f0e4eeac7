import { useEffect, useRef, useState } from "preact/hooks";

/** With the search itself less than people notice: a list of 100,000 clients shows its first page in 200 ms. */
const PAUSE_MS = 80;

/** A line to search by: tells what it holds when somebody pauses. The key `/` leads to it. */
export function SearchBox(props: {
  label: string;
  value: string;
  placeholder: string;
  onSearch: (text: string) => void;
}) {
  const { label, value, placeholder, onSearch } = props;
  const [text, setText] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { target } = event;
      const isTyping =
        target instanceof Element && target.closest("input, textarea, select, dialog");
      if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  useEffect(() => {
    if (text === value) return undefined;
    const { hash } = location;
    const timer = setTimeout(() => {
      if (location.hash === hash) onSearch(text); // else somebody has gone on meanwhile
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <input
      ref={input}
      type="search"
      aria-label={label}
      aria-keyshortcuts="/"
      placeholder={placeholder}
      title="The key / leads here"
      autocomplete="off"
      spellcheck={false}
      value={text}
      onInput={(event) => setText(event.currentTarget.value)}
    />
  );
}
