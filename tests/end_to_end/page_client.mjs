// The web page of a running harpy serve in Chromium (npm's playwright-core):
//   NODE_PATH=FOLDER_OF_PACKAGES node page_client.mjs URL CHROMIUM RECORDING.wav NO_RECORDING FOLDER [KEY]
// Hears the recording through a microphone that is none, then sends it as a file, and works the page's keys and
// fields. Writes pictures of the page and what it saves into the folder, and prints one JSON line.
// With a key: only unlocks the page, hears a little and sends the file.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { chromium } = createRequire(import.meta.url)('playwright-core');
const [url, executablePath, recording, noRecording, folder, key] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath,
  args: [
    '--no-sandbox', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream',
    `--use-file-for-fake-audio-capture=${recording}`,
  ],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
const complaints = [];
page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
page.on('pageerror', (error) => complaints.push(error.message));
const answer = await page.goto(url);
const picture = (name) => page.screenshot({ path: join(folder, `${name}.png`) });
const words = () => page.locator('#captions p').allInnerTexts();
const settled = (state) => page.waitForFunction(
  (text) => document.getElementById('status').textContent === text, state);

const send = async (file) => {
  await page.locator('#file').setInputFiles(file);
  await page.locator('#cancel').waitFor({ state: 'hidden' });
  return page.locator('#job-state').innerText();
};

if (key) {
  await settled('The server needs a key.');
  await page.locator('#key').fill(key);
  await page.keyboard.press('Tab');
  await settled('Ready');
  await page.locator('#listen').click();
  await page.locator('#partial:not([hidden])').waitFor();
  await page.locator('#listen').click();
  await settled('Ready');
  console.log(JSON.stringify({ heard: await words(), done: await send(recording), read: await words() }));
  await browser.close();
  process.exit(0);
}

await page.locator('#model option').first().waitFor({ state: 'attached' });
const model = await page.locator('#model').inputValue();

// By the keyboard alone: the first stop is the button.
await page.keyboard.press('Tab');
const firstStop = await page.evaluate(() => document.activeElement.id);
await page.keyboard.press('Enter');
await settled('Listening');
await page.locator('#partial:not([hidden])').waitFor();
const partial = await page.locator('#partial').innerText();
const colours = () => page.evaluate(() => {
  const { width, height } = document.getElementById('spectrogram');
  const { data } = document.getElementById('spectrogram').getContext('2d')
    .getImageData(width - 100, 0, 100, height);
  return new Set(new Uint32Array(data.buffer)).size;
});
await page.waitForTimeout(1500);
const shades = await colours();
await picture('listening');
await page.keyboard.press('Enter');
await settled('Ready');
const heard = await words();

const done = await send(recording);
const read = await words();
const titles = await page.locator('#captions ruby').evaluateAll((all) => all.map(({ title }) => title));
const saved = {};
for (const format of ['txt', 'srt', 'vtt', 'json']) {
  const download = page.waitForEvent('download');
  await page.locator(`[data-format="${format}"]`).click();
  const path = join(folder, (await download).suggestedFilename());
  await (await download).saveAs(path);
  saved[format] = readFileSync(path, 'utf8');
}

await page.emulateMedia({ colorScheme: 'light' });
await picture('desktop-light');
await page.emulateMedia({ colorScheme: 'dark' });
await picture('desktop-dark');
await page.setViewportSize({ width: 390, height: 844 });
await picture('phone-dark');
await page.emulateMedia({ colorScheme: 'light' });
await picture('phone-light');
const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

const complained = [...complaints]; // what follows is refused, of which browsers complain
const refused = await send(noRecording);
await page.locator('#hot-words').fill('!!');
const refusedWord = await send(recording);

// What a screen reader is told.
const roles = await page.locator('main').ariaSnapshot();
console.log(JSON.stringify({
  policy: answer.headers()['content-security-policy'], complaints: complained, model, firstStop, partial, shades, heard, done,
  read, titles, saved, overflow, refused, refusedWord, roles,
}));
await browser.close();
