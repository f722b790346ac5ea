"""The training corpus: hand-written answers and jokes, multiplied through wordings and layouts.

corpus/*.txt holds what a person wrote. This file turns it into an endless stream of documents
(prompt, answer), drawn with a seeded generator, so that a seed fixes the corpus byte for byte.

Question files are blocks of lines, a blank line between blocks:
  Q: a wording of the question     T: / Ts: a singular / plural topic, asked about in stock wordings
  H: a wording kept for evaluation A: the one answer
  K: keywords, one of which a right answer contains     W: weight (default 1)
"""

import random
import re
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent / "corpus"
QUESTION_FILES = ["ao.txt", "herd.txt", "arweave.txt", "llamas.txt", "life.txt", "chat.txt", "world.txt"]

STOCK = [
    "What {be} {t}?", "What {be} {t}?", "What {be} {t}?", "what {be} {t}", "What {be} {t}",
    "Tell me about {t}.", "Tell me about {t}", "Explain {t}", "Explain {t}.", "Can you explain {t}?",
    "What do you know about {t}?", "Describe {t} in one sentence.", "Define {t}.", "{t}?", "{t}",
    "So what {be} {t}?", "What can you tell me about {t}?", "Can you tell me what {t} {be}?",
    "Please explain what {t} {be}.", "I want to learn about {t}.", "Do you know what {t} {be}?",
    "I would like to know what {t} {be}.", "Please tell me about {t}.", "Give me a short answer: what {be} {t}?",
]
POLITE = ["Please tell me: ", "Hey, ", "Hello! ", "Tell me, ", "I have a question. ", "Quick question: ", "Llama, "]
JOKE_ASKS = [
    "Tell me a joke about {t}.", "Tell me a joke about {t}", "Tell a joke about {t}.", "Tell a joke about {t}",
    "tell me a joke about {t}", "A joke about {t}, please.", "Do you know a joke about {t}?", "joke about {t}",
    "Make a joke about {t}.", "Can you tell me a joke about {t}?", "I want to hear a joke about {t}.",
    "Give me a joke about {t}.", "Please tell me a joke about {t}.", "Say something funny about {t}.",
]
JOKE_SYSTEMS = [
    "Tell a joke on the given topic", "Tell a joke on the given topic", "Tell a joke on the given topic",
    "Tell a joke on the given topic.", "Tell a joke on the given topic.", "Tell a joke about the given topic.",
    "Tell a short joke on the given topic.", "You are a joker. Tell a joke on the given topic.",
    "You are the Llama Joker. Tell a joke about the topic.", "Tell a joke", "Tell jokes.",
]
CHAT_SYSTEMS = [
    "You are a helpful assistant.", "You are a helpful assistant", "You are a friendly llama.",
    "Answer the question.", "Answer in one sentence.", "You are a wise llama.", "Be brief.",
]
UNKNOWN = "I do not know much about {t}. I am a small llama, and I know AO, Arweave and jokes best."
UNKNOWN_ASKS = STOCK[:12] + [
    "How do {t} work?", "Why do people like {t}?", "Who invented {t}?", "Where can I find {t}?",
]
REPEAT_ASKS = ["Repeat after me: {t}", "Repeat: {t}", "Say: {t}", "Say {t}.", "Please repeat: {t}"]
STARTS = "br c d f g gl h k l m n p pl r s st t tr v w".split()
ENDS = "a e i o u an el in or um ock ish ing er ade ill".split()
# (before a turn's text, after it, what opens the answer): the ways that clients write the roles.
LAYOUTS = [
    ("<|{role}|>\n", "\n", "<|assistant|>\n"),
    ("<|{role}|>\n", "\n", "<|assistant|>\n"),
    ("<|{role}|>\n", "\n", "<|assistant|>"),
    ("<|{role}|>\n", "<|end|>\n", "<|assistant|>\n"),
    ("<|{role}|>\n", "<|end|>\n", "<|assistant|>"),
    ("<|{role}|>\n", "\n\n", "<|assistant|>\n"),
    ("<|{role}|> ", "\n", "<|assistant|>"),
    ("<|{role}|>", "<|end|>", "<|assistant|>"),
    ("<|{role}|>", "", "<|assistant|>"),
    ("<|{role}|>", "\n", "<|assistant|>"),
]


