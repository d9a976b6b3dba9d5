/** Everything the widget says. A page replaces any of it with `element.words`. */
export const ENGLISH = {
  button: "Search what colleagues know",
  label: "Your question",
  placeholder: "Ask in your own words",
  close: "Close",
  hint: "Ask as you would ask a colleague. To find people, begin with “who knows about”.",
  suggestions: "Suggestions",
  answers: "Answers",
  closest: "Closest matches",
  people: "Who knows",
  perhaps: "Who might know",
  loading: "Searching…",
  found: "{answers}, {people}",
  answer: { one: "{n} answer", other: "{n} answers" },
  person: { one: "{n} person", other: "{n} people" },
  suggested: { one: "{n} suggestion", other: "{n} suggestions" },
  empty: "Nothing found",
  advice: "Say it in other words, or as a whole question.",
  error: "The search cannot be reached.",
  offline: "You are offline. The search goes on when you are back.",
  unauthorised: "You cannot search from here right now. Load the page again, or sign in again.",
  limited: "That was a lot at once. The search goes on in {n} s.",
  again: "Try again",
  all: "Open in whoknows",
  keys: "↑ ↓ choose · Enter open · Esc close",
  document: "Document",
  tag: "Topic",
  kinds: { writeup: "Write-up", note: "Note", transcript: "Transcript", thread: "Thread" },
  bands: { high: "Very likely knows", medium: "Likely knows", low: "May know" },
};

/** A text with its `{places}` filled in. */
export const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** How many, in words. */
export const counted = (forms, n, language) =>
  filled(forms[new Intl.PluralRules(language).select(n)] ?? forms.other, { n });
