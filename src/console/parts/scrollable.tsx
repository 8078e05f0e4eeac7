import type { ComponentChildren, Ref } from "preact";

/** A box that scrolls by itself: the keyboard reaches it, and it has a name. */
export function Scrollable(props: {
  label: string;
  class: string;
  box?: Ref<HTMLDivElement>;
  onScroll?: (box: HTMLDivElement) => void;
  children: ComponentChildren;
}) {
  const { label, box, onScroll, children } = props;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset or a section would bring a style of its own
    <div
      class={props.class}
      role="group"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls with the arrow keys
      tabIndex={0}
      {...(box !== undefined && { ref: box })}
      onScroll={(event) => onScroll?.(event.currentTarget)}
    >
      {children}
    </div>
  );
}