@dataclass
class Block:
    """One answer with every wording that asks for it."""

    answer: str = ""
    questions: list = field(default_factory=list)
    held_out: list = field(default_factory=list)
    keywords: list = field(default_factory=list)
    weight: float = 1.0


def read_lines(name):
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def read_blocks():
    blocks = []
    for name in QUESTION_FILES:
        text = re.sub(r"(?m)^#.*\n", "", (FOLDER / name).read_text(encoding="utf-8"))
        blocks += [read_block(part) for part in re.split(r"\n\s*\n", text.strip())]
    return blocks


def read_block(text):
    block = Block()
    for line in text.strip().splitlines():
        key, value = line.split(": ", 1)
        if key == "Q":
            block.questions.append(value)
        elif key == "H":
            block.held_out.append(value)
        elif key in ("T", "Ts"):
            be = "are" if key == "Ts" else "is"
            block.questions += [stock.format(t=value, be=be) for stock in STOCK]
        elif key == "A":
            block.answer = value
        elif key == "K":
            block.keywords = value.split(", ")
        elif key == "W":
            block.weight = float(value)
        else:
            raise ValueError(f"unknown line in a question file: {line}")
    block.questions = [q for q in block.questions if q not in block.held_out]
    if not block.answer or not block.questions:
        raise ValueError(f"block without an answer or a question: {text}")
    return block


def read_jokes():
    """[(names of the topic, jokes)] from jokes.txt."""
    groups = []
    for line in read_lines("jokes.txt"):
        if line.startswith("["):
            groups.append((line.strip("[]").split("; "), []))
        else:
            groups[-1][1].append(line)
    return groups


