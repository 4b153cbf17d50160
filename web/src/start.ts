// Some browsers name the POSIX locale as their language, which Intl refuses, and uPlot asks Intl when it is loaded.
try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, "language", { value: "en-US" });
}
