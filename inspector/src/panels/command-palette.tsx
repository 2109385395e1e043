import { useState } from "preact/hooks";
import { commandName, commandsNow, type Command } from "../model/commands.ts";
import { usePage } from "../model/context.ts";
import { goToRun } from "../model/address.ts";
import { Keys, Modal } from "./modal.tsx";

const runsMax = 20;

interface Choice {
  readonly name: string;
  readonly keys: readonly string[];
  readonly run: () => void;
}

/** Everything that can be done, and every run, by a few letters of its name. */
export function CommandPalette() {
  const page = usePage();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const choices = choicesOf(page, text);
  const current = Math.min(at, choices.length - 1);
  const choose = (choice: Choice | undefined): void => {
    page.dialog.value = undefined;
    // The dialog gives the focus back first.
    setTimeout(() => choice?.run());
  };
  return (
    <Modal title="All commands" hasHeader={false}>
      <input
        class="field palette-search"
        role="combobox"
        aria-label="Search commands and runs"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={`choice-${current}`}
        placeholder="What do you want to do? A tick, a command, a run…"
        autofocus
        value={text}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
          if (step !== undefined) {
            event.preventDefault();
            setAt((current + step + choices.length) % Math.max(1, choices.length));
          }
          if (event.key === "Enter") choose(choices[current]);
        }}
      />
      <ul class="palette-list" id="palette-list" role="listbox" aria-label="Commands">
        {choices.map((choice, i) => (
          <li
            key={`${choice.name} ${i}`}
            id={`choice-${i}`}
            role="option"
            aria-selected={i === current}
            ref={(element) => {
              if (i === current) element?.scrollIntoView({ block: "nearest" });
            }}
            onClick={() => choose(choice)}
          >
            <span>{choice.name}</span>
            <Keys keys={choice.keys} />
          </li>
        ))}
        {choices.length === 0 && (
          <li class="faint" role="option" aria-selected="false">
            Nothing of that name.
          </li>
        )}
      </ul>
    </Modal>
  );
}

function choicesOf(page: ReturnType<typeof usePage>, text: string): Choice[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (name: string): boolean => words.every((word) => name.toLowerCase().includes(word));
  const commands = commandsNow(page)
    .map((command: Command) => ({
      ...command,
      name: commandName(page, command),
      run: () => command.run(page),
    }))
    .filter(({ name }) => fits(name));
  const runs = (page.runs.value ?? [])
    .filter(({ id }) => words.length > 0 && fits(`run ${id}`))
    .slice(0, runsMax)
    .map(({ id }) => ({ name: `Run ${id}`, keys: [], run: () => goToRun(page, id) }));
  const tick =
    /^\d+$/.test(text.trim()) && page.session.run.value !== undefined ? Number(text) : undefined;
  const goTo =
    tick === undefined
      ? []
      : [{ name: `Go to tick ${tick}`, keys: [], run: () => page.session.goTo(tick) }];
  return [...goTo, ...commands, ...runs];
}