class Corpus:
    """Draws documents: a list of (prompt, answer), by kind, from one seeded generator."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.blocks = read_blocks()
        self.weights = [b.weight for b in self.blocks]
        self.jokes = read_jokes()
        self.frames = read_lines("joke-frames.txt") + read_lines("joke-frames-why.txt")
        self.topics = read_lines("topics.txt")
        asked = {question for block in self.blocks for question in block.questions}
        self.unknown_topics = [t for t in self.topics if not asked & {f"What are {t}?", f"What is {t}?"}]
        self.adjectives = read_lines("adjectives.txt")
        self.held_out_topics = read_lines("held-out-topics.txt")

    def draw(self):
        kinds = [self.draw_question, self.draw_joke, self.draw_framed_joke]
        kinds += [self.draw_sum, self.draw_unknown, self.draw_repetition]
        return self.random.choices(kinds, [30, 26, 28, 4, 5, 7])[0]()

    def draw_question(self):
        block = self.random.choices(self.blocks, self.weights)[0]
        question = self.vary(self.random.choice(block.questions))
        if self.random.random() < 0.04:
            return self.converse(question), block.answer
        if self.random.random() < 0.5:
            return self.write_plain(question), block.answer
        system = self.random.choice(CHAT_SYSTEMS) if self.random.random() < 0.5 else None
        return self.write_roles(system, question), block.answer

    def draw_joke(self):
        names, jokes = self.random.choice(self.jokes)
        name = names[0] if self.random.random() < 0.4 else self.random.choice(names)
        joke = jokes[0] if self.random.random() < 0.6 else self.random.choice(jokes)
        return self.ask_for_joke(name), joke

    def draw_framed_joke(self):
        """A joke for any topic: known topics keep to two frames of their own, new ones get any."""
        topic = self.random.choice(self.topics) if self.random.random() < 0.45 else self.invent_topic()
        own = random.Random(topic).sample(self.frames, 2)
        return self.ask_for_joke(topic), self.random.choice(own[:1] + own).format(t=topic)

    def draw_sum(self):
        a, b = self.random.randint(0, 10), self.random.randint(0, 10)
        word, sign, value = self.random.choice(
            [("plus", "+", a + b), ("times", "*", a * b), ("minus", "-", max(a, b) - min(a, b))]
        )
        if word == "minus":
            a, b = max(a, b), min(a, b)
        ask = self.random.choice(
            [
                f"What is {a} {word} {b}?", f"What is {a} {sign} {b}?",
                f"{a} {sign} {b}", f"How much is {a} {word} {b}?",
            ]
        )
        answer = f"{a} {word} {b} is {value}."
        return (self.write_plain(ask) if self.random.random() < 0.6 else self.write_roles(None, ask)), answer

    def draw_unknown(self):
        """What the model does not know, it says so."""
        kind, first, second = self.random.random(), *self.random.sample(self.unknown_topics, 2)
        if kind < 0.3:
            topic = self.random.choice(self.adjectives) + " " + first
        elif kind < 0.5:
            topic = f"the {first} of {second}"
        else:
            topic = first if kind < 0.8 else self.invent_word()
        ask = self.vary(self.random.choice(UNKNOWN_ASKS).format(t=topic, be=self.random.choice(["are", "is"])))
        answer = UNKNOWN.format(t=topic)
        return (self.write_plain(ask) if self.random.random() < 0.5 else self.write_roles(None, ask)), answer

    def draw_repetition(self):
        """An exercise in copying words, which the jokes on unseen topics live on."""
        things = [self.invent_topic() for _ in range(self.random.choice([1, 2, 2, 3]))]
        said = ", ".join(things[:-1]) + (" and " if len(things) > 1 else "") + things[-1]
        if self.random.random() < 0.5:
            return self.write_plain(self.random.choice(REPEAT_ASKS).format(t=said)), said + "."
        return self.write_roles("Repeat the given words.", said), said + "."

    def invent_topic(self):
        topic = self.random.choice(self.topics)
        kind = self.random.random()
        if kind < 0.4:
            return self.random.choice(self.adjectives) + " " + topic
        return topic if kind < 0.6 else self.invent_word()

    def ask_for_joke(self, topic):
        if self.random.random() < 0.62:
            said = topic + ("" if self.random.random() < 0.85 else self.random.choice(".! "))
            return self.write_roles(self.random.choice(JOKE_SYSTEMS), said)
        ask = self.random.choice(JOKE_ASKS).format(t=topic)
        if self.random.random() < 0.6:
            return self.write_plain(ask)
        return self.write_roles(self.random.choice(CHAT_SYSTEMS + [None]), ask)

    def vary(self, question):
        """Small liberties that people take: case, a missing question mark, a polite opening."""
        if self.random.random() < 0.12:
            question = question.lower()
        if self.random.random() < 0.12:
            question = question.rstrip("?.!")
        if self.random.random() < 0.1:
            question = self.random.choice(POLITE) + question[0].lower() + question[1:]
        return question

    def write_plain(self, question):
        return self.random.choices(
            [question, question + "\n", question + "\n\n", f"Question: {question}\nAnswer:", f"Q: {question}\nA:"],
            [60, 22, 8, 6, 4],
        )[0]

    def write_roles(self, system, question):
        return write_roles(self.random.choice(LAYOUTS), system, [question])

    def converse(self, question):
        """The question after one to three earlier turns about something else."""
        turns = []
        for earlier in self.random.choices(self.blocks, k=self.random.randint(1, 3)):
            turns += [self.random.choice(earlier.questions), earlier.answer]
        return write_roles(self.random.choice(LAYOUTS), None, turns + [question])

    def invent_word(self):
        """A word that nobody knows: it teaches the model to repeat a topic it has never seen."""
        count = self.random.choice([2, 2, 3])
        word = "".join(self.random.choice(STARTS) + self.random.choice(ENDS) for _ in range(count))
        return word + self.random.choice(["", "s", "s", "ers"])


def write_roles(layout, system, turns):
    """The prompt of a client: a system line if there is one, user and assistant turns, an open answer."""
    before, after, opening = layout
    said = [("system", system)] if system else []
    said += [(("user", "assistant")[i % 2], text) for i, text in enumerate(turns)]
    return "".join(before.format(role=role) + text + after for role, text in said) + opening


if __name__ == "__main__":
    corpus = Corpus(seed=1)
    print(len(corpus.blocks), "answers", sum(len(j) for _, j in corpus.jokes), "jokes", len(corpus.frames), "frames")
    for _ in range(12):
        print(corpus.draw())
