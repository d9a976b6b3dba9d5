/** What is typed is kept on this device as well, until the service has it. */
const PREFIX = "whoknows-draft:";

export function keep(key, told) {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(told));
    return true;
  } catch {
    return false; // full, or not allowed: the service still keeps it
  }
}

export function kept(key) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key));
  } catch {
    return null;
  }
}

export function forget(key) {
  try {
    localStorage.removeItem(PREFIX + key);
  } catch {
    // nothing was kept, then
  }
}

/** Everything that this device keeps, as whoever signs out expects. */
export function forgetAll() {
  try {
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith(PREFIX)) localStorage.removeItem(name);
    }
  } catch {
    // nothing was kept, then
  }
}
