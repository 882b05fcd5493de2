// Before anything is drawn: the colours that the reader chose, where they chose any.
try {
  const chosen = localStorage.getItem("sifter-theme");
  if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
} catch {
  // A browser may keep nothing for pages from a disk: then the system's colours hold.
}
