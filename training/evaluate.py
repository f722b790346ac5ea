"""Measures the demo model on training/evaluation.json with greedy decoding of the quantised weights.

Usage: python evaluate.py MODEL.gguf [REPORT.json]   measure, and write every answer to REPORT.json
       python evaluate.py --cases                    write ../training/evaluation.json from the corpus
       python evaluate.py --vectors MODEL.gguf FILE  write prompts, ids and greedy ids for the tests
"""

import json
import random
import sys
from pathlib import Path

from corpus import LAYOUTS, Corpus, write_roles

CASES = Path(__file__).parent / "evaluation.json"
JOKER = "Tell a joke on the given topic"
SESSION = [
    ("What is the meaning of life?", ["life"]), ("What is AO?", ["computer", "process"]),
    ("What is Arweave?", ["store", "data"]), ("What is a llama?", ["animal"]), ("What is wAR?", ["wrapped"]),
    ("What is a herder?", ["worker", "prompts"]), ("What is a worker?", ["model"]), ("What is Lua?", ["language"]),
    ("What is friendship?", ["friend"]), ("Tell me a joke.", ["llama"]), ("Who are you?", ["llama", "model"]),
    ("Hello", ["hello", "llama"]),
]
ABOUT = {
    "decoding": "Greedy from the Q8_0 weights: always the likeliest token, until EOS or maxTokens.",
    "onTopic": "The answer contains at least one of the case's keywords, compared in lower case as substrings.",
    "wellFormed": [
        "The answer, trimmed, is not empty.",
        "It has no control character but the newline, and no U+FFFD.",
        "It ended with EOS and its last character, after closing quotes and brackets are dropped, "
        "is one of . ! ? - or it was cut at maxTokens.",
        "No run of four words (split at white space, in lower case) occurs twice.",
    ],
    "score": "The share of a group's cases whose answer is both on topic and well formed.",
    "exact": "The share of the cases with an answer field whose trimmed answer equals that field.",
}
VECTORS_ABOUT = (
    "Greedy answers of models/corral-llama.gguf by training/reference.py: weights dequantised from Q8_0, "
    "arithmetic in float32. promptIds include BOS; ids end with EOS (2) where the answer ended within maxTokens. "
    "margin is the smallest lead, in logits, of a chosen token over the second; an engine that rounds "
    "activations may differ where it is small."
)


def roles(system, user):
    return write_roles(LAYOUTS[0], system, [user])


def make_case(prompt, keywords, limit=64, answer=None):
    case = {"prompt": prompt, "keywords": keywords, "maxTokens": limit}
    return case | {"answer": answer} if answer else case


def build_groups():
    corpus, rng = Corpus(0), random.Random(7)
    ways = [lambda q: q, lambda q: roles(None, q)]
    seen = [b for b in rng.sample(corpus.blocks, 80) if b.keywords]
    held = [(q, b) for b in corpus.blocks for q in b.held_out]
    jokes = rng.sample(corpus.jokes, 50)
    return {
        "session": [make_case(q, k, 20) for q, k in SESSION] + [make_case(roles(JOKER, "cats"), ["cat"], 40)],
        "seenQuestions": [
            make_case(ways[i % 2](b.questions[0]), b.keywords, answer=b.answer) for i, b in enumerate(seen)
        ],
        "unseenWordings": [
            make_case(ways[i % 2](q), b.keywords, answer=b.answer) for i, (q, b) in enumerate(held)
        ],
        "seenJokeTopics": [make_case(roles(JOKER, names[0]), [n.lower() for n in names]) for names, _ in jokes],
        "unseenJokeTopics": [make_case(roles(JOKER, t), [t]) for t in corpus.held_out_topics]
        + [make_case(f"Tell me a joke about {t}.", [t]) for t in corpus.held_out_topics],
        "unknownQuestions": [make_case(f"What are {t}?", [t]) for t in corpus.held_out_topics],
    }


def write_cases():
    document = {"model": "corral-llama-5m", "about": ABOUT, "groups": build_groups()}
    CASES.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def is_on_topic(answer, keywords):
    return any(k in answer.lower() for k in keywords)


def is_well_formed(answer, ended):
    text = answer.strip()
    words = text.lower().split()
    runs = [tuple(words[i : i + 4]) for i in range(len(words) - 3)]
    printable = all((c == "\n" or ord(c) >= 32) and ord(c) != 127 and c != "\ufffd" for c in text)
    closed = text.rstrip("\"')").endswith((".", "!", "?")) if ended else True
    return bool(text) and printable and closed and len(runs) == len(set(runs))


def measure(path, report):
    from reference import Reference

    model, groups = Reference(path), json.loads(CASES.read_text(encoding="utf-8"))["groups"]
    scores, answers = {}, {}
    for name, cases in groups.items():
        answers[name] = [answer_case(model, case) for case in cases]
        exact = [a["exact"] for a in answers[name] if "exact" in a]
        scores[name] = {"cases": len(cases)} | {
            k: round(sum(a[k] for a in answers[name]) / len(cases), 3) for k in ("onTopic", "wellFormed", "score")
        }
        if exact:
            scores[name]["exact"] = round(sum(exact) / len(exact), 3)
        print(name, scores[name], flush=True)
    if report:
        Path(report).write_text(json.dumps({"scores": scores, "answers": answers}, indent=1, ensure_ascii=False))


def answer_case(model, case):
    ids, _ = model.generate(case["prompt"], case["maxTokens"])
    text = model.decode(ids)
    result = {"prompt": case["prompt"], "answer": text, "onTopic": is_on_topic(text, case["keywords"])}
    result["wellFormed"] = is_well_formed(text, ids[-1] == model.eos)
    result["score"] = result["onTopic"] and result["wellFormed"]
    return result | ({"exact": text.strip() == case["answer"]} if "answer" in case else {})


def write_vectors(path, target, limit=20):
    from reference import Reference

    model = Reference(path)
    prompts = [q for q, _ in SESSION[:6]] + [roles(JOKER, t) for t in ("cats", "bees", "tangerines")]
    prompts += [roles("You are a helpful assistant.", "What is Arweave?"), "3 plus 4 é\t\u4f60  ?"]
    vectors = []
    for prompt in prompts:
        ids, margin = model.generate(prompt, limit)
        vector = {"prompt": prompt, "promptIds": model.encode(prompt), "ids": ids, "text": model.decode(ids)}
        vectors.append(vector | {"margin": round(margin, 3)})
    document = {"about": VECTORS_ABOUT, "maxTokens": limit, "vectors": vectors}
    Path(target).write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1] == "--cases":
        write_cases()
    elif sys.argv[1] == "--vectors":
        write_vectors(sys.argv[2], sys.argv[3])
    else:
        measure(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
