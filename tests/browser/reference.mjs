// Reads the reference in a real browser, from the disk: node reference.mjs SITE CHROMIUM MODULES
// Prints what is wrong, a line each, and ends with 1 if anything is.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [site, chromium, modules] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${modules}/`));
const playwright = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const PAGES = [
  "index.html",
  "objects/StudentAttendanceSummary.html",
  "tables/lep.html",
  "sensitive.html",
  "value-sets.html",
  "functions.html",
  "parameters.html",
];

// Pages that are large: looked at in a narrow window only.
const LARGE = ["requirements.html", "objects/StudentPersonal.html"];

let wrong = 0;
const must = (holds, what) => {
  if (holds) return;
  wrong += 1;
  console.log(what);
};

const browser = await playwright.chromium.launch({
  executablePath: chromium,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});

// A page that reports whatever the browser complains of, and anything that it asks a network for.
const open = async (context, path) => {
  const page = await context.newPage();
  page.on("console", (message) => must(message.type() !== "error", `${path}: the console says ${message.text()}`));
  page.on("pageerror", (error) => must(false, `${path}: ${error.message}`));
  page.on("request", (request) => must(request.url().startsWith("file:"), `${path}: asks for ${request.url()}`));
  await page.goto(pathToFileURL(`${site}/`).href + path);
  return page;
};

// What axe finds, with everything open that a reader can open.
const accessible = async (page, what, rules) => {
  await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
  await page.evaluate(axe);
  const options = { resultTypes: ["violations"], preload: false, ...(rules && { runOnly: rules }) };
  const { violations } = await page.evaluate((options) => window.axe.run(document, options), options);
  for (const { id, impact, help, nodes } of violations) {
    must(impact !== "serious" && impact !== "critical", `${what}: ${impact} ${id}, ${help}: ${nodes[0].html.slice(0, 200)}`);
  }
};

for (const colorScheme of ["light", "dark"]) {
  const context = await browser.newContext({ colorScheme, viewport: { width: 1280, height: 900 } });
  for (const path of PAGES) {
    const page = await open(context, path);
    // In other colours only the colours are others.
    await accessible(page, `${path}, ${colorScheme}`, colorScheme === "dark" ? ["color-contrast"] : undefined);
    await page.close();
  }
  await context.close();
}

// Search by keyboard alone, the list included.
{
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await open(context, "index.html");
  await page.keyboard.press("/");
  must(await page.evaluate(() => document.activeElement.id === "find"), "the key / does not go to the search");
  await page.keyboard.type("LimitedEnglish");
  const options = page.locator("#found [role=option]");
  must((await options.count()) > 0, "the search finds no LimitedEnglish");
  await accessible(page, "the open search");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  const chosen = await page.locator("#found [aria-selected=true] span").textContent();
  must(chosen === "StudentPersonal/UTExtensions/LimitedEnglish", `the search chooses ${chosen}`);
  await page.keyboard.press("Enter");
  await page.waitForURL(/objects\/StudentPersonal\.html#UTExtensions\.LimitedEnglish$/);
  must(await page.locator("h3[id='UTExtensions.LimitedEnglish']").isVisible(), "what was found is not shown");
  for (const typed of ["R532", "lep.programStatus", "G103"]) {
    await page.keyboard.press("/");
    await page.keyboard.type(typed);
    const first = await page.locator("#found [aria-selected=true] span").textContent();
    must(first === typed, `${typed} finds ${first} first`);
    await page.keyboard.press("Escape");
    must(await page.locator("#found").isHidden(), "Escape does not close the search");
  }
  await context.close();
}

// The skip link, the colours that a reader chooses.
{
  const context = await browser.newContext({ colorScheme: "light" });
  const page = await open(context, "facts.html");
  await page.keyboard.press("Tab");
  must(await page.evaluate(() => document.activeElement.className === "skip"), "the first stop is not the skip link");
  await page.keyboard.press("Enter");
  must(await page.evaluate(() => document.activeElement.id === "content"), "the skip link does not lead to the content");
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.locator("#theme").click();
  const dark = await ground();
  must(light !== dark, "the button changes no colour");
  await page.reload();
  must((await ground()) === dark, "the chosen colours are not kept");
  await context.close();
}

// A narrow window scrolls in one direction only; without scripts everything but search and colours is there.
{
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 320, height: 800 } });
  for (const path of [...PAGES, ...LARGE]) {
    const page = await open(context, path);
    must(await page.locator("h1").isVisible(), `${path}: no heading without scripts`);
    must(await page.locator("#search").isHidden(), `${path}: a search that cannot work without scripts`);
    await page.close();
  }
  await context.close();
  const scripted = await browser.newContext({ viewport: { width: 320, height: 800 } });
  for (const path of [...PAGES, ...LARGE]) {
    const page = await open(scripted, path);
    const beyond = await page.evaluate(() => document.scrollingElement.scrollWidth - window.innerWidth);
    must(beyond <= 0, `${path}: ${beyond} pixels wider than a window of 320`);
    await page.emulateMedia({ media: "print" });
    must(await page.locator("header").isHidden(), `${path}: the navigation is printed`);
    await page.close();
  }
  await scripted.close();
}

await browser.close();
console.log(wrong === 0 ? "well" : `${wrong} wrong`);
process.exit(wrong === 0 ? 0 : 1);
