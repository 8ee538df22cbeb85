/* How long the reporter may still change or withdraw. Counted from what the server said was left, so that a
   phone whose clock is wrong counts right; the server decides in any case. */
for (const line of document.querySelectorAll("[data-left-s]")) {
  const began = performance.now();
  const text = line.querySelector("[role=timer]");
  const tick = () => {
    const left = Number(line.dataset.leftS) - (performance.now() - began) / 1000;
    if (left <= 0) {
      for (const element of document.querySelectorAll("[data-while-left]")) element.hidden = true;
      for (const element of document.querySelectorAll("[data-when-over]")) element.hidden = false;
      return;
    }
    const minutes = Math.ceil(left / 60);
    const sentence = minutes > 1 ? line.dataset.minutes.replace("{minutes}", minutes) : line.dataset.last;
    if (text.textContent !== sentence) text.textContent = sentence;
    setTimeout(tick, Math.min(left * 1000, 5000) + 50);
  };
  tick();
}
