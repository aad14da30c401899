// Unsaved text: a warning before the page is left, and a copy in this browser until the server has it, so that an expired
// session or a crash loses nothing.

const PREFIX = "haedap-kept-";
const AGE = 14 * 86_400_000;
const CARRIED = ["csrfmiddlewaretoken"];

const written = (form) => new URLSearchParams([...new FormData(form)].filter(([name, value]) => typeof value === "string" && !CARRIED.includes(name) && !name.startsWith("_"))).toString();
const comparable = (text) => text.replace(/(^|&)(draft_key|expected_version|base_place|base_revision|[a-z]+-INITIAL_FORMS)=[^&]*/g, "");

function stored() {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
  } catch {
    return [];
  }
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

// Copies that the server has by now, or that are old, go.
function forget() {
  const saved = /(?:^|; )haedap_saved=([^;]*)/.exec(document.cookie)?.[1].replaceAll('"', "").split(".") ?? [];
  for (const key of stored()) {
    const copy = read(key);
    if (!copy || saved.includes(copy.key) || Date.now() - copy.at > AGE) localStorage.removeItem(key);
  }
}

export function keepCopies(form, editor) {
  const { user, article } = editor.dataset;
  const name = `${PREFIX}${user}-${article}`;
  const key = () => form.elements.draft_key.value;
  const bound = "unsaved" in editor.dataset;
  let first = written(form);
  let leaving = false;
  let timer = 0;
  const dirty = () => bound || written(form) !== first;
  const drop = () => {
    try { localStorage.removeItem(name); } catch { /* Nothing was kept. */ }
  };
  const keep = () => {
    if (!dirty()) return;
    try {
      localStorage.setItem(name, JSON.stringify({ key: key(), at: Date.now(), text: written(form) }));
    } catch { /* Storage is full or forbidden; the warning before leaving stays. */ }
  };

  forget();
  const copy = read(name);
  const notice = document.getElementById("hd-kept");
  if (copy && !bound && comparable(copy.text) !== comparable(first)) {
    notice.hidden = false;
    notice.querySelector(".hd-kept-when").textContent = new Date(copy.at).toLocaleString(document.documentElement.lang);
    notice.querySelector("[data-kept='restore']").addEventListener("click", () => {
      leaving = true;
      restore(copy.text, form);
    });
    notice.querySelector("[data-kept='drop']").addEventListener("click", () => {
      notice.hidden = true;
      drop();
    });
  } else if (copy && !bound) drop();

  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(keep, 1_000);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("submit", () => {
    leaving = true;
    keep();
  });
  form.addEventListener("hd-discard", () => {
    leaving = true;
    drop();
  });
  addEventListener("pageshow", (event) => { if (event.persisted) leaving = false; });
  addEventListener("beforeunload", (event) => {
    if (leaving || !dirty()) return;
    keep();
    event.preventDefault();
  });
}

// The server shows the form with the text of the copy, unsaved.
function restore(text, form) {
  const made = document.createElement("form");
  made.method = "post";
  made.hidden = true;
  const put = (name, value) => {
    const field = document.createElement("textarea");
    field.name = name;
    field.value = value;
    made.append(field);
  };
  put("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  for (const [name, value] of new URLSearchParams(text)) put(name, value);
  put("_do", "restore");
  document.body.append(made);
  made.submit();
}
