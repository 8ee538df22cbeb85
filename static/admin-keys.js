/* Single keys of the staff's pages: never while somebody types, never with Ctrl, Alt or Meta, and not at all for who
   switched them off (WCAG 2.1.4). The help is a dialog that a button opens as well. */
const TYPING = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]";

const help = document.getElementById("bantuan-tombol");
for (const button of document.querySelectorAll("[data-help]")) button.addEventListener("click", () => help?.showModal());
for (const dialog of document.querySelectorAll("dialog")) {
  for (const close of dialog.querySelectorAll("[data-close]")) close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
}
/* A switch is kept at once; without this script a button beside it does the same. */
for (const box of document.querySelectorAll("form[data-switch] input[type=checkbox]")) {
  box.addEventListener("change", () => box.form.requestSubmit());
}

/** `keys({ j: () => …, "/": () => … })`: an answer of `false` leaves the key to the browser. */
export function keys(actions) {
  const all = { "?": () => help?.showModal(), ...actions };
  if (document.querySelector("[data-keys-off]")) return;
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.target.closest?.(TYPING) || document.querySelector("dialog[open]")) return;
    const action = all[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (action && action(event) !== false) event.preventDefault();
  });
  document.documentElement.dataset.keys = "ready";
}

/* Ctrl+Enter sends what one is writing. Not a single key: it works for everybody. */
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.matches("textarea, select, input")) return;
  if (!event.target.closest("[data-step], dialog")) return;
  event.preventDefault();
  event.target.form?.requestSubmit();
});
