// What pages do beyond links, forms and htmx. Every page works without it.

// Copies what is shown once, such as a token.
document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-copies]');
  const source = button && document.getElementById(button.dataset.copies);
  if (!source) return;
  try {
    await navigator.clipboard.writeText(source.textContent.trim());
    button.textContent = 'Copied';
  } catch {
    // Without leave to use the clipboard, the text is marked for copying by hand.
    getSelection().selectAllChildren(source);
  }
});

// Filters act as soon as something else is chosen.
document.addEventListener('change', (event) => {
  const form = event.target.closest('form[data-acts-at-once]');
  if (form) form.requestSubmit();
});

// A form that was sent is not sent twice by a second click.
document.addEventListener('submit', (event) => {
  if (event.submitter && event.submitter.getAttribute('aria-disabled') === 'true') {
    event.preventDefault();
    return;
  }
  const buttons = event.target.querySelectorAll('button:not([type=button])');
  setTimeout(() => buttons.forEach((button) => button.setAttribute('aria-disabled', 'true')), 0);
  setTimeout(() => buttons.forEach((button) => button.removeAttribute('aria-disabled')), 4000);
});

// A page that the browser shows again from its memory has its buttons back.
addEventListener('pageshow', () => document.querySelectorAll('button[aria-disabled]').forEach((button) => button.removeAttribute('aria-disabled')));

// The lines of an editor, numbered as its diagnostics name them, and moved along with its text.
const number = (editor) => {
  const gutter = editor.parentElement.querySelector('.editor-lines');
  if (!gutter) return;
  const lines = editor.value.split('\n').length;
  if (gutter.childElementCount === lines) return;
  gutter.replaceChildren(...Array.from({ length: lines }, (_, at) => Object.assign(document.createElement('span'), { textContent: at + 1 })));
};
document.querySelectorAll('.editor textarea').forEach((editor) => {
  const gutter = editor.parentElement.querySelector('.editor-lines');
  number(editor);
  editor.addEventListener('input', () => number(editor));
  editor.addEventListener('scroll', () => gutter && (gutter.scrollTop = editor.scrollTop));
  // Tab leaves the field, as everywhere: who edits by keyboard is not caught in it.
});

// A diagnostic leads to its line.
document.addEventListener('click', (event) => {
  const link = event.target.closest('[data-line]');
  const editor = link && document.querySelector('.editor textarea');
  if (!editor) return;
  event.preventDefault();
  const lines = editor.value.split('\n');
  const at = Math.min(Number(link.dataset.line), lines.length) - 1;
  const start = lines.slice(0, at).reduce((sum, line) => sum + line.length + 1, 0);
  editor.focus();
  editor.setSelectionRange(start, start + lines[at].length);
  editor.scrollTop = Math.max(0, at - 4) * parseFloat(getComputedStyle(editor).lineHeight);
});
