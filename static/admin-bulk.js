/* How far a step for many reports is, without reloads: asks every second, and shows the result when it is there. */
(() => {
  const part = document.querySelector("[data-progress]");
  if (!part) return;
  const bar = part.querySelector("progress");
  const number = part.querySelector("[data-done]");
  let wait = 700;
  const look = async () => {
    try {
      const answer = await fetch(part.dataset.progress, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.status);
      const now = await answer.json();
      if (!now.is_running) return location.reload();
      bar.value = now.done;
      number.textContent = now.done;
      wait = Math.min(wait * 1.2, 3000);
    } catch {
      wait = 5000;
    }
    setTimeout(look, wait);
  };
  setTimeout(look, wait);
})();
