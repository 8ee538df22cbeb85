/* Theme switch, copy buttons, print buttons, sharing: small things every page may have. */
const root = document.documentElement;
const toggle = document.getElementById("theme-toggle");
const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");

function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : prefersDark.matches;
}

if (toggle) {
  toggle.hidden = false;
  toggle.setAttribute("aria-pressed", String(isDark()));
  toggle.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    toggle.setAttribute("aria-pressed", String(isDark()));
    try {
      localStorage.setItem("theme", root.dataset.theme);
    } catch {
      /* private browsing: the choice lasts for this page */
    }
    window.dispatchEvent(new CustomEvent("themechange"));
  });
}

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    const label = button.querySelector("[data-label]");
    const before = label.textContent;
    label.textContent = button.dataset.done;
    setTimeout(() => (label.textContent = before), 2500);
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

for (const field of document.querySelectorAll('[data-autosubmit] :is(select, [type="checkbox"])')) {
  field.addEventListener("change", () => field.form.requestSubmit());
}

/* What is to be corrected is read out first. */
document.getElementById("ringkasan-kesalahan")?.focus();

if (window.matchMedia("(min-width: 900px)").matches) {
  for (const details of document.querySelectorAll("[data-open-wide]")) details.open = true;
}
