/* The admin theme says "dark" with a class, the portal's colours follow data-theme: keep the two together. */
(() => {
  const root = document.documentElement;
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
