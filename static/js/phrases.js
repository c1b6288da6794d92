// Kept sentences go into the note at once, where script runs:
// <select id="phrase-3">, <button name="insert" value="3" data-phrase-into="note field" data-phrase-from="phrase-3">.
// Without script the button sends the form and the portal does the same.

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-phrase-into]");
  if (!button) return;
  const note = document.getElementById(button.dataset.phraseInto);
  const chosen = document.getElementById(button.dataset.phraseFrom)?.selectedOptions[0];
  if (!note || !chosen || !chosen.value) return;
  const text = [note.value.trimEnd(), chosen.textContent.trim()].filter(Boolean).join(" ");
  if (note.maxLength > 0 && text.length > note.maxLength) return;
  event.preventDefault();
  note.value = text;
  // Both are heard: the count of characters and the saving of marks.
  note.dispatchEvent(new Event("input", { bubbles: true }));
  note.dispatchEvent(new Event("change", { bubbles: true }));
  note.focus();
});
