import { ask } from "./asking.js";
import { forget, keep, kept } from "./keeping.js";
import { draft, fill, values } from "./writing.js";

const PAUSE_MS = 700;
// So often at most, too: a person has so many writes a minute.
const LONGEST_MS = 1500;
const RETRY_MS = 5000;
const KEEPALIVE_BYTES = 60_000;

/**
 * Keeps what is typed: on this device at each key, at the service within two seconds.
 * `say(words, wrong)` tells how it stands, `conflict()` that it was changed elsewhere.
 */
export function autosave(form, { say, saved, conflict }) {
  const state = { timer: 0, since: 0, sent: 0, busy: null, clean: JSON.stringify(values(form)), key: "" };
  const fresh = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
  let request = fresh();

  const place = () => {
    const id = form.elements.draft_id.value;
    return `${form.dataset.person}:${id || form.dataset.here}`;
  };
  const dirty = () => JSON.stringify(values(form)) !== state.clean;

  function remember() {
    const held = {
      values: values(form),
      version: form.elements.version.value,
      before: form.elements.before.value,
      at: Date.now(),
    };
    return keep(place(), held);
  }

  function soon() {
    clearTimeout(state.timer);
    state.since ||= Date.now();
    const now = Date.now();
    const wait = Math.min(PAUSE_MS, state.since + LONGEST_MS - now);
    state.timer = setTimeout(save, Math.max(wait, state.sent + LONGEST_MS - now));
  }

  async function save(more = {}) {
    clearTimeout(state.timer);
    state.timer = 0;
    if (state.busy) {
      await state.busy;
      return save(more);
    }
    if (!dirty() && !(more.force && !form.elements.draft_id.value)) return true;
    state.since = 0;
    state.sent = Date.now();
    state.busy = send(more);
    try {
      return await state.busy;
    } finally {
      state.busy = null;
    }
  }

  async function send(more) {
    const [snapshot, body] = [JSON.stringify(values(form)), draft(form)];
    const id = form.elements.draft_id.value;
    const small = new Blob([JSON.stringify(body)]).size < KEEPALIVE_BYTES;
    const answer = id
      ? await ask("PUT", `/drafts/${id}`, body, {
          keepalive: more.keepalive && small,
          headers: { "If-Match": `"${form.elements.version.value}"` },
        })
      : await ask("POST", "/drafts", body, {
          keepalive: more.keepalive && small,
          headers: { "Idempotency-Key": request },
        });
    if (answer.ok) {
      const before = place();
      form.elements.draft_id.value = answer.told.id;
      form.elements.version.value = answer.told.version;
      form.elements.before.value = body.body;
      state.clean = snapshot;
      if (!id) {
        const path = `/drafts/${answer.told.id}`;
        form.setAttribute("action", path); // its buttons are called so, too
        history.replaceState(null, "", path);
      }
      if (dirty()) remember();
      else forget(place());
      if (place() !== before) forget(before);
      say("Saved");
      saved(answer.told);
      return true;
    }
    if (answer.status === 422 && !id && !more.again) {
      request = fresh(); // it may have come with another text, whose answer was lost
      return send({ ...more, again: true });
    }
    if (answer.status === 412) {
      state.stopped = true;
      say("Changed elsewhere", true);
      conflict();
    } else if (answer.status === 422) {
      say(answer.told?.detail ?? "Not saved", true);
    } else if (answer.status === 404) {
      state.stopped = true;
      say("The draft is gone; kept on this device", true);
    } else if (!state.stopped) {
      say(answer.status ? "Not saved, kept on this device" : "Offline, kept on this device", true);
      state.timer = setTimeout(save, RETRY_MS);
    }
    return false;
  }

  form.addEventListener("input", () => {
    if (!remember()) say("Not kept on this device", true);
    if (!state.stopped) soon();
  });
  addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && !state.stopped) save({ keepalive: true });
  });
  addEventListener("pagehide", () => {
    if (!state.stopped) save({ keepalive: true });
  });
  addEventListener("online", () => dirty() && !state.stopped && save());

  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) state.stopped = false;
  });

  return {
    save,
    /** Nothing is sent any more, and nothing is under way: the form itself is sent now. */
    async stop() {
      state.stopped = true;
      clearTimeout(state.timer);
      await state.busy;
    },
    resume() {
      state.stopped = false;
    },
    forget: () => forget(place()),
    /** Whether this device kept something newer; it stands in the form then. */
    restore() {
      const held = kept(place());
      if (!held || JSON.stringify(held.values) === state.clean) return null;
      fill(form, held.values);
      // Where the service has another version by now, the next save says so.
      if (form.elements.draft_id.value) {
        form.elements.version.value = held.version;
        form.elements.before.value = held.before;
      }
      remember();
      soon();
      return new Date(held.at);
    },
  };
}
