import { useId } from "preact/hooks";

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly class?: string;
}

/** A line of text with its label. */
export function TextField(
  props: FieldProps & {
    placeholder?: string;
    type?: "text" | "password";
    isMono?: boolean;
    isRequired?: boolean;
  },
) {
  const id = useId();
  const { label, value, onInput, placeholder, type = "text", isMono = false, isRequired } = props;
  return (
    <div class={props.class}>
      <label for={id}>{label}</label>
      <input
        id={id}
        type={type as "text"}
        value={value}
        class={isMono ? "mono" : ""}
        required={isRequired}
        placeholder={placeholder}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </div>
  );
}

/** Several lines of text with their label. */
export function TextArea({ label, value, onInput, class: name }: FieldProps) {
  const id = useId();
  return (
    <div class={name}>
      <label for={id}>{label}</label>
      <textarea
        id={id}
        value={value}
        rows={2}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </div>
  );
}

/** One of a few. */
export function Choice<T extends string>(props: {
  label: string;
  value: T;
  choices: Readonly<Record<T, string>>;
  onChange: (value: T) => void;
  isLabelSeen?: boolean;
}) {
  const id = useId();
  const { label, value, choices, onChange, isLabelSeen = true } = props;
  return (
    <div>
      <label for={id} class={isLabelSeen ? undefined : "unseen"}>
        {label}
      </label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value as T)}>
        {Object.entries<string>(choices).map(([name, words]) => (
          <option key={name} value={name}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}

/** Yes or no. */
export function Check(props: { label: string; isOn: boolean; onChange: (isOn: boolean) => void }) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={props.isOn}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      {props.label}
    </label>
  );
}

/** QoS, as the choices have it. */
export const QOS_CHOICES = {
  "0": "0, at most once",
  "1": "1, at least once",
  "2": "2, exactly once",
} as const;
export type QosChoice = keyof typeof QOS_CHOICES;
