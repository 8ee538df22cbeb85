/* Prepared texts and the preview on the spot. Without this script both are buttons that bring the page again. */
for (const select of document.querySelectorAll("[data-template-of]")) {
  const field = document.getElementById(select.dataset.templateOf);
  const told = select.parentElement.querySelector("[data-failed]");
  let last = "";
  select.addEventListener("change", async () => {
    if (!select.value) return;
    const answer = await fetch(select.dataset.templateAddress.replace(/0-id\/$/, `${select.value}/`), {
      credentials: "same-origin",
    }).catch(() => null);
    if (!answer?.ok) {
      told.textContent = told.dataset.failed;
      return;
    }
    told.textContent = "";
    const { text } = await answer.json();
    const written = field.value.trim();
    // A text that was put there and not touched gives way; what a person wrote stays above the new one.
    field.value = !written || written === last.trim() ? text : `${written}\n\n${text}`;
    last = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
}

for (const button of document.querySelectorAll("[data-preview-button]")) {
  button.addEventListener("click", async (event) => {
    const form = button.form;
    // Photos are sent once, with the page: it then keeps them.
    if ([...form.querySelectorAll("input[type=file]")].some((input) => input.files.length)) return;
    event.preventDefault();
    const data = new FormData(form);
    data.append("do", "preview");
    button.setAttribute("aria-busy", "true");
    const address = form.action.split("#")[0];
    const answer = await fetch(address, {
      method: "POST",
      body: data,
      credentials: "same-origin",
      headers: { "X-Fragment": "1" },
    }).catch(() => null);
    button.removeAttribute("aria-busy");
    if (answer?.status !== 200 || answer.redirected) {
      // Something is missing or wrong: the page itself says what, with everything that was typed.
      form.noValidate = true;
      const sent = Object.assign(document.createElement("input"), { type: "hidden", name: "do", value: "preview" });
      form.append(sent);
      form.submit();
      return;
    }
    const place = form.querySelector("[data-preview-of]");
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    place.replaceChildren(...page.querySelector("[data-preview-of]").childNodes);
    place.querySelector(".preview-sheet")?.scrollIntoView({ block: "nearest" });
  });
}
