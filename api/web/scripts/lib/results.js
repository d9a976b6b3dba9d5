import { h } from "./dom.js";
import { excerpt } from "./excerpt.js";

/** Options for what was found. `words`, `language` and `endpoint` are the widget's. */
export function options({ words, language, endpoint }) {
  const day = (at) => new Date(at).toLocaleDateString(language, { dateStyle: "medium" });
  const text = (name, ...children) =>
    children.some(Boolean) ? h("span", { class: name, part: name }, children) : null;
  const joined = (...parts) => parts.filter(Boolean).join(" · ");

  function option(kind, path, told, ...children) {
    const made = h(
      "a",
      { role: "option", part: `option ${kind}`, href: endpoint + path, target: "_blank", rel: "noopener" },
      children,
    );
    made.told = { kind, ...told };
    return made;
  }

  function group(title, made, number) {
    if (!made.length) return null;
    const id = `group-${number}`;
    return h(
      "div",
      { role: "group", "aria-labelledby": id },
      h("div", { role: "presentation", class: "title", part: "title", id }, title),
      made,
    );
  }

  function clock(seconds) {
    const whole = Math.floor(seconds);
    const two = (n) => String(n).padStart(2, "0");
    const hours = Math.floor(whole / 3600);
    return `${hours ? `${hours}:` : ""}${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  }

  function answer(query, sure, { passage_id: passage, document: found, heading_path: path, ...one }) {
    const { speakers, start_s: begin } = one.locator;
    const before = [...one.text].slice(0, one.highlights[0]?.start ?? 0).join("");
    const said = begin != null && [...before.matchAll(/\[([\d:]+)[\d.:-]*\\?\]/g)].at(-1);
    const at = said ? said[1].split(":").reduce((sum, part) => sum * 60 + Number(part), 0) : begin;
    const spoken = at != null && [speakers[0], clock(at)].filter(Boolean).join(" ");
    return option(
      "answer",
      `/documents/${found.id}?passage=${passage}&for=${encodeURIComponent(query)}${said ? `&at=${at}#at` : `#p${passage}`}`,
      { id: found.id, passage },
      text("name", found.title),
      text("trail", spoken || path.filter((heading) => heading !== found.title).join(" › ")),
      text(
        "text",
        ...excerpt(one.text, one.highlights).map((piece) =>
          Array.isArray(piece) ? (sure ? h("mark", { part: "mark" }, piece[1]) : piece[1]) : piece,
        ),
      ),
      text(
        "facts",
        joined(words.kinds[found.kind], found.source, found.updated_at && day(found.updated_at)),
      ),
    );
  }

  function person({ person: found, confidence, evidence: [first] }) {
    return option(
      "person",
      `/people/${found.id}`,
      { id: found.id },
      text("name", found.name),
      text("trail", [found.title, found.team].filter(Boolean).join(", ")),
      text("band", words.bands[confidence]),
      first && text("text", first.quote ? `“${first.quote}”` : ""),
      first && text("facts", joined(first.title, first.at && day(first.at))),
    );
  }

  return {
    /** What a search found: people first where they were asked for. Of what is only near to the
     * question, no sentence stands out. */
    found({ query, intent, confident, answers, people }) {
      const who = intent === "who";
      const sure = who ? confident : people.some((one) => one.confidence !== "low");
      const both = [
        group(who || confident ? words.answers : words.closest, answers.map((one) => answer(query, confident, one)), 1),
        group(sure ? words.people : words.perhaps, people.map(person), 2),
      ];
      return (who ? both.reverse() : both).filter(Boolean);
    },
    /** What the letters typed so far may become; a topic is searched for. */
    suggested(suggestions) {
      const made = suggestions.map(({ kind, text: name, id }) => {
        const tag = kind === "tag";
        const path = tag ? `/?q=${encodeURIComponent(name)}` : `/${kind === "person" ? "people" : "documents"}/${id}`;
        const about = kind === "person" ? null : text("facts", words[kind]);
        return option(kind, path, tag ? { text: name } : { id }, text("name", name), about);
      });
      return [group(words.suggestions, made, 0)].filter(Boolean);
    },
  };
}
