/* Steps that are folded away keep their shortcut: a browser ignores an access key on what is not drawn. */
(() => {
  const folded = document.querySelector("[data-other-steps]");
  if (!folded) return;
  const isMac = /Mac/.test(navigator.platform);
  document.addEventListener("keydown", (event) => {
    if (folded.open || !event.altKey || !(isMac ? event.ctrlKey : event.shiftKey)) return;
    if (!/^Key[A-Z]$/.test(event.code)) return;
    const target = folded.querySelector(`[accesskey="${event.code[3].toLowerCase()}"]`);
    if (!target) return;
    event.preventDefault();
    folded.open = true;
    target.focus();
    target.click();
  });
})();
