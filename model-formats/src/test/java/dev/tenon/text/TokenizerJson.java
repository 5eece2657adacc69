package dev.tenon.text;

import dev.tenon.text.normalize.ByteCharacters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/**
 * Writes tokenizer files for tests. Immutable.
 *
 * @param parts the JSON text of each member of the document
 */
record TokenizerJson(Map<String, String> parts) {
    /** A small BERT file with five special tokens, some words and word pieces, no truncation and no padding. */
    static TokenizerJson small() {
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put("version", "\"1.0\"");
        parts.put("truncation", "null");
        parts.put("padding", "null");
        parts.put(
                "added_tokens",
                "[" + added(0, "[PAD]", "", false) + "," + added(1, "[UNK]", "", false) + ","
                        + added(2, "[CLS]", "", false) + "," + added(3, "[SEP]", "", false) + "]");
        parts.put("normalizer", normalizer(true, true, null, true));
        parts.put("pre_tokenizer", "{\"type\":\"BertPreTokenizer\"}");
        parts.put("post_processor", """
            {"type":"TemplateProcessing",
             "single":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},
                       {"SpecialToken":{"id":"[SEP]","type_id":0}}],
             "pair":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},
                     {"SpecialToken":{"id":"[SEP]","type_id":0}},{"Sequence":{"id":"B","type_id":1}},
                     {"SpecialToken":{"id":"[SEP]","type_id":1}}],
             "special_tokens":{"[CLS]":{"id":"[CLS]","ids":[2],"tokens":["[CLS]"]},
                               "[SEP]":{"id":"[SEP]","ids":[3],"tokens":["[SEP]"]}}}\
            """);
        parts.put(
                "model",
                model(
                        "[PAD]",
                        "[UNK]",
                        "[CLS]",
                        "[SEP]",
                        "a",
                        "b",
                        "c",
                        "##a",
                        "##b",
                        "##c",
                        "ab",
                        "abc",
                        "##bc",
                        "A",
                        "E",
                        "e",
                        "\u00E9",
                        "##\u00E9",
                        "i",
                        "##i",
                        "\u0307",
                        "##\u0307",
                        "\u4E2D",
                        "##\u4E2D",
                        ".",
                        "[",
                        "]",
                        "day",
                        "Day",
                        "x",
                        "##x",
                        "\u000B",
                        "a\u4E2Da"));
        return new TokenizerJson(parts);
    }

    /** This document with another value of a member; without the member if the text is null. */
    TokenizerJson with(String name, String json) {
        Map<String, String> changed = new LinkedHashMap<>(parts);
        if (json == null) {
            changed.remove(name);
        } else {
            changed.put(name, json);
        }
        return new TokenizerJson(changed);
    }

    /** This document with a part of the text of a member replaced. */
    TokenizerJson edited(String name, String from, String to) {
        String old = parts.get(name);
        if (!old.contains(from)) {
            throw new IllegalArgumentException(name + " does not contain " + from);
        }
        return with(name, old.replace(from, to));
    }

    /** This document with more added tokens at the end. */
    TokenizerJson plusAdded(String... tokens) {
        String old = parts.get("added_tokens");
        return with("added_tokens", old.substring(0, old.length() - 1) + "," + String.join(",", tokens) + "]");
    }

    String text() {
        StringJoiner text = new StringJoiner(",\n", "{", "}");
        parts.forEach((name, json) -> text.add("\"" + name + "\":" + json));
        return text.toString();
    }

    Path write(Path folder) {
        return write(folder, text());
    }

