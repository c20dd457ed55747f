#!/usr/bin/env python3
"""Collects recordings in which nobody speaks: collect.py FOLDER

Music and sounds come from Debian's packages of games and desktops, keys of a keyboard from bucklespring-data, tones and
noise from sox, reversed speech from ../shared/data. FOLDER gets train.jsonl (backgrounds for `harpy train --background`)
and test.jsonl (twenty recordings, of other packages and speakers). It needs apt-get, dpkg-deb,
sox and opusdec.
"""
import json
import pathlib
import random
import subprocess
import sys

# Package: folders of music, folders of sounds (spoken ones are left out).
TRAIN_PACKAGES = {
    "wesnoth-1.16-music": ["usr/share/games/wesnoth/1.16/data/core/music"],
    "supertux-data": ["usr/share/games/supertux2/music", "usr/share/games/supertux2/sounds"],
    "singularity-music": ["usr/share"],
    "asc-music": ["usr/share"],
    "colobot-common-sounds": ["usr/share/games/colobot/music", "usr/share/games/colobot/sounds"],
    "minetest-data": ["usr/share/games/minetest/games/minetest_game/mods"],
    "lugaru-data": ["usr/share/games/lugaru/Sounds"],
    "oxygen-sounds": ["usr/share"],
}
TEST_PACKAGES = ["asterisk-moh-opsound-wav", "extremetuxracer-data", "frozen-bubble-data"]
TEST_MUSIC = ["macroform-cold_day.wav", "macroform-robot_dity.wav", "macroform-the_simplicity.wav",
              "manolo_camp-morning_coffee.wav", "reno_project-system.wav", "credits1-cp.ogg", "freezingpoint.ogg",
              "start1-jt.ogg", "spunkyrace-ks.ogg", "frozen-mainzik-1p.ogg", "introzik.ogg"]
SHORT_S = 8.0  # shorter sounds are strung together
STRETCH_S, STRIDE_S = 12.0, 40.0  # of music: so much of every so much

folder = pathlib.Path(sys.argv[1]).resolve()
data = pathlib.Path(__file__).resolve().parents[3].parent / "shared" / "data"
draw = random.Random(1)


def sox(*arguments):
    subprocess.run(["sox", "-V1", *map(str, arguments)], check=True)


def unpack(package):
    target = folder / "packages" / package
    if not target.is_dir():
        target.mkdir(parents=True)
        subprocess.run(["apt-get", "download", "-qq", package], cwd=target, check=True)
        subprocess.run(["dpkg-deb", "-x", next(target.glob("*.deb")), target], check=True)
    return target


def sound_files(root):
    return sorted(path for path in root.rglob("*") if path.suffix in (".ogg", ".oga", ".wav"))


def duration_s(path):
    return float(subprocess.run(["soxi", "-D", path], capture_output=True, text=True).stdout or 0)


def convert(source, name, *effects):
    target = folder / "audio" / f"{name}.flac"
    target.parent.mkdir(exist_ok=True)
    if not target.exists():
        sox(source, "-c", 1, "-r", 16000, target, *effects)
    return target


def string_together(sounds, name, gap_s, count):
    """Random ones of some short sounds, with pauses of 0 to gap_s seconds."""
    target = folder / "audio" / f"{name}.flac"
    parts = []
    for i in range(count):
        part = folder / "audio" / f"part{i}.wav"
        sox(draw.choice(sounds), "-c", 1, "-r", 16000, "-b", 16, part, "trim", 0, SHORT_S, "pad", 0, f"{draw.uniform(0, gap_s):.3f}")
        parts.append(part)
    sox(*parts, target, "norm", draw.uniform(-20, -3))
    for part in parts:
        part.unlink()
    return target


def synthetic(name, length_s, *synth):
    target = folder / "audio" / f"{name}.flac"
    sox("-n", "-r", 16000, target, "synth", length_s, *synth, "norm", draw.uniform(-35, -3))
    return target


