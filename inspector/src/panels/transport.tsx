import { useEffect, useState } from "preact/hooks";
import { useSession } from "../model/context.ts";
import { otherSpeed, speedText, strideOf, ticksPerSecond } from "../model/playback.ts";
import { countText } from "../model/text.ts";
import { Icon, type IconName } from "./icons.tsx";
import { Scrubber } from "./scrubber.tsx";

interface ButtonProps {
  readonly icon: IconName;
  readonly name: string;
  readonly keys: string;
  readonly run: () => void;
}

function IconButton({ icon, name, keys, run }: ButtonProps) {
  return (
    <button class="button plain icon" aria-label={name} title={`${name} (${keys})`} onClick={run}>
      <Icon name={icon} />
    </button>
  );
}

/** Play, step, speed and the scrubber: the way through time. */
export function Transport() {
  const session = useSession();
  if (session.run.value === undefined) return null;
  const isPlaying = session.direction.value !== 0;
  return (
    <section aria-label="Time">
      <div class="transport">
        <IconButton
          icon="first"
          name="First tick"
          keys="Home"
          run={() => session.goTo(session.firstTick.value)}
        />
        <IconButton
          icon="changeBack"
          name="Previous changed tick"
          keys=","
          run={() => void session.goToChanged(-1)}
        />
        <IconButton icon="stepBack" name="One tick back" keys="←" run={() => session.step(-1)} />
        <IconButton
          icon="playBack"
          name="Play backwards"
          keys="J"
          run={() => session.shuttle(-1)}
        />
        <button
          class="button icon main"
          aria-label={isPlaying ? "Pause" : "Play"}
          title={`${isPlaying ? "Pause" : "Play"} (Space)`}
          onClick={() => session.togglePlay()}
        >
          <Icon name={isPlaying ? "pause" : "play"} />
        </button>
        <IconButton icon="stepOn" name="One tick on" keys="→" run={() => session.step(1)} />
        <IconButton
          icon="changeOn"
          name="Next changed tick"
          keys="."
          run={() => void session.goToChanged(1)}
        />
        <IconButton
          icon="last"
          name={session.isLive.value ? "Live" : "Last tick"}
          keys="End"
          run={() => session.goLive()}
        />
        <TickField />
        <span class="of">/ {countText(session.lastTick.value)}</span>
        <LiveChip />
        <span class="space" />
        <Focus />
        <Speed />
      </div>
      <Scrubber />
    </section>
  );
}

function TickField() {
  const session = useSession();
  const tick = session.tick.value;
  const [text, setText] = useState<string>();
  useEffect(() => setText(undefined), [tick]);
  const commit = (): void => {
    const wanted = Number((text ?? "").replaceAll(/[,\s_]/g, ""));
    if (text !== undefined && Number.isFinite(wanted)) session.goTo(wanted);
    setText(undefined);
  };
  return (
    <input
      id="tick"
      class="field tick-field"
      aria-label="Tick"
      inputMode="numeric"
      value={text ?? countText(tick)}
      onFocus={({ currentTarget }) => currentTarget.select()}
      onInput={({ currentTarget }) => setText(currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === "Enter") {
          commit();
          event.currentTarget.blur();
        }
        if (event.key === "Escape") {
          setText(undefined);
          event.currentTarget.blur();
        }
      }}
    />
  );
}

/** While a run grows and another tick is looked at: how far the end has moved on, and the way back to it. */
function LiveChip() {
  const session = useSession();
  if (!session.isLive.value) return null;
  const behind = session.lastTick.value - session.tick.value;
  if (session.follows.value || behind === 0) {
    return (
      <span class="chip live">
        <span class="dot" /> live
      </span>
    );
  }
  return (
    <button class="chip warn" title="Back to the last tick (End)" onClick={() => session.goLive()}>
      live +{countText(behind)}
    </button>
  );
}

function Focus() {
  const session = useSession();
  const focus = session.focus.value;
  if (focus === undefined) return null;
  return (
    <button
      class="chip"
      title="Leave the focus (Escape)"
      onClick={() => (session.focus.value = undefined)}
    >
      focus {countText(focus.from)} – {countText(focus.to)} ×
    </button>
  );
}

function Speed() {
  const session = useSession();
  const speed = session.speed.value;
  const stride = strideOf(speed);
  const rate = speed * ticksPerSecond;
  return (
    <>
      {session.direction.value !== 0 && stride > 1 && !session.skipsQuiet.value && (
        <span class="chip" title="At this speed the screen cannot show each tick">
          1 of {countText(stride)} ticks shown
        </span>
      )}
      <button
        class="button plain"
        aria-pressed={session.skipsQuiet.value}
        title="Play passes over ticks in which nothing changed (Q)"
        onClick={() => (session.skipsQuiet.value = !session.skipsQuiet.value)}
      >
        skip quiet
      </button>
      <button
        class="button plain icon"
        aria-label="Half as fast"
        title="Half as fast (−)"
        onClick={() => (session.speed.value = otherSpeed(speed, 0.5))}
      >
        −
      </button>
      <button
        class="button plain number speed"
        title="Back to 1× (0)"
        onClick={() => (session.speed.value = 1)}
      >
        {speedText(speed)}
        <span class="faint rate">
          {rate >= 1 ? countText(Math.round(rate)) : rate.toPrecision(2)} ticks/s
        </span>
      </button>
      <button
        class="button plain icon"
        aria-label="Twice as fast"
        title="Twice as fast (+)"
        onClick={() => (session.speed.value = otherSpeed(speed, 2))}
      >
        +
      </button>
    </>
  );
}
