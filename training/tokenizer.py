"""The vocabulary: SentencePiece BPE with byte fallback, the scheme of llama tokenizers.

Nothing is special but <unk>, <s> and </s>: role markers are ordinary text and a newline is the byte
token <0x0A>, so a tokenizer that only knows how to merge pairs by score reads every prompt as
training did. Trained on each distinct text once or a few times, not on the stream, so that rare
words count too.

Usage: python tokenizer.py OUT_FOLDER
"""

import sys
from pathlib import Path

import sentencepiece as spm

from corpus import LAYOUTS, JOKE_SYSTEMS, CHAT_SYSTEMS, UNKNOWN, Corpus, write_roles

VOCABULARY = 2048
UNK, BOS, EOS = 0, 1, 2
ASCII = "".join(chr(c) for c in range(33, 127))


def list_texts(seed=1):
    corpus = Corpus(seed)
    texts = []
    for block in corpus.blocks:
        texts += [block.answer] * 4 + block.questions
    for names, jokes in corpus.jokes:
        texts += jokes * 4 + names * 2
    for topic in corpus.topics + corpus.adjectives:
        texts += [topic, "<|user|>" + topic]
    texts += [frame.replace("{t}", "") for frame in corpus.frames] * 4 + [UNKNOWN.replace("{t}", "")]
    for layout in LAYOUTS:
        for system in JOKE_SYSTEMS + CHAT_SYSTEMS:
            texts.append(write_roles(layout, system, ["cats"]))
    return [line for text in texts for line in text.split("\n") if line.strip()]


def train(folder):
    spm.SentencePieceTrainer.train(
        sentence_iterator=iter(list_texts()),
        model_prefix=str(Path(folder) / "tokenizer"),
        model_type="bpe",
        vocab_size=VOCABULARY,
        byte_fallback=True,
        character_coverage=1.0,
        required_chars=ASCII,
        split_digits=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        add_dummy_prefix=True,
        unk_id=UNK, bos_id=BOS, eos_id=EOS, pad_id=-1,
        minloglevel=1,
    )


def load(folder):
    return spm.SentencePieceProcessor(model_file=str(Path(folder) / "tokenizer.model"))


def encode_prompt(sp, prompt):
    """The ids that a server makes of a prompt: BOS, then the text with a leading space."""
    return [BOS] + sp.encode(prompt)


def encode_answer(sp, answer):
    """An answer always opens with a space, whatever the prompt ended with, and closes with EOS."""
    return sp.encode(answer) + [EOS]


if __name__ == "__main__":
    train(sys.argv[1])
