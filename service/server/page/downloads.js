// The transcript as files: plain text, JSON, and the subtitle forms SubRip (SRT) and WebVTT.

const kMostLineLetters = 42;
const kMostLines = 2;
const kMostCueSeconds = 7;

const textOf = (words) => words.map(({ text }) => text).join(' ');

/** 3661.5 as 01:01:01.500. */
export function timeStamp(seconds, point = '.') {
  const total = Math.round(seconds * 1000);
  const part = (size, count, digits) => String(Math.floor(total / size) % count).padStart(digits, '0');
  return `${part(3600000, Infinity, 2)}:${part(60000, 60, 2)}:${part(1000, 60, 2)}${point}${part(1, 1000, 3)}`;
}

/** Words in lines that a viewer can take in at once. */
function linesOf(words) {
  const lines = [];
  for (const { text } of words) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + text.length > kMostLineLetters) lines.push(text);
    else lines[lines.length - 1] = `${last} ${text}`;
  }
  return lines;
}

/** Cues {start, end, lines}: an utterance, or parts of a long one. */
export function cuesOf(utterances) {
  const cues = [];
  for (const { words } of utterances) {
    let begin = 0;
    for (let end = 1; end <= words.length; ++end) {
      const isLast = end === words.length;
      const longer = words.slice(begin, end + 1);
      const fits = !isLast && linesOf(longer).length <= kMostLines &&
        longer.at(-1).end - longer[0].start <= kMostCueSeconds;
      if (fits) continue;
      const part = words.slice(begin, end);
      cues.push({ start: part[0].start, end: part.at(-1).end, lines: linesOf(part) });
      begin = end;
    }
  }
  return cues;
}

/** `<` begins a tag in subtitles; WebVTT can escape it. */
const escaped = (line) => line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const formats = {
  txt: {
    type: 'text/plain',
    write: (utterances) => utterances.map(({ words }) => `${textOf(words)}\n`).join(''),
  },
  srt: {
    type: 'application/x-subrip',
    write: (utterances) => cuesOf(utterances).map(({ start, end, lines }, index) =>
      `${index + 1}\n${timeStamp(start, ',')} --> ${timeStamp(end, ',')}\n${lines.join('\n')}\n\n`).join(''),
  },
  vtt: {
    type: 'text/vtt',
    write: (utterances) => `WEBVTT\n\n${cuesOf(utterances).map(({ start, end, lines }) =>
      `${timeStamp(start)} --> ${timeStamp(end)}\n${lines.map(escaped).join('\n')}\n\n`).join('')}`,
  },
  json: {
    type: 'application/json',
    write: (utterances) => `${JSON.stringify({ utterances: utterances.map((utterance) => ({
      text: textOf(utterance.words), ...utterance })) }, null, 2)}\n`,
  },
};

export function plainText(utterances) { return formats.txt.write(utterances); }

/** Lets the browser save the transcript in one of the formats txt, srt, vtt and json. */
export function download(utterances, format, name) {
  const { type, write } = formats[format];
  const url = URL.createObjectURL(new Blob([write(utterances)], { type: `${type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${name}.${format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
