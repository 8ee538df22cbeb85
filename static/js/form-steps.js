/* Which of the five steps has something in it, in the row of steps on top. */
const FILLED = {
  kategori: (form) => Boolean(form.querySelector("input[name=category]:checked")),
  pertanyaan: (form) => {
    const asked = form.querySelectorAll("#daftar-pertanyaan .question");
    const open = [...asked].filter((item) => item.matches("[data-required]") && !item.querySelector("input:checked"));
    const answered = [...asked].some((item) => item.querySelector("input:checked"));
    return form.querySelector("input[name=category]:checked") && !open.length && (answered || !asked.length);
  },
  tempat: (form) => Boolean(form.elements.latitude.value || form.elements.area.value),
  cerita: (form) => Boolean(form.elements.description.value.trim()),
  anda: (form) => ["contact_name", "contact_email", "contact_phone"].some((name) => form.elements[name]?.value.trim()),
};

export function steps(form) {
  const links = [...document.querySelectorAll("#langkah a")];
  const update = () => {
    for (const link of links) {
      const isDone = Boolean(FILLED[link.hash.slice(1)]?.(form));
      link.classList.toggle("is-done", isDone);
      link.querySelector("[data-done]").hidden = !isDone;
    }
  };
  for (const event of ["input", "change", "placechange", "draftfilled"]) form.addEventListener(event, update);
  new MutationObserver(update).observe(document.getElementById("daftar-pertanyaan"), { childList: true });
  update();
}
