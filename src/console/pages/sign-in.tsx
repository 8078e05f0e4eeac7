import { useEffect, useState } from "preact/hooks";
import type { AdminApi } from "../api/admin-api.js";
import { wordsOf } from "../api/http.js";
import { TextField } from "../parts/fields.js";
import { BrandIcon } from "../parts/icons.js";
import { Notice } from "../parts/words.js";

/** Asks for the token; afterwards a cookie stands for it, which no script can read. */
export function SignIn({ api, onSignedIn }: { api: AdminApi; onSignedIn: () => void }) {
  const [token, setToken] = useState("");
  const [error, setError] = useState<string>();
  const [isAsking, setIsAsking] = useState(false);
  useEffect(() => {
    document.title = "Sign in · Beeline";
  }, []);
  const signIn = async (): Promise<void> => {
    setIsAsking(true);
    setError(undefined);
    try {
      await api.signIn(token.trim());
      onSignedIn();
    } catch (failure) {
      setError(wordsOf(failure));
      setIsAsking(false);
    }
  };
  return (
    <main class="sign-in">
      <form
        class="card"
        onSubmit={(event) => {
          event.preventDefault();
          void signIn();
        }}
      >
        <h1 class="brand">
          <BrandIcon />
          Beeline
        </h1>
        <TextField
          label="Admin token"
          type="password"
          value={token}
          onInput={setToken}
          isMono
          isRequired
        />
        <button type="submit" class="main-action" disabled={isAsking}>
          {isAsking ? "Signing in …" : "Sign in"}
        </button>
        {error !== undefined && <Notice tone="bad">{error}</Notice>}
        <p class="muted">
          It is in a file that the server names at each start: admin-token in its data folder,
          unless another was chosen. A restart signs everybody out.
        </p>
      </form>
    </main>
  );
}
