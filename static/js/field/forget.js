/* On every staff page: whoever signs out leaves none of the field page's cases on this device. Steps that were not
   sent yet stay, see docs/staff.md. A script of its own that opens nothing that is not there already. */
(() => {
  async function forget() {
    for (const name of (await self.caches?.keys()) ?? []) if (name.startsWith("lapangan-foto-")) await caches.delete(name);
    const request = indexedDB.open("lapor-lapangan");
    request.onupgradeneeded = () => request.transaction.abort(); // there is none
    request.onerror = (event) => event.preventDefault();
    request.onsuccess = () => {
      const database = request.result;
      database.transaction("snapshots", "readwrite").objectStore("snapshots").clear();
      database.close();
    };
  }
  const attempt = () => forget().catch(() => undefined);
  document.addEventListener("submit", (event) => /\/logout\/$/.test(new URL(event.target.action, location).pathname) && attempt());
})();
