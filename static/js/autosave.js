// Saves form[data-autosave] to its data-autosave-url one second after the last change.
// Until the server has it, a copy stays on this device and comes back after a reload.
// The server answers 2xx when saved. Texts come from the line [data-autosave-status].

const PAUSE = 1000;
const RETRY = 15000;
const SKIP = new Set(["csrfmiddlewaretoken", "password"]);
const states = new WeakMap();

const keyOf = (form) => `draft:${form.dataset.autosaveUrl}`;

function fieldsOf(form) {
  const fields = [];
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && !SKIP.has(name)) fields.push([name, value]);
  }
  return fields;
}

function keep(form) {
  try {
    localStorage.setItem(keyOf(form), JSON.stringify(fieldsOf(form)));
  } catch { /* a full or forbidden store: the server is still asked */ }
}

function forget(form) {
  try { localStorage.removeItem(keyOf(form)); } catch { /* nothing was kept */ }
}

function say(form, state) {
  const line = form.querySelector("[data-autosave-status]");
  if (!line) return;
  const words = { saving: "textSaving", saved: "textSaved", failed: "textFailed", kept: "textKept" };
  const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  line.dataset.state = state;
  line.textContent = (line.dataset[words[state]] || "").replace("{time}", time);
}

async function save(form) {
  const state = states.get(form);
  if (state.busy || state.sent) return;
  state.busy = true;
  const version = state.version;
  say(form, "saving");
  let saved = false;
  try {
    const body = new FormData();
    for (const [name, value] of fieldsOf(form)) body.append(name, value);
    const token = form.querySelector("[name=csrfmiddlewaretoken]");
    const response = await fetch(form.dataset.autosaveUrl, {
      method: "POST",
      body,
      credentials: "same-origin",
      redirect: "error",
      headers: { "X-CSRFToken": token ? token.value : "", "X-Requested-With": "fetch" },
    });
    saved = response.ok;
  } catch { saved = false; }
  state.busy = false;
  if (state.sent) return;
  if (!saved) {
    say(form, "failed");
    plan(form, RETRY);
  } else if (version !== state.version) {
    plan(form, PAUSE);
  } else {
    forget(form);
    say(form, "saved");
  }
}

function plan(form, pause) {
  const state = states.get(form);
  clearTimeout(state.timer);
  state.timer = setTimeout(() => save(form), pause);
}

function putBack(form) {
  let kept;
  try { kept = JSON.parse(localStorage.getItem(keyOf(form)) || "null"); } catch { kept = null; }
  // After a refused submit the page already holds the newest answers.
  if (!Array.isArray(kept) || form.querySelector("[data-focus]")) return;
  const wanted = new Map();
  for (const [name, value] of kept) wanted.set(name, [...(wanted.get(name) || []), value]);
  for (const control of form.elements) {
    if (!control.name || SKIP.has(control.name) || control.type === "file" || control.type === "hidden") continue;
    const values = wanted.get(control.name) || [];
    if (control.type === "checkbox" || control.type === "radio") control.checked = values.includes(control.value);
    else if (control.tagName !== "BUTTON" && values.length) control.value = values[0];
  }
  say(form, "kept");
  plan(form, PAUSE);
}

for (const form of document.querySelectorAll("form[data-autosave][data-autosave-url]")) {
  states.set(form, { version: 0, busy: false, sent: false, timer: 0 });
  putBack(form);
  const changed = () => {
    states.get(form).version += 1;
    keep(form);
    plan(form, PAUSE);
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("submit", (event) => {
    if (event.submitter && event.submitter.formTarget === "_blank") return;
    const state = states.get(form);
    state.sent = true;
    clearTimeout(state.timer);
    forget(form);
  });
}

window.addEventListener("online", () => {
  for (const form of document.querySelectorAll("form[data-autosave] [data-autosave-status][data-state=failed]")) {
    plan(form.closest("form"), 0);
  }
});
