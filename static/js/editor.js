// The toolbar of a Markdown text: each button writes what a person could have typed.
// Works through the browser's own editing, so that undo takes it back.

const PREFIX = { heading: "## ", list: "- ", checklist: "- [ ] ", quote: "> " };
const AROUND = { bold: ["**", "**"], link: ["[", "](https://)"] };

function replace(area, start, end, text) {
  area.focus();
  area.setSelectionRange(start, end);
  if (!document.execCommand("insertText", false, text)) {
    area.setRangeText(text, start, end, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function markLines(area, prefix) {
  const { value, selectionStart, selectionEnd } = area;
  const start = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const next = value.indexOf("\n", selectionEnd);
  const end = next === -1 ? value.length : next;
  const lines = value.slice(start, end).split("\n");
  const marked = lines.every((line) => line.startsWith(prefix));
  const text = lines.map((line) => (marked ? line.slice(prefix.length) : prefix + line)).join("\n");
  replace(area, start, end, text);
  area.setSelectionRange(start, start + text.length);
}

function markAround(area, [before, after]) {
  const { value, selectionStart: start, selectionEnd: end } = area;
  const chosen = value.slice(start, end);
  replace(area, start, end, before + chosen + after);
  const inside = start + before.length;
  if (after.length > before.length && chosen) {
    // A link with its words: the address is what is missing.
    area.setSelectionRange(inside + chosen.length + 2, inside + chosen.length + after.length - 1);
  } else {
    area.setSelectionRange(inside, inside + chosen.length);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-editor-bar] [data-mark]");
  const area = button && button.closest(".editor").querySelector("textarea");
  if (!area) return;
  const mark = button.dataset.mark;
  if (PREFIX[mark]) markLines(area, PREFIX[mark]);
  if (AROUND[mark]) markAround(area, AROUND[mark]);
});

// One tab stop for the toolbar, arrows inside it.
document.addEventListener("keydown", (event) => {
  const bar = event.target.closest && event.target.closest("[data-editor-bar]");
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!bar || !step) return;
  const buttons = [...bar.querySelectorAll("button")];
  const next = buttons[(buttons.indexOf(event.target) + step + buttons.length) % buttons.length];
  for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
  next.focus();
  event.preventDefault();
});

function show(root) {
  for (const bar of root.querySelectorAll("[data-editor-bar][hidden]")) {
    bar.hidden = false;
    bar.querySelectorAll("button").forEach((button, place) => { button.tabIndex = place ? -1 : 0; });
  }
}

document.addEventListener("htmx:afterSettle", () => show(document));
show(document);
