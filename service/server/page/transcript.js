// The transcript on the page: settled utterances, and grey behind them the words that may change.

const kSure = 0.85;
const kFair = 0.6;

/** 75.2 as 1:15. */
export function clockTime(seconds) {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 60) % 60, String(whole % 60).padStart(2, '0')];
  if (whole >= 3600) parts[0] = `${Math.floor(whole / 3600)}:${String(parts[0]).padStart(2, '0')}`;
  return parts.join(':');
}

function levelOf(confidence) {
  if (confidence >= kSure) return 'sure';
  return confidence >= kFair ? 'fair' : 'unsure';
}

function wordElement({ text, start, end, confidence }) {
  const word = document.createElement('ruby');
  word.className = levelOf(confidence);
  word.title = `${start.toFixed(2)} to ${end.toFixed(2)} s, ${Math.round(100 * confidence)} % sure`;
  const time = document.createElement('rt');
  time.textContent = start.toFixed(1);
  time.setAttribute('aria-hidden', 'true');
  word.append(text, time);
  return word;
}

export class Transcript {
  /** `changed` is called when there is something else to save than before. */
  constructor(changed) {
    this.scroller = document.getElementById('scroller');
    this.list = document.getElementById('captions');
    this.line = document.getElementById('partial');
    this.empty = document.getElementById('empty');
    this.changed = changed;
    this.utterances = [];
  }

  /** Begins anew; `hint` says what will come. */
  clear(hint) {
    this.utterances = [];
    this.list.replaceChildren();
    this.setPartial([]);
    this.empty.textContent = hint;
    this.empty.hidden = false;
    this.changed();
  }

  add(utterance) {
    this.utterances.push(utterance);
    const item = document.createElement('li');
    const time = document.createElement('time');
    time.textContent = clockTime(utterance.start);
    time.dateTime = `PT${utterance.start.toFixed(2)}S`;
    const words = document.createElement('p');
    for (const word of utterance.words) words.append(wordElement(word), ' ');
    item.append(time, words);
    this.keepingEndInView(() => this.list.append(item));
    this.empty.hidden = true;
    this.changed();
  }

  setPartial(words) {
    const text = words.map((word) => word.text).join(' ');
    // Models that know capitals alone would shout.
    const isLoud = text === text.toLocaleUpperCase();
    this.keepingEndInView(() => {
      this.line.textContent = isLoud ? text.toLocaleLowerCase() : text;
      this.line.hidden = words.length === 0;
    });
    if (words.length > 0) this.empty.hidden = true;
  }

  /** Scrolls along, unless the user has scrolled back to read. */
  keepingEndInView(change) {
    const { scroller } = this;
    const isAtEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 40;
    change();
    if (isAtEnd) scroller.scrollTop = scroller.scrollHeight;
  }
}
