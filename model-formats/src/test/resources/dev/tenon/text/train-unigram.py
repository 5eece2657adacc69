"""Trains a Unigram model with SentencePiece and writes it as a tokenizer.json, as Hugging Face's converters do.

Arguments: the file of sentences, the file to write, the size of the vocabulary, "bytes" for tokens that stand for bytes.
"""

import base64
import json
import struct
import sys

import sentencepiece

sentences, target, size, fallback = sys.argv[1:5]
sentencepiece.SentencePieceTrainer.train(
    input=sentences,
    model_prefix=target,
    model_type="unigram",
    vocab_size=int(size),
    hard_vocab_limit=False,
    character_coverage=0.98,
    byte_fallback=fallback == "bytes",
    num_threads=1,
    minloglevel=2,
)


def fields(message):
    """The fields of a message of Protocol Buffers: number and value."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        tag = varint()
        wire = tag & 7
        if wire == 0:
            yield tag >> 3, varint()
        else:
            length = varint() if wire == 2 else 4 if wire == 5 else 8
            yield tag >> 3, message[at : at + length]
            at += length


with open(target + ".model", "rb") as file:
    model = file.read()

vocabulary = []
charsmap = b""
for number, value in fields(model):
    if number == 1:
        piece = dict(fields(value))
        vocabulary.append([piece[1].decode(), struct.unpack("<f", piece[2])[0]])
    elif number == 3:
        charsmap = dict(fields(value))[2]

mark = "\u2581"
names = [token for token, _ in vocabulary]


def added(token):
    return {
        "id": names.index(token),
        "content": token,
        "single_word": False,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
        "special": True,
    }


end = {"id": "</s>", "ids": [names.index("</s>")], "tokens": ["</s>"]}
metaspace = {"type": "Metaspace", "replacement": mark, "prepend_scheme": "always", "split": True}
document = {
    "version": "1.0",
    "truncation": None,
    "padding": None,
    "added_tokens": [added(token) for token in ("<unk>", "<s>", "</s>")],
    "normalizer": {
        "type": "Sequence",
        "normalizers": [
            {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(charsmap).decode()},
            {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
        ],
    },
    "pre_tokenizer": metaspace,
    "post_processor": {
        "type": "TemplateProcessing",
        "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
        "pair": [
            {"Sequence": {"id": "A", "type_id": 0}},
            {"SpecialToken": {"id": "</s>", "type_id": 0}},
            {"Sequence": {"id": "B", "type_id": 0}},
            {"SpecialToken": {"id": "</s>", "type_id": 0}},
        ],
        "special_tokens": {"</s>": end},
    },
    "decoder": metaspace,
    "model": {
        "type": "Unigram",
        "unk_id": names.index("<unk>"),
        "vocab": vocabulary,
        "byte_fallback": fallback == "bytes",
    },
}
with open(target, "w", encoding="utf-8") as file:
    json.dump(document, file, ensure_ascii=False)