def tones(prefix, count):
    for i in range(count):
        noise = draw.choice(["whitenoise", "pinknoise", "brownnoise"])
        low = draw.uniform(100, 900)
        yield synthetic(f"{prefix}-noise{i}", 10, noise)
        yield synthetic(f"{prefix}-tone{i}", 6, "sine", low, "sine", "mix", low * draw.choice([1.2599, 1.3348, 1.4983, 2]))
        yield synthetic(f"{prefix}-hum{i}", 8, draw.choice(["sawtooth", "square", "triangle"]), draw.choice([50, 60, 100, 120]))
        yield synthetic(f"{prefix}-sweep{i}", 6, "sine", f"{low}-{draw.uniform(500, 4000)}")
        strings = [synthetic(f"{prefix}-string{i}-{n}", draw.uniform(0.3, 1.2), "pluck", draw.uniform(80, 700)) for n in range(5)]
        yield string_together(strings, f"{prefix}-plucked{i}", 0.3, 12)
        for string in strings:
            string.unlink()


def reversed_speech(manifest, prefix, count):
    entries = [json.loads(line) for line in open(data / manifest)]
    for i, entry in enumerate(draw.sample(entries, count)):
        decoded = folder / "audio" / "decoded.wav"
        subprocess.run(["opusdec", "--quiet", data / entry["audio"], decoded], check=True)
        yield convert(decoded, f"{prefix}-reversed{i}", "reverse", "trim", 0, 10)
        decoded.unlink()


def write(name, recordings):
    with open(folder / name, "w") as manifest:
        for path, start_s, end_s in recordings:
            entry = {"id": f"{path.stem}-{start_s:.0f}", "audio": str(path.relative_to(folder)), "text": ""}
            if end_s is not None:
                entry |= {"start": start_s, "end": end_s}
            manifest.write(json.dumps(entry) + "\n")


folder.mkdir(parents=True, exist_ok=True)
(folder / "audio").mkdir(exist_ok=True)
keys = [key for key in sound_files(unpack("bucklespring-data")) if duration_s(key) > 0]

train = []
for package, places in TRAIN_PACKAGES.items():
    files = [file for place in places for file in sound_files(unpack(package) / place)]
    short = [file for file in files if 0.05 < duration_s(file) < SHORT_S]
    for number, file in enumerate(file for file in files if duration_s(file) >= SHORT_S):
        length_s = duration_s(file)
        target = convert(file, f"{package}-{number}")
        at = 0.0
        while at == 0.0 or at + STRETCH_S < length_s:
            train.append((target, at, min(at + STRETCH_S, length_s - 0.1)))
            at += STRIDE_S
    if len(short) > 5:
        train += [(string_together(short, f"{package}-sounds{i}", 1.0, 8), 0, None) for i in range(len(short) // 8)]
train += [(string_together(keys[::2], f"typing{i}", 0.25, 40), 0, None) for i in range(30)]
train += [(path, 0, None) for path in tones("train", 15)]
train += [(path, 0, None) for path in reversed_speech("train-cv.jsonl", "train", 130)]
write("train.jsonl", train)

files = {file.name: file for package in TEST_PACKAGES for file in sound_files(unpack(package))}
test = [(convert(files[name], f"test-{name[:-4]}", "trim", 20, 30), 0, None) for name in TEST_MUSIC]
test += [(string_together(keys[1::2], f"test-typing{i}", 0.25, 60), 0, None) for i in range(2)]
test.append((string_together([files["tree_hit.wav"]], "test-knocks", 1.0, 12), 0, None))
test.append((synthetic("test-noise", 10, "pinknoise"), 0, None))
test.append((synthetic("test-dial-tone", 10, "sine", 350, "sine", "mix", 440), 0, None))
strings = [synthetic(f"test-string{n}", 0.7, "pluck", note) for n, note in enumerate([196, 247, 294, 392, 330, 165])]
test.append((string_together(strings, "test-plucked", 0.2, 14), 0, None))
test += [(path, 0, None) for path in reversed_speech("dev.jsonl", "test", 3)]
write("test.jsonl", test)
print(f"{len(train)} recordings and stretches for training, {len(test)} for tests")
