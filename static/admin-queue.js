/* The queue without reloads by hand: filters apply when changed, ticks are counted. Works without this file. */
(() => {
  const filters = document.getElementById("filters");
  const leave = (form) => {
    for (const field of form.querySelectorAll("select, input")) if (!field.value) field.disabled = true;
  };
  if (filters) {
    filters.addEventListener("change", (event) => {
      if (event.target.matches("[data-filter]")) filters.requestSubmit();
    });
    filters.addEventListener("submit", () => leave(filters));
    window.addEventListener("pageshow", () => {
      for (const field of filters.querySelectorAll(":disabled")) field.disabled = false;
    });
  }
  const form = document.getElementById("changelist-form");
  if (!form) return;
  const ticks = [...form.querySelectorAll('input[type="checkbox"][name="_selected_action"]')];
  const all = form.querySelector("[data-all]");
  const count = form.querySelector("[data-count]");
  const across = form.querySelector("[data-across]");
  const refresh = () => {
    const number = ticks.filter((tick) => tick.checked).length;
    if (count) count.textContent = across?.checked ? across.dataset.across : number ? `${number} / ${ticks.length}` : "";
    if (all) {
      all.checked = number > 0 && number === ticks.length;
      all.indeterminate = number > 0 && number < ticks.length;
    }
    ticks.forEach((tick) => tick.closest("tr").classList.toggle("is-ticked", tick.checked));
  };
  form.addEventListener("change", (event) => {
    if (event.target === all) ticks.forEach((tick) => (tick.checked = all.checked));
    refresh();
  });
  refresh();
})();
