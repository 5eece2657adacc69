package dev.tenon.text.file;

import dev.tenon.formats.MalformedModelException;
import dev.tenon.text.model.BytePairs;
import dev.tenon.text.model.Merges;
import dev.tenon.text.model.Unigram;
import dev.tenon.text.model.WordLevel;
import dev.tenon.text.model.WordPiece;
import dev.tenon.text.stage.TokenModel;
import dev.tenon.text.stage.Vocabulary;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads models. */
final class TokenModelReader {
    private TokenModelReader() {}

    static TokenModel read(JsonValue json) {
        return switch (json.find("type").map(JsonValue::text).orElse(guessed(json))) {
            case "WordPiece" -> wordPiece(json);
            case "BPE" -> bytePairs(json);
            case "Unigram" -> unigram(json);
            case "WordLevel" -> {
                Vocabulary vocabulary = vocabulary(json.get("vocab"));
                yield new WordLevel(vocabulary, idOf(vocabulary, json.get("unk_token")));
            }
            default -> throw json.get("type").unsupported("WordPiece, BPE, Unigram or WordLevel");
        };
    }

    // Files of old versions do not name the model.
    private static String guessed(JsonValue json) {
        if (json.find("merges").isPresent()) {
            return "BPE";
        }
        if (json.get("vocab").value() instanceof List) {
            return "Unigram";
        }
        return json.find("continuing_subword_prefix").isPresent() ? "WordPiece" : "WordLevel";
    }

    private static Vocabulary vocabulary(JsonValue json) {
        Map<String, Integer> ids = HashMap.newHashMap(json.members().size());
        for (Map.Entry<String, Object> entry : json.members().entrySet()) {
            // The usual case needs no path for an error message.
            boolean plain =
                    entry.getValue() instanceof Double id && id >= 0 && id < Integer.MAX_VALUE && id == Math.rint(id);
            ids.put(
                    entry.getKey(),
                    plain
                            ? ((Double) entry.getValue()).intValue()
                            : json.get(entry.getKey()).id());
        }
        return new Vocabulary(ids);
    }

    private static int idOf(Vocabulary vocabulary, JsonValue token) {
        int id = vocabulary.id(token.text());
        if (id == TokenModel.NONE) {
            throw token.wrong("a token of the vocabulary");
        }
        return id;
    }

    private static TokenModel wordPiece(JsonValue json) {
        Vocabulary vocabulary = vocabulary(json.get("vocab"));
        return new WordPiece(
                vocabulary,
                json.get("continuing_subword_prefix").text(),
                idOf(vocabulary, json.get("unk_token")),
                json.get("max_input_chars_per_word").integer(0, Integer.MAX_VALUE));
    }

    private static TokenModel bytePairs(JsonValue json) {
        Optional<JsonValue> dropout = json.find("dropout");
        if (dropout.isPresent() && dropout.get().number() != 0) {
            throw dropout.get().unsupported("null or 0, because dropout makes tokens random");
        }
        Vocabulary vocabulary = vocabulary(json.get("vocab"));
        String prefix = json.text("continuing_subword_prefix", "");
        BytePairs.Settings settings = new BytePairs.Settings(
                json.find("unk_token").map(token -> idOf(vocabulary, token)).orElse(TokenModel.NONE),
                json.flag("fuse_unk", false),
                json.flag("byte_fallback", false),
                json.flag("ignore_merges", false),
                prefix,
                json.text("end_of_word_suffix", ""));
        return new BytePairs(vocabulary, merges(json.get("merges"), vocabulary, prefix), settings);
    }

    private static Merges merges(JsonValue json, Vocabulary vocabulary, String prefix) {
        List<?> all = json.list();
        Merges merges = new Merges(all.size());
        int rank = 0;
        for (int i = 0; i < all.size(); i++) {
            String left;
            String right;
            if (all.get(i) instanceof String line) {
                if (line.startsWith("#version")) {
                    continue;
                }
                int space = line.indexOf(' ');
                if (space < 0 || line.indexOf(' ', space + 1) >= 0) {
                    throw json.item(i).wrong("two tokens with a space between them");
                }
                left = line.substring(0, space);
                right = line.substring(space + 1);
            } else if (all.get(i) instanceof List<?> pair
                    && pair.size() == 2
                    && pair.getFirst() instanceof String first
                    && pair.getLast() instanceof String second) {
                left = first;
                right = second;
            } else {
                throw json.item(i).wrong("two tokens");
            }
            if (!merges.put(vocabulary, left, right, prefix.length(), rank++)) {
                throw new MalformedModelException(
                        json.item(i).thing(),
                        "\"" + left + "\" and \"" + right + "\"",
                        "tokens of the vocabulary, which also has the token that they become",
                        "fetch the file again");
            }
        }
        return merges;
    }

    private static TokenModel unigram(JsonValue json) {
        JsonValue vocab = json.get("vocab");
        List<?> all = vocab.list();
        Map<String, Integer> ids = HashMap.newHashMap(all.size());
        double[] scores = new double[all.size()];
        for (int i = 0; i < scores.length; i++) {
            if (!(all.get(i) instanceof List<?> pair && pair.size() == 2 && pair.getFirst() instanceof String token)) {
                throw vocab.item(i).wrong("a token and its score");
            }
            scores[i] = vocab.item(i).item(1).number();
            ids.put(token, i);
        }
        if (scores.length == 0) {
            throw vocab.wrong("at least one token");
        }
        int unknown =
                json.find("unk_id").map(id -> id.integer(0, scores.length - 1)).orElse(TokenModel.NONE);
        return new Unigram(new Vocabulary(ids), scores, unknown, json.flag("byte_fallback", false));
    }
}
