const MOST = 240;
const BEFORE = 60;

/** Text as it is read, without the signs of Markdown and of transcripts. */
const plain = (text) =>
  text
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/\\(?=\W)|`|^ *(#+|[-*>]) /gm, "")
    .replace(/(\*\*?|__)(?=\S)(.+?)\1/g, "$2")
    .replace(/\[\d[\d:.-]+\]|\s+/g, " ")
    .replace(/ +/g, " ");

/** The part of a passage around its first highlight, as texts and as pairs of true and a text that is
 * marked. The ranges count code points. */
export function excerpt(text, highlights) {
  const points = [...text];
  const space = (at) => /\s/.test(points[at] ?? " ");
  const first = highlights[0]?.start ?? 0;
  // From the beginning of its paragraph, so that no heading runs into it, or of a word.
  let begin = first;
  while (begin > 0 && first - begin < BEFORE && !/\n\s*\n$/.test(points.slice(Math.max(0, begin - 3), begin).join(""))) begin -= 1;
  const broken = begin > 0 && !/\n/.test(points[begin - 1]);
  while (broken && begin < first && !space(begin - 1)) begin += 1;
  let end = Math.min(points.length, begin + MOST);
  while (end < points.length && end > begin + MOST / 2 && !space(end)) end -= 1;
  const cut = (from, to) => plain(points.slice(Math.max(from, begin), Math.min(to, end)).join(""));
  const pieces = [broken ? "… " : ""];
  let at = begin;
  for (const one of highlights) {
    if (one.end <= at || one.start >= end) continue;
    pieces.push(cut(at, one.start), [true, cut(Math.max(at, one.start), one.end)]);
    at = one.end;
  }
  pieces.push(cut(at, end), end < points.length ? " …" : "");
  return pieces;
}
