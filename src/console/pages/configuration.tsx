import { Fragment } from "preact";
import { useEffect, useState } from "preact/hooks";
import { wordsOf } from "../api/http.js";
import { configGroups, reloadedWords } from "../config-view.js";
import { useConsole } from "../parts/console-context.js";
import { Check } from "../parts/fields.js";
import { useLoaded } from "../parts/loading.js";
import { SearchBox } from "../parts/search-box.js";
import { Empty, Failure, Notice, type Tone } from "../parts/words.js";

/** What the server runs with, and where each value comes from. */
export function Configuration() {
  const { api } = useConsole();
  const [text, setText] = useState("");
  const [onlyGiven, setOnlyGiven] = useState(false);
  const [notice, setNotice] = useState<{ tone: Tone; words: string }>();
  const { value, error, reload } = useLoaded("config", (signal) => api.config(signal));
  useEffect(() => {
    document.title = "Configuration · Beeline";
  }, []);
  const groups = configGroups(value ?? [], text, onlyGiven);
  const reloadServer = async (): Promise<void> => {
    try {
      setNotice({ tone: "good", words: reloadedWords(await api.reload()) });
    } catch (failure) {
      setNotice({ tone: "bad", words: wordsOf(failure) });
    }
    reload();
  };
  return (
    <div class="stack">
      <search class="filters">
        <SearchBox
          label="Search the options"
          placeholder="Option or value"
          value={text}
          onSearch={setText}
        />
        <Check label="Only what was given" isOn={onlyGiven} onChange={setOnlyGiven} />
        <button type="button" onClick={() => void reloadServer()}>
          Reload files
        </button>
      </search>
      {notice !== undefined && <Notice tone={notice.tone}>{notice.words}</Notice>}
      {error !== undefined && <Failure error={error} retry={reload} />}
      {value !== undefined && (
        <section class="card" aria-label="Effective configuration">
          {groups.length === 0 ? (
            <Empty
              title={onlyGiven && text === "" ? "Everything has its default" : "No option matches"}
            >
              {onlyGiven
                ? "No file, variable or flag has changed anything."
                : "Look for a shorter text."}
            </Empty>
          ) : (
            <table>
              <thead>
                <tr>
                  <th scope="col">Option</th>
                  <th scope="col">Value</th>
                  <th scope="col" class="wide">
                    From
                  </th>
                </tr>
              </thead>
              <tbody>
                {groups.map(({ name, values }) => (
                  <Fragment key={name}>
                    <tr class="group-row">
                      <th scope="rowgroup" colSpan={3}>
                        {name}
                      </th>
                    </tr>
                    {values.map((one) => (
                      <tr key={one.path}>
                        <th scope="row">
                          <span class="mono">{one.path}</span>
                          <p class="option-about">{one.about}</p>
                        </th>
                        <td class="mono break">{one.value}</td>
                        <td class="wide">
                          {one.isDefault ? (
                            <span class="muted">default</span>
                          ) : (
                            <span class="tag good">{one.source}</span>
                          )}
                        </td>
                      </tr>
                    ))}
                  </Fragment>
                ))}
              </tbody>
            </table>
          )}
        </section>
      )}
    </div>
  );
}
