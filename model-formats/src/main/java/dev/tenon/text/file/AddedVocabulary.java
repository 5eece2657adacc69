package dev.tenon.text.file;

import dev.tenon.text.model.AddedTokens;
import dev.tenon.text.stage.AlignedText;
import dev.tenon.text.stage.TextNormalizer;
import dev.tenon.text.stage.TokenModel;
import dev.tenon.text.stage.Vocabulary;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tokens that a file adds to the vocabulary of its model. Immutable.
 *
 * @param raw the tokens that are found in the text before normalization
 * @param normalized the tokens that are found in normalized text
 * @param contents the text of each id
 * @param ids the id of each text
 * @param special the ids of special tokens, which decoding may leave out
 */
public record AddedVocabulary(
        AddedTokens raw,
        AddedTokens normalized,
        Map<Integer, String> contents,
        Map<String, Integer> ids,
        Set<Integer> special) {
    /** The most characters that normalization may make of a token, before it takes some away, as a multiple of the most. */
    private static final int EXPANDED = 16;

    /** Copies the maps. Hash maps with trees stay fast whatever keys a file has; maps of {@code Map.copyOf} do not. */
    public AddedVocabulary {
        contents = Collections.unmodifiableMap(new HashMap<>(contents));
        ids = Collections.unmodifiableMap(new HashMap<>(ids));
        special = Collections.unmodifiableSet(new HashSet<>(special));
    }

    // Special tokens precede the others, because the first of two tokens that normalize to the same text is used.
    static AddedVocabulary read(List<JsonValue> items, Vocabulary vocabulary, TextNormalizer normalizer) {
        List<JsonValue> sorted = new ArrayList<>(items);
        sorted.sort((a, b) ->
                Boolean.compare(b.get("special").flag(), a.get("special").flag()));
        List<AddedTokens.Token> raw = new ArrayList<>();
        List<AddedTokens.Token> normalized = new ArrayList<>();
        Map<Integer, String> contents = new HashMap<>();
        Map<String, Integer> ids = new HashMap<>();
        Set<Integer> special = new HashSet<>();
        for (JsonValue item : sorted) {
            AddedTokens.Token token = token(item, vocabulary);
            if (token.content().isEmpty()) {
                continue;
            }
            if (contents.put(token.id(), token.content()) != null || ids.put(token.content(), token.id()) != null) {
                throw item.get("content").wrong("each added token and each id once");
            }
            if (item.get("special").flag()) {
                special.add(token.id());
            }
            if (item.get("normalized").flag()) {
                normalized.add(normalized(token, item, normalizer));
            } else {
                raw.add(token);
            }
        }
        return new AddedVocabulary(new AddedTokens(raw), new AddedTokens(normalized), contents, ids, special);
    }

    private static AddedTokens.Token token(JsonValue json, Vocabulary vocabulary) {
        JsonValue id = json.get("id");
        String content = json.get("content").text();
        checkLength(content, json);
        int known = vocabulary.id(content);
        if (known != TokenModel.NONE && known != id.id()) {
            throw id.wrong("the vocabulary's id " + known + " of \"" + content + "\"");
        }
        return new AddedTokens.Token(
                content,
                id.id(),
                json.get("single_word").flag(),
                json.get("lstrip").flag(),
                json.get("rstrip").flag());
    }

    private static void checkLength(String content, JsonValue json) {
        if (content.codePointCount(0, content.length()) > AddedTokens.MAX_LENGTH) {
            throw json.get("content").wrong("at most " + AddedTokens.MAX_LENGTH + " characters");
        }
    }

    private static AddedTokens.Token normalized(AddedTokens.Token token, JsonValue json, TextNormalizer normalizer) {
        AlignedText text = AlignedText.of(token.content(), EXPANDED * AddedTokens.MAX_LENGTH);
        normalizer.normalize(text);
        if (text.length() == 0) {
            throw json.get("content").wrong("a text that is not empty after normalization");
        }
        String content = new String(text.codePoints(), 0, text.length());
        checkLength(content, json);
        return new AddedTokens.Token(content, token.id(), token.singleWord(), token.takesLeft(), token.takesRight());
    }
}
