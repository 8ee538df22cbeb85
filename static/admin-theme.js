/* The admin theme says "dark" with a class, the portal's colours follow data-theme: keep the two together. */
(() => {
  const root = document.documentElement;
  root.dataset.script = "";
  const follow = () => {
    const theme = root.classList.contains("dark") ? "dark" : "light";
    if (root.dataset.theme === theme) return;
    root.dataset.theme = theme;
    window.dispatchEvent(new Event("themechange"));
  };
  new MutationObserver(follow).observe(root, { attributes: true, attributeFilter: ["class"] });
  let stored = null;
  try {
    stored = JSON.parse(localStorage.getItem("_x_adminTheme"));
  } catch {
    stored = null;
  }
  if (stored === "dark" || (stored !== "light" && matchMedia("(prefers-color-scheme: dark)").matches)) {
    root.dataset.theme = "dark";
  } else root.dataset.theme = "light";
})();

/* The lists that can be searched (select2) carry no name of their own: they take their field's label. */
(() => {
  const labelOf = (select) => document.querySelector(`label[for="${select.id}"]`)?.textContent.trim();
  const name = (part, words) => {
    part.removeAttribute("aria-labelledby");
    part.setAttribute("aria-label", words);
  };
  const nameIt = (container) => {
    const select = container.previousElementSibling;
    const words = select?.id && labelOf(select);
    if (!words) return;
    for (const part of container.querySelectorAll(".select2-selection, .select2-selection__rendered, .select2-search__field")) name(part, words);
  };
  // They are made when the page is ready, and again for each row that is added.
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes)
      for (const node of addedNodes)
        if (node.nodeType === 1 && node.matches(".select2-container:not(.select2-container--open)")) nameIt(node);
  }).observe(document.documentElement, { childList: true, subtree: true });
  // The search field of an opened list is made anew each time; the field it belongs to has just been opened.
  document.addEventListener("focusin", ({ target }) => {
    if (!target.matches?.(".select2-search__field:not([aria-label])")) return;
    const opened = document.querySelector(".select2-container--open .select2-selection");
    name(target, opened?.getAttribute("aria-label") ?? target.getAttribute("placeholder") ?? "…");
  });
})();
