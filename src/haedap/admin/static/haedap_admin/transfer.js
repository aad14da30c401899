/* Import and export: proposes the source, refuses files that are too large before they are sent, follows a job. */
"use strict";
(() => {
  const form = document.querySelector("[data-import]");
  if (form) {
    const { file, source } = form.elements;
    const status = form.querySelector(".hdt-wait");
    let proposed = "";
    const say = (text, bad) => {
      status.textContent = text;
      status.classList.toggle("bad", bad);
    };
    const tooLarge = () => file.files.length > 0 && file.files[0].size > Number(form.dataset.most);
    file.addEventListener("change", () => {
      say(tooLarge() ? form.dataset.tooLarge : "", true);
      if (!file.files.length || (source.value && source.value !== proposed)) return;
      proposed = `upload/${file.files[0].name.normalize("NFC").replace(/\.[^.]*$/, "")}`.slice(0, source.maxLength);
      source.value = proposed;
    });
    form.addEventListener("submit", (event) => {
      if (tooLarge()) {
        event.preventDefault();
        say(form.dataset.tooLarge, true);
        return;
      }
      say(status.dataset.waiting, false);
      form.querySelector("button[type=submit]").disabled = true;
    });
    // A page that was left for an upload and comes back from the browser's memory can send again.
    window.addEventListener("pageshow", () => {
      form.querySelector("button[type=submit]").disabled = false;
      if (!tooLarge()) say("", false);
    });
  }
  const live = document.getElementById("hdt-live");
  const look = async () => {
    try {
      const answer = await fetch(window.location.href, { headers: { "Cache-Control": "no-cache" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("hdt-live");
      // It is done, or the session ended: the page itself says which.
      if (!fresh && answer.status < 500) {
        window.location.reload();
        return;
      }
      if (fresh && fresh.innerHTML !== live.innerHTML) live.replaceChildren(...fresh.childNodes);
    } catch {
      /* The server is away for a moment: the next look tells. */
    }
    window.setTimeout(look, 1500);
  };
  if (live) window.setTimeout(look, 1000);
})();