    static Path write(Path folder, String json) {
        try {
            return Files.writeString(Files.createTempFile(folder, "tokenizer", ".json"), json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The JSON of an added token. Flags are words from the list plain (not special), single_word, lstrip, rstrip. */
    static String added(int id, String content, String flags, boolean normalized) {
        return ("{\"id\":%d,\"content\":%s,\"single_word\":%b,\"lstrip\":%b,\"rstrip\":%b,\"normalized\":%b,"
                        + "\"special\":%b}")
                .formatted(
                        id,
                        quoted(content),
                        flags.contains("single_word"),
                        flags.contains("lstrip"),
                        flags.contains("rstrip"),
                        normalized,
                        !flags.contains("plain"));
    }

    static String normalizer(boolean clean, boolean ideographs, Boolean strip, boolean lower) {
        return ("{\"type\":\"BertNormalizer\",\"clean_text\":%b,\"handle_chinese_chars\":%b,\"strip_accents\":%s,"
                        + "\"lowercase\":%b}")
                .formatted(clean, ideographs, strip, lower);
    }

    static String model(String... tokens) {
        StringJoiner vocabulary = new StringJoiner(",");
        for (int i = 0; i < tokens.length; i++) {
            vocabulary.add(quoted(tokens[i]) + ":" + i);
        }
        return model(vocabulary.toString());
    }

    static String model(String vocabulary) {
        return "{\"type\":\"WordPiece\",\"unk_token\":\"[UNK]\",\"continuing_subword_prefix\":\"##\","
                + "\"max_input_chars_per_word\":100,\"vocab\":{" + vocabulary + "}}";
    }

    /** The JSON of a byte-pair model: characters that stand for bytes, or letters, tokens for bytes and some words. */
    static String bytePairs(boolean byteCharacters) {
        List<String> tokens = new ArrayList<>(List.of("<unk>", "<x>"));
        List<String> merges = new ArrayList<>();
        if (byteCharacters) {
            for (int b = 0; b < 256; b++) {
                tokens.add(Character.toString(ByteCharacters.character(b)));
            }
        } else {
            for (int b = 0; b < 256; b++) {
                tokens.add(String.format(Locale.ROOT, "<0x%02X>", b));
            }
            for (String letter :
                    "abcdefghijklmnopqrstuvwxyzABC0123456789 .,_?!\u2581\u00E9\u4E2D\u0430\u0301".split("", -1)) {
                if (!letter.isEmpty()) {
                    tokens.add(letter);
                }
            }
        }
        String mark = byteCharacters ? Character.toString(ByteCharacters.space()) : "\u2581";
        for (String pair :
                List.of("a b", "ab c", "b c", "t h", "th e", mark + " a", mark + "a b", "1 2", "a a", "aa aa")) {
            merges.add(quoted(pair));
            tokens.add(pair.replace(" ", ""));
        }
        StringJoiner vocabulary = new StringJoiner(",");
        for (int i = 0; i < tokens.size(); i++) {
            vocabulary.add(quoted(tokens.get(i)) + ":" + i);
        }
        return "{\"type\":\"BPE\",\"dropout\":null,\"unk_token\":\"<unk>\",\"continuing_subword_prefix\":null,"
                + "\"end_of_word_suffix\":null,\"fuse_unk\":true,\"byte_fallback\":" + !byteCharacters
                + ",\"ignore_merges\":false,\"vocab\":{" + vocabulary + "},\"merges\":[" + String.join(",", merges)
                + "]}";
    }

    /** The JSON of a Unigram model of a few tokens, in which most characters are unknown. */
    static String unigram(boolean byteFallback) {
        StringJoiner vocabulary = new StringJoiner(",");
        vocabulary.add("[\"<unk>\",0.0]").add("[\"x\",-1.0]").add("[\"xy\",-3.0]");
        String[] tokens = {
            "a", "b", "c", "ab", "abc", "bc", " ", "\u2581", "\u2581a", "\u0120", "the", "t", "h", "e", "1", "12",
            "\u0301"
        };
        for (int i = 0; i < tokens.length; i++) {
            vocabulary.add("[" + quoted(tokens[i]) + "," + (-2.5 - i * 7 % 5) + "]");
        }
        for (int b = 0; b < 256 && byteFallback; b++) {
            vocabulary.add(String.format(Locale.ROOT, "[\"<0x%02X>\",-9.0]", b));
        }
        return "{\"type\":\"Unigram\",\"unk_id\":0,\"byte_fallback\":" + byteFallback + ",\"vocab\":[" + vocabulary
                + "]}";
    }

    static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c == '"' || c == '\\' || (c >= 0x7F && c < 0xA0)) {
                out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }
}
