const KEY = "whoknows.asked.";
const MOST = 8;

/** What somebody asked before: kept by this browser alone, never sent, and not at all where it keeps nothing. */
export function past(asker) {
  const read = () => {
    try {
      const held = JSON.parse(localStorage.getItem(KEY + asker));
      return Array.isArray(held) ? held.filter((one) => typeof one === "string").slice(0, MOST) : [];
    } catch {
      return [];
    }
  };
  return {
    read,
    add(question) {
      const held = read().filter((one) => one !== question);
      try {
        localStorage.setItem(KEY + asker, JSON.stringify([question, ...held].slice(0, MOST)));
      } catch {
        // In private use nothing is kept.
      }
    },
  };
}

/** Forget what everybody asked who was here. */
export function forget() {
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(KEY));
    for (const key of keys) localStorage.removeItem(key);
  } catch {
    // Nothing was kept.
  }
}
