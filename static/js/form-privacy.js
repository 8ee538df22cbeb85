/* What the public must not read although somebody typed it: the same rules as complaints/domain/privacy.py,
   checked against the same cases (tests/privacy_cases.json). Pointed out while typing; the server masks. */
export const MASK = "•••";

// Letters and digits of every script, as Python's \w; no look-behind, which older phones cannot read.
const W = "[\\p{L}\\p{M}\\p{N}_]";
const EMAIL = new RegExp(`(?:${W}|[.+\\-]){1,64}@(?:${W}|-)+(?:\\.(?:${W}|-)+)+`, "gu");
const NIK = /(^|[^\p{Nd}])(\p{Nd}(?:[ .-]?\p{Nd}){15})(?!\p{Nd})/gu;
const PHONE = /(^|[^\p{Nd}.])((?:\+?62|\(?0)[ .()-]*[2-9](?:[ .()-]{0,2}\p{Nd}){6,11}(?!\p{Nd}))/gu;

function matches(pattern, text) {
  const found = [];
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const before = match.length > 1 ? match[1] : "";
    found.push([match.index + before.length, match.length > 1 ? match[2] : match[0]]);
    // The character before a number belongs to no match: two numbers may share it.
    pattern.lastIndex = match.index + match[0].length;
  }
  return found;
}

/* The personal data in a text, in order. */
export function find(text) {
  return [EMAIL, NIK, PHONE]
    .flatMap((pattern) => matches(pattern, text))
    .sort((one, other) => one[0] - other[0] || (one[1] < other[1] ? -1 : 1))
    .map(([, value]) => value);
}

/* The text as the public may read it. */
export function mask(text) {
  return [EMAIL, NIK, PHONE].reduce((masked, pattern) => {
    const found = matches(pattern, masked);
    return found.reduceRight(
      (whole, [start, value]) => whole.slice(0, start) + MASK + whole.slice(start + value.length),
      masked,
    );
  }, text);
}

/* Under each field: which of what was typed will be hidden. Said once when it changes, not at every key. */
export function privacyHints(texts, say, fields = document.querySelectorAll("#id_description, #id_street, [data-privacy]")) {
  for (const field of fields) {
    const hint = document.createElement("p");
    hint.className = "help privacy-hint";
    hint.id = `${field.id}-privasi`;
    hint.setAttribute("role", "status");
    field.after(hint);
    field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} ${hint.id}`.trim());
    const update = () => {
      const found = [...new Set(find(field.value))];
      const sentence = found.length ? say(texts.masked, { found: found.join(", "), mask: MASK }) : "";
      if (hint.textContent !== sentence) hint.textContent = sentence;
    };
    field.addEventListener("input", update);
    update();
  }
}
