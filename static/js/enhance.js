// Focus where the news is, open menus that close again, characters that are counted.

function focusOn(element) {
  if (!element) return;
  if (!element.hasAttribute("tabindex") && !element.matches("a[href],button,input,select,textarea,summary")) {
    element.setAttribute("tabindex", "-1");
  }
  element.focus();
}

function focusSummary(root) {
  focusOn(root.querySelector("[data-focus]"));
}

// A link in the error summary focuses the control itself, and shows its label above it.
document.addEventListener("click", (event) => {
  const link = event.target.closest(".error-summary a[href^='#']");
  const target = link && document.getElementById(link.hash.slice(1));
  if (!target) return;
  event.preventDefault();
  (target.closest(".field") || target).scrollIntoView({ block: "start" });
  target.focus({ preventScroll: true });
});

// What htmx has put in gets the focus: its error summary, or what asks for it with data-swap-focus.
document.addEventListener("htmx:afterSettle", (event) => {
  const place = event.detail.elt;
  if (!(place instanceof Element)) return;
  countAll(place);
  const summary = place.matches("[data-focus]") ? place : place.querySelector("[data-focus]");
  const asked = place.matches("[data-swap-focus]") ? place : place.querySelector("[data-swap-focus]");
  if (summary || asked) focusOn(summary || asked);
});

// A request that did not come through is said aloud, in the region of messages.
for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(name, () => {
    const region = document.getElementById("messages");
    const text = document.body.dataset.textFailed;
    if (!region || !text) return;
    const notice = document.createElement("p");
    notice.className = "notice notice-attention";
    notice.textContent = text;
    region.replaceChildren(notice);
    region.scrollIntoView({ block: "nearest" });
  });
}

// Menus: one open at a time; Escape and a click elsewhere close them.
const openMenus = () => document.querySelectorAll("details.menu[open]");
document.addEventListener("click", (event) => {
  for (const menu of openMenus()) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    const inside = menu.contains(document.activeElement);
    menu.open = false;
    if (inside) menu.querySelector("summary").focus();
  }
});
document.addEventListener("focusin", (event) => {
  for (const menu of openMenus()) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// Characters left, counted as people count them: an emoji is one.
function count(line) {
  const control = document.getElementById(line.dataset.countFor);
  if (!control) return;
  const left = Number(line.dataset.countMax) - [...control.value].length;
  const text = left < 0 ? line.dataset.textOver : line.dataset.textLeft;
  line.textContent = text.replace("{count}", Math.abs(left).toLocaleString(document.documentElement.lang));
  line.classList.toggle("count-over", left < 0);
}

let counting;
document.addEventListener("input", (event) => {
  const line = document.querySelector(`[data-count-for="${CSS.escape(event.target.id)}"]`);
  if (!line || !event.target.id) return;
  clearTimeout(counting);
  counting = setTimeout(() => count(line), 400);
});

function countAll(root) {
  for (const line of root.querySelectorAll("[data-count-for]")) {
    const control = document.getElementById(line.dataset.countFor);
    if (control && control.value) count(line);
  }
}

countAll(document);
focusSummary(document);
