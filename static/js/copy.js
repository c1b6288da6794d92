// Buttons that copy: <button type="button" hidden data-copy="text" data-text-copied="Copied">.
// With data-copy-from="id" the text of that element is copied. Hidden where it cannot work.

function textOf(button) {
  const source = button.dataset.copyFrom && document.getElementById(button.dataset.copyFrom);
  if (!source) return button.dataset.copy;
  return "value" in source ? source.value : source.textContent.trim();
}

function show(root) {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("button[data-copy], button[data-copy-from]")) {
    button.hidden = false;
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy], button[data-copy-from]");
  if (!button) return;
  const words = button.dataset.words || (button.dataset.words = button.textContent);
  try {
    await navigator.clipboard.writeText(textOf(button));
    button.textContent = button.dataset.textCopied || words;
  } catch {
    button.textContent = button.dataset.textFailed || words;
  }
  // The button's own words are its live region: they are read out because it has the focus.
  button.setAttribute("aria-live", "polite");
  setTimeout(() => { button.textContent = words; }, 3000);
});

document.addEventListener("htmx:afterSettle", () => show(document));
show(document);
