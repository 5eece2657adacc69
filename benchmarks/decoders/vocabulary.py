"""Vocabularies of both kinds, trained on a text: byte-level BPE as Qwen2 has it, and BPE of SentencePiece as Llama 2 has it."""

import collections
import heapq
import os
import tempfile

import numpy as np
import regex
import sentencepiece

QWEN2 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
NORMAL, UNKNOWN, CONTROL, BYTE = 1, 2, 3, 6


def byte_characters():
    """The characters by which byte-level BPE writes bytes."""
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [i for i in range(256) if i not in kept]
    return {**{i: chr(i) for i in kept}, **{b: chr(256 + k) for k, b in enumerate(rest)}}


class Bytes:
    """Byte-level BPE: 256 bytes, a token for each merge, and the end of a text."""

    END = "<|endoftext|>"

    def __init__(self, text, size):
        self.characters = byte_characters()
        words = collections.Counter(regex.findall(QWEN2, text))
        pieces = {w: [self.characters[b] for b in w.encode()] for w in words}
        self.tokens = [self.characters[i] for i in range(256)]
        self.merges = []
        pairs, users = collections.Counter(), collections.defaultdict(set)
        for word, count in words.items():
            for pair in zip(pieces[word], pieces[word][1:]):
                pairs[pair] += count
                users[pair].add(word)
        heap = [(-count, pair) for pair, count in pairs.items()]
        heapq.heapify(heap)
        while len(self.tokens) < size - 1:
            count, best = heapq.heappop(heap)
            if -count != pairs[best]:
                continue
            self.merges.append(best)
            self.tokens.append("".join(best))
            changed = set()
            for word in users.pop(best):
                for pair in zip(pieces[word], pieces[word][1:]):
                    pairs[pair] -= words[word]
                    changed.add(pair)
                pieces[word] = joined(pieces[word], best)
                for pair in zip(pieces[word], pieces[word][1:]):
                    pairs[pair] += words[word]
                    users[pair].add(word)
                    changed.add(pair)
            for pair in changed:
                if pairs[pair] > 0:
                    heapq.heappush(heap, (-pairs[pair], pair))
        self.tokens.append(self.END)
        self.ids = {t: i for i, t in enumerate(self.tokens)}
        self.rank = {m: i for i, m in enumerate(self.merges)}
        self.cache = {}

    def encode(self, text):
        ids = []
        for word in regex.findall(QWEN2, text):
            if word not in self.cache:
                parts = [self.characters[b] for b in word.encode()]
                while len(parts) > 1:
                    best = min(zip(parts, parts[1:]), key=lambda p: self.rank.get(p, 1 << 30))
                    if best not in self.rank:
                        break
                    parts = joined(parts, best)
                self.cache[word] = [self.ids[p] for p in parts]
            ids += self.cache[word]
        return ids

    def gguf(self):
        end = len(self.tokens) - 1
        return {
            "tokenizer.ggml.model": "gpt2",
            "tokenizer.ggml.pre": "qwen2",
            "tokenizer.ggml.tokens": self.tokens,
            "tokenizer.ggml.token_type": np.array([NORMAL] * end + [CONTROL], "<i4"),
            "tokenizer.ggml.merges": [" ".join(m) for m in self.merges],
            "tokenizer.ggml.bos_token_id": end,
            "tokenizer.ggml.eos_token_id": end,
            "tokenizer.ggml.add_bos_token": False,
        }

    def json(self):
        whole = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}
        split = {"type": "Split", "pattern": {"Regex": QWEN2}, "behavior": "Isolated", "invert": False}
        return {
            "version": "1.0",
            "added_tokens": [special(len(self.tokens) - 1, self.END)],
            "normalizer": None,
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": [split, whole]},
            "post_processor": whole,
            "decoder": whole,
            "model": {
                "type": "BPE",
                "dropout": None,
                "unk_token": None,
                "byte_fallback": False,
                "fuse_unk": False,
                "ignore_merges": False,
                "vocab": {t: i for t, i in self.ids.items() if t != self.END},
                "merges": [list(m) for m in self.merges],
            },
        }


class Pieces:
    """BPE of SentencePiece, with tokens for bytes. The text is not normalised, and a space is put before it."""

    def __init__(self, text, size):
        with tempfile.TemporaryDirectory() as folder:
            sentences, prefix = os.path.join(folder, "text"), os.path.join(folder, "model")
            with open(sentences, "w") as f:
                f.write(text)
            sentencepiece.SentencePieceTrainer.train(
                input=sentences,
                model_prefix=prefix,
                model_type="bpe",
                vocab_size=size,
                byte_fallback=True,
                normalization_rule_name="identity",
                remove_extra_whitespaces=False,
                num_threads=1,
                minloglevel=2,
            )
            self.model = sentencepiece.SentencePieceProcessor(model_file=prefix + ".model")
        m = self.model
        self.tokens = [m.id_to_piece(i) for i in range(m.vocab_size())]
        self.scores = [m.get_score(i) for i in range(m.vocab_size())]

    def encode(self, text):
        return self.model.encode(text)

    def kind(self, i):
        m = self.model
        return UNKNOWN if m.is_unknown(i) else CONTROL if m.is_control(i) else BYTE if m.is_byte(i) else NORMAL

    def gguf(self):
        return {
            "tokenizer.ggml.model": "llama",
            "tokenizer.ggml.pre": "default",
            "tokenizer.ggml.tokens": self.tokens,
            "tokenizer.ggml.scores": np.array(self.scores, "<f4"),
            "tokenizer.ggml.token_type": np.array([self.kind(i) for i in range(len(self.tokens))], "<i4"),
            "tokenizer.ggml.unknown_token_id": 0,
            "tokenizer.ggml.bos_token_id": 1,
            "tokenizer.ggml.eos_token_id": 2,
            "tokenizer.ggml.add_bos_token": False,
            "tokenizer.ggml.add_eos_token": False,
        }

    def json(self):
        ids = {t: i for i, t in enumerate(self.tokens)}
        merges = [
            (ids[token], ids[token[:k]], [token[:k], token[k:]])
            for i, token in enumerate(self.tokens)
            if self.kind(i) == NORMAL
            for k in range(1, len(token))
            if token[:k] in ids and token[k:] in ids
        ]
        space = "\u2581"
        return {
            "version": "1.0",
            "added_tokens": [special(i, self.tokens[i]) for i in range(3)],
            "normalizer": {
                "type": "Sequence",
                "normalizers": [
                    {"type": "Prepend", "prepend": space},
                    {"type": "Replace", "pattern": {"String": " "}, "content": space},
                ],
            },
            "pre_tokenizer": None,
            "post_processor": None,
            "decoder": {
                "type": "Sequence",
                "decoders": [
                    {"type": "Replace", "pattern": {"String": space}, "content": " "},
                    {"type": "ByteFallback"},
                    {"type": "Fuse"},
                    {"type": "Strip", "content": " ", "start": 1, "stop": 0},
                ],
            },
            "model": {
                "type": "BPE",
                "dropout": None,
                "unk_token": self.tokens[0],
                "byte_fallback": True,
                "fuse_unk": True,
                "ignore_merges": False,
                "vocab": ids,
                "merges": [m for _, _, m in sorted(merges)],
            },
        }


def joined(parts, pair):
    """Parts in which each occurrence of a pair is one part."""
    out, i = [], 0
    while i < len(parts):
        both = i + 1 < len(parts) and (parts[i], parts[i + 1]) == pair
        out.append("".join(pair) if both else parts[i])
        i += 2 if both else 1
    return out


def special(i, content):
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": i, "content": content, **flags, "special": True}
