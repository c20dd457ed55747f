#!/usr/bin/env python3
"""Writes sentences of what people say to machines and books hardly hold: spoken_forms.py COUNT SEED WORDS

Digits and telephone numbers, numbers, times, dates, sums of money, spelled words, answers, commands, single words.
WORDS is a text file with a word a line, the most frequent first; words are spelled and, but for the first 300, said
alone: FOR and TO are not, FOUR and TWO are. Output is a sentence a line in capitals.
"""
import random
import sys

ONES = "ZERO ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE".split()
TEENS = "TEN ELEVEN TWELVE THIRTEEN FOURTEEN FIFTEEN SIXTEEN SEVENTEEN EIGHTEEN NINETEEN".split()
TENS = "TWENTY THIRTY FORTY FIFTY SIXTY SEVENTY EIGHTY NINETY".split()
ORDINALS = ("FIRST SECOND THIRD FOURTH FIFTH SIXTH SEVENTH EIGHTH NINTH TENTH ELEVENTH TWELFTH THIRTEENTH FOURTEENTH "
            "FIFTEENTH SIXTEENTH SEVENTEENTH EIGHTEENTH NINETEENTH TWENTIETH").split()
MONTHS = "JANUARY FEBRUARY MARCH APRIL MAY JUNE JULY AUGUST SEPTEMBER OCTOBER NOVEMBER DECEMBER".split()
DAYS = "MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY SUNDAY TODAY TOMORROW YESTERDAY".split()
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ANSWERS = """YES|NO|YES PLEASE|NO THANKS|NO THANK YOU|OKAY|OK|ALL RIGHT|CORRECT|THAT'S RIGHT|THAT'S WRONG|MAYBE|SURE|RIGHT|WRONG|
I DON'T KNOW|NONE OF THE ABOVE|SOMETHING ELSE|HELLO|GOOD MORNING|GOOD EVENING|GOODBYE|THANK YOU|THANKS""".replace("\n", "").split("|")
COMMANDS = """GO|STOP|START|STOP IT|UP|DOWN|LEFT|RIGHT|ON|OFF|BACK|FORWARD|NEXT|PREVIOUS|ENTER|DELETE|ERASE|CANCEL|REPEAT|HELP|
QUIT|EXIT|CLEAR|RESET|OPEN|CLOSE|SAVE|SEARCH|CALL|SEND|PLAY|PAUSE|RESUME|RECORD|MUTE|YES GO ON|GO BACK|GO ON|MAIN MENU|
REPEAT THAT|SAY THAT AGAIN|START OVER|TURN LEFT|TURN RIGHT|TURN IT ON|TURN IT OFF|LIGHTS ON|LIGHTS OFF|VOLUME UP|VOLUME DOWN|
LOUDER|QUIETER|OPERATOR|AGENT|REPRESENTATIVE|SPEAK TO AN AGENT|CUSTOMER SERVICE|BILLING|ACCOUNT BALANCE|TECHNICAL SUPPORT|
MAKE A PAYMENT|PAY MY BILL|OPENING HOURS|LEAVE A MESSAGE|CALL HOME|CALL BACK|FOLLOW|LEARN|VISUAL""".replace("\n", "").split("|")


def below_hundred(n):
    if n < 10:
        return ONES[n]
    if n < 20:
        return TEENS[n - 10]
    return TENS[n // 10 - 2] + (" " + ONES[n % 10] if n % 10 else "")


def number(n):
    parts = []
    for size, name in (1_000_000, "MILLION"), (1000, "THOUSAND"), (100, "HUNDRED"):
        if n >= size:
            parts += [number(n // size), name]
            n %= size
            if size == 100 and n and random.random() < 0.3:
                parts.append("AND")
    if n or not parts:
        parts.append(below_hundred(n))
    return " ".join(parts)


def digits(count):
    zero = "OH" if random.random() < 0.3 else "ZERO"
    said = [random.choice(ONES[1:] + [zero]) for _ in range(count)]
    if count > 3 and random.random() < 0.1:
        said[random.randrange(count)] = "DOUBLE " + random.choice(ONES[1:])
    return " ".join(said)


def ordinal(n):
    return ORDINALS[n - 1] if n <= 20 else (TENS[n // 10 - 2] + " " + ORDINALS[n % 10 - 1] if n % 10 else "THIRTIETH")


def year():
    century = random.choice(["EIGHTEEN", "NINETEEN", "NINETEEN", "TWENTY"])
    n = random.randrange(1, 100)
    return century + " " + ("OH " + ONES[n] if n < 10 else below_hundred(n))


def time():
    hour = below_hundred(random.randrange(1, 13))
    minutes = random.choice(["", "THIRTY", "FIFTEEN", "FORTY FIVE", below_hundred(random.randrange(10, 60)),
                             "OH " + random.choice(ONES[1:])])
    kind = random.random()
    if kind < 0.2:
        return hour + " O'CLOCK"
    if kind < 0.4:
        return random.choice(["HALF PAST ", "QUARTER PAST ", "A QUARTER TO ", "TEN TO ", "FIVE PAST "]) + hour
    return " ".join(filter(None, [hour, minutes, random.choice(["", "A M", "P M", "IN THE MORNING"])]))


def date():
    month, day = random.choice(MONTHS), random.randrange(1, 32)
    said = random.choice([f"{month} {ordinal(day)}", f"THE {ordinal(day)} OF {month}", f"{month} {below_hundred(day)}",
                          random.choice(DAYS), f"{random.choice(DAYS)} THE {ordinal(day)}"])
    return said + (" " + year() if random.random() < 0.3 else "")


def money():
    whole = number(int(10 ** random.uniform(0, 4)))
    return random.choice([f"{whole} DOLLARS", f"{whole} DOLLARS AND {below_hundred(random.randrange(1, 100))} CENTS",
                          f"{whole} POUNDS", f"{whole} EURO", f"{below_hundred(random.randrange(1, 100))} PERCENT"])


def spelled(words):
    if random.random() < 0.3:
        return " ".join(random.choice(ALPHABET) for _ in range(random.choice([1, 1, 1, 2, 3, 4])))
    return " ".join(letter for letter in random.choice(words) if letter in ALPHABET)


def sentence(words):
    makers = [(12, lambda: digits(1)), (8, lambda: digits(random.randrange(2, 12))),
              (6, lambda: number(int(10 ** random.uniform(0, 5)))), (3, time), (3, date), (2, year), (3, money),
              (12, lambda: spelled(words)), (4, lambda: spelled(words) + " " + digits(random.randrange(1, 5))),
              (4, lambda: random.choice(ANSWERS)), (8, lambda: random.choice(COMMANDS)),
              (6, lambda: random.choice(words[300:]))]
    return random.choices([maker for _, maker in makers], [weight for weight, _ in makers])[0]()


if len(sys.argv) != 4:
    sys.exit(__doc__.splitlines()[0])
random.seed(int(sys.argv[2]))
with open(sys.argv[3], encoding="utf-8") as lines:
    vocabulary = [line.split()[0].upper() for line in lines if line.strip()]
for _ in range(int(sys.argv[1])):
    print(sentence(vocabulary))
