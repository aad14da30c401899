// The body beside its text as readers will see it. The server renders it; an answer that comes late never replaces a
// newer one, and the reader's place on the page stays.

import { token, words } from "./editor-words.js";

const PAUSE = 300;

export class Preview {
  constructor(body, area, kind, address) {
    this.body = body;
    this.area = area;
    this.kind = kind;
    this.address = address;
    this.turn = 0;
    this.stale = true;
    const holder = document.createElement("div");
    holder.className = "hd-preview";
    holder.lang = "ko";
    const head = document.createElement("div");
    head.className = "hd-preview-head";
    head.textContent = words.preview;
    this.problem = document.createElement("p");
    this.problem.hidden = true;
    this.problem.setAttribute("role", "status");
    this.frame = document.createElement("iframe");
    this.frame.title = `${words.preview}: ${body.dataset.name}`;
    this.frame.setAttribute("sandbox", "allow-same-origin allow-popups allow-popups-to-escape-sandbox");
    holder.append(head, this.problem, this.frame);
    const write = body.querySelector(".hd-write");
    write.classList.add("previewed");
    write.append(holder);
    const later = () => this.later();
    area.addEventListener("input", later);
    kind.addEventListener("change", later);
    this.title()?.addEventListener("input", later);
  }

  title() {
    return this.body.closest(".hd-panel").querySelector("input[name^='titles-'][name$='-title']") ?? document.getElementById("id_title");
  }

  show() {
    if (this.stale) this.render();
  }

  later() {
    this.stale = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.body.checkVisibility() && this.render(), PAUSE);
  }

  async render() {
    const mine = ++this.turn;
    this.stale = false;
    const data = new FormData();
    data.set("csrfmiddlewaretoken", token());
    data.set("body", this.area.value);
    data.set("body_format", this.kind.value);
    data.set("language", this.body.querySelector("input[name$='-language']").value);
    data.set("title", this.title()?.value ?? "");
    try {
      const answer = await fetch(this.address, { method: "POST", body: data });
      if (!answer.ok) throw new Error(answer.status);
      const page = await answer.text();
      if (mine === this.turn) this.put(page);
    } catch {
      if (mine !== this.turn) return;
      this.stale = true;
      this.problem.textContent = words.previewFailed;
      this.problem.hidden = false;
    }
  }

  put(source) {
    this.problem.hidden = true;
    const page = new DOMParser().parseFromString(source, "text/html");
    for (const link of page.querySelectorAll("a[href^='#']")) link.target = "_self";
    const there = this.frame.contentDocument;
    if (this.filled && there?.body) {
      const at = there.scrollingElement.scrollTop;
      const open = [...there.querySelectorAll("details")].map((item) => item.open);
      there.body.replaceWith(there.adoptNode(page.body));
      there.querySelectorAll("details").forEach((item, number) => { item.open ||= Boolean(open[number]); });
      there.documentElement.lang = page.documentElement.lang;
      there.scrollingElement.scrollTop = at;
      return;
    }
    const base = page.createElement("base");
    base.target = "_blank";
    page.head.prepend(base);
    this.filled = false;
    this.frame.onload = () => { this.filled = true; };
    this.frame.srcdoc = `<!doctype html>${page.documentElement.outerHTML}`;
  }
}
