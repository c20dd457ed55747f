// What the page's buttons and fields do.
import { download, plainText } from './downloads.js';
import { Microphone } from './microphone.js';
import { Pictures } from './pictures.js';
import { FileRecognition, KeyNeeded, LiveRecognition, listModels } from './recognition.js';
import { Transcript, clockTime } from './transcript.js';

const element = (id) => document.getElementById(id);
const listen = element('listen');
const saving = document.querySelectorAll('[data-format], [data-action="copy"]');
const transcript = new Transcript(() => {
  for (const button of saving) button.disabled = transcript.utterances.length === 0;
});
const pictures = new Pictures(element('waveform'), element('spectrogram'));
let name = 'transcript'; // of files that are saved
let live = null; // {microphone, recognition} while the microphone is on
let job = null; // a file that is recognised

function tell(text, isFault = false) {
  element('status').textContent = text;
  element('status').classList.toggle('fault', isFault);
}

const settings = () => ({
  model: element('model').value,
  hotWords: element('hot-words').value.split(/[\n,;]/).map((word) => word.trim()).filter(Boolean),
  isWritten: element('written').checked,
  key: element('key').value.trim(),
});

// The microphone.

/** Whether the button waits for something. It stays enabled, so that it keeps the keyboard's focus. */
function setBusy(isBusy) { listen.setAttribute('aria-disabled', isBusy); }

function showListening(isOn) {
  document.body.classList.toggle('listening', isOn);
  element('listen-label').textContent = isOn ? 'Stop' : 'Start listening';
}

function runClock() {
  const begun = performance.now();
  const timer = setInterval(() => {
    element('clock').textContent = clockTime((performance.now() - begun) / 1000);
  }, 250);
  return () => clearInterval(timer);
}

async function startListening() {
  setBusy(true);
  tell('Asking for the microphone …');
  let microphone;
  try {
    microphone = await Microphone.open();
  } catch (error) {
    tell(error.message, true);
    setBusy(false);
    return;
  }
  cancelJob();
  name = 'transcript';
  transcript.clear('Say something.');
  tell('Connecting …');
  const session = { microphone, stopClock: () => {} };
  session.recognition = new LiveRecognition(microphone.sampleRate, settings(), {
    opened: () => {
      microphone.start((samples) => session.recognition.send(samples), stopListening);
      session.stopClock = runClock();
      pictures.start(microphone.analyser);
      tell('Listening');
      setBusy(false);
    },
    partial: (words) => transcript.setPartial(words),
    final: (utterance) => transcript.add(utterance),
    closed: (fault) => endListening(session, fault),
  });
  live = session;
  showListening(true);
}

/** Lets the server settle what was said; endListening follows. */
async function stopListening() {
  if (!live) return;
  const { microphone, recognition } = live;
  live = null;
  setBusy(true);
  tell('Settling the last words …');
  await microphone.stop();
  recognition.finish();
}

async function endListening(session, fault) {
  session.stopClock();
  pictures.stop();
  transcript.setPartial([]);
  showListening(false);
  setBusy(false);
  if (live === session) {
    live = null;
    await session.microphone.stop();
  }
  if (transcript.utterances.length === 0) transcript.clear('No words were heard.');
  tell(fault ?? 'Ready', fault !== null);
}

listen.addEventListener('click', () => {
  if (listen.getAttribute('aria-disabled') === 'true') return;
  if (live) stopListening();
  else startListening();
});

// Recordings.

function showJob(state, share) {
  element('job-state').textContent = state;
  const progress = element('progress');
  if (share === undefined) progress.removeAttribute('value');
  else progress.value = share;
}

function endJob(state, isFault) {
  job = null;
  showJob(state, 1);
  element('cancel').hidden = true;
  element('job').classList.toggle('failed', isFault);
}

function cancelJob() {
  if (!job) return;
  job.cancel();
  endJob('Cancelled', true);
  transcript.clear('Nothing was recognised.');
}

async function recogniseFile(file) {
  if (live) await stopListening();
  cancelJob();
  name = file.name.replace(/\.[^.]*$/, '') || 'transcript';
  transcript.clear('The words come when the recording is recognised.');
  element('job').hidden = false;
  element('job').classList.remove('failed');
  element('job-name').textContent = file.name;
  element('cancel').hidden = false;
  showJob('Sending', 0);
  const begun = performance.now();
  job = new FileRecognition(file, settings(), {
    progress: (share) => showJob(`Sending, ${Math.round(100 * share)} %`, share),
    waiting: () => showJob('Recognising …'),
    done: (utterances) => {
      utterances.forEach((utterance) => transcript.add(utterance));
      if (utterances.length === 0) transcript.clear('No words were found in the recording.');
      endJob(`Done in ${((performance.now() - begun) / 1000).toFixed(1)} s`, false);
    },
    failed: (reason) => {
      transcript.clear('Nothing was recognised.');
      endJob(reason, true);
    },
  });
}

element('file').addEventListener('change', ({ target }) => {
  if (target.files.length > 0) recogniseFile(target.files[0]);
  target.value = '';
});
element('cancel').addEventListener('click', cancelJob);

for (const type of ['dragenter', 'dragover', 'dragleave', 'drop']) {
  document.addEventListener(type, (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    const isOver = type === 'dragenter' || type === 'dragover';
    document.body.classList.toggle('dropping', isOver);
    if (type === 'drop' && event.dataTransfer.files[0]) recogniseFile(event.dataTransfer.files[0]);
  });
}

// The transcript.

for (const button of document.querySelectorAll('[data-format]')) {
  button.addEventListener('click', () => download(transcript.utterances, button.dataset.format, name));
}
document.querySelector('[data-action="copy"]').addEventListener('click', async ({ target }) => {
  try {
    await navigator.clipboard.writeText(plainText(transcript.utterances));
    target.textContent = 'Copied';
  } catch {
    target.textContent = 'Not allowed';
  }
  setTimeout(() => { target.textContent = 'Copy'; }, 2000);
});

for (const choice of ['show-times', 'show-confidence']) {
  const follow = () => document.body.classList.toggle(choice, element(choice).checked);
  element(choice).addEventListener('change', follow);
  follow();
}
element('settings').addEventListener('submit', (event) => event.preventDefault());

async function findModels() {
  try {
    const models = await listModels(settings().key);
    element('model').replaceChildren(...models.map((model) => new Option(model, model)));
    element('server').textContent = `${models.length > 1 ? 'Models' : 'Model'} ${models.join(', ')}`;
    tell('Ready');
  } catch (error) {
    const needsKey = error instanceof KeyNeeded;
    if (needsKey) element('key-field').hidden = false;
    element('server').textContent = needsKey ? 'Locked' : 'No server';
    tell(error.message, true);
  }
}

element('key').addEventListener('change', findModels);
findModels();
