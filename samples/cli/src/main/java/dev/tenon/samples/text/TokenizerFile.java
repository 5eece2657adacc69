package dev.tenon.samples.text;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The settings in a {@code tokenizer.json} of a BERT model. Immutable.
 *
 * @param normalizer the normalizer
 * @param model the WordPiece model
 * @param rawTokens tokens that are found in the text before normalization
 * @param normalizedTokens tokens that are found in normalized text
 * @param single the template of one text
 * @param pair the template of two texts
 * @param truncation the truncation of long texts; empty for none
 * @param padding the padding of short rows
 */
record TokenizerFile(
        BertNormalizer normalizer,
        WordPieceModel model,
        AddedTokens rawTokens,
        AddedTokens normalizedTokens,
        Template single,
        Template pair,
        Optional<Truncation> truncation,
        PaddingRule padding) {
    private static final String CURE = "this tokenizer reads only files of BERT models";

    /**
     * Reads the settings of a file.
     *
     * @param json the document
     * @return the settings
     * @throws TokenizerException if a setting is missing, out of range or of another kind of tokenizer
     */
    static TokenizerFile of(JsonValue json) {
        if (json.members().containsKey("version")) {
            json.get("version").oneOf(null, "1.0");
        }
        BertNormalizer normalizer = normalizer(json.get("normalizer"));
        json.get("pre_tokenizer").get("type").oneOf(CURE, "BertPreTokenizer");
        JsonValue model = json.get("model");
        if (model.members().containsKey("type")) {
            model.get("type").oneOf(CURE, "WordPiece");
        }
        Map<String, Integer> vocabulary = vocabulary(model.get("vocab"));
        JsonValue processor = json.get("post_processor");
        processor.get("type").oneOf(CURE, "TemplateProcessing");
        JsonValue specials = processor.get("special_tokens");
        List<List<AddedTokens.Token>> added = addedTokens(json, vocabulary, normalizer);
        return new TokenizerFile(
                normalizer,
                model(model, vocabulary),
                new AddedTokens(added.get(0)),
                new AddedTokens(added.get(1)),
                template(processor.get("single"), specials, false),
                template(processor.get("pair"), specials, true),
                json.find("truncation").map(TokenizerFile::truncation),
                json.find("padding").map(TokenizerFile::padding).orElse(PaddingRule.OFF));
    }

    private static BertNormalizer normalizer(JsonValue json) {
        json.get("type").oneOf(CURE, "BertNormalizer");
        boolean lowerCase = json.get("lowercase").flag();
        return new BertNormalizer(
                json.get("clean_text").flag(),
                json.get("handle_chinese_chars").flag(),
                json.find("strip_accents").map(JsonValue::flag).orElse(lowerCase),
                lowerCase);
    }

    private static Map<String, Integer> vocabulary(JsonValue json) {
        Map<String, Integer> vocabulary = HashMap.newHashMap(json.members().size());
        for (Map.Entry<String, Object> entry : json.members().entrySet()) {
            // The usual case needs no path for an error message.
            boolean plain = entry.getValue() instanceof Integer id && id >= 0;
            int id = plain
                    ? (Integer) entry.getValue()
                    : json.get(entry.getKey()).integer(0, Integer.MAX_VALUE);
            vocabulary.put(entry.getKey(), id);
        }
        return vocabulary;
    }

    private static WordPieceModel model(JsonValue json, Map<String, Integer> vocabulary) {
        TokenTrie trie = new TokenTrie();
        vocabulary.forEach((token, id) -> {
            if (!token.isEmpty()) {
                trie.add(token, id);
            }
        });
        JsonValue unknown = json.get("unk_token");
        Integer unknownId = vocabulary.get(unknown.text());
        if (unknownId == null) {
            throw unknown.wrong("a token of the vocabulary", null);
        }
        return new WordPieceModel(
                trie,
                json.get("continuing_subword_prefix").text(),
                unknownId,
                json.get("max_input_chars_per_word").integer(0, Integer.MAX_VALUE));
    }

    // Returns the tokens for raw text, then the tokens for normalized text. Special tokens precede the others, because
    // the first of two tokens that normalize to the same text is used.
    private static List<List<AddedTokens.Token>> addedTokens(
            JsonValue json, Map<String, Integer> vocabulary, BertNormalizer normalizer) {
        List<AddedTokens.Token> raw = new ArrayList<>();
        List<AddedTokens.Token> normalized = new ArrayList<>();
        List<JsonValue> items =
                new ArrayList<>(json.find("added_tokens").map(JsonValue::items).orElse(List.of()));
        items.sort((a, b) ->
                Boolean.compare(b.get("special").flag(), a.get("special").flag()));
        Set<Integer> ids = new HashSet<>();
        Set<String> contents = new HashSet<>();
        for (JsonValue item : items) {
            AddedTokens.Token token = addedToken(item, vocabulary);
            if (token.content().isEmpty()) {
                continue;
            }
            if (!ids.add(token.id()) || !contents.add(token.content())) {
                throw item.get("content").wrong("each added token and each id once", null);
            }
            if (!item.get("normalized").flag()) {
                raw.add(token);
                continue;
            }
            char[] content = token.content().toCharArray();
            String found = normalizer.normalize(content, 0, content.length).toString();
            if (found.isEmpty()) {
                throw item.get("content").wrong("a token that is not empty after normalization", null);
            }
            normalized.add(new AddedTokens.Token(
                    found, token.id(), token.singleWord(), token.takesLeft(), token.takesRight()));
        }
        return List.of(raw, normalized);
    }

    private static AddedTokens.Token addedToken(JsonValue json, Map<String, Integer> vocabulary) {
        JsonValue id = json.get("id");
        String content = json.get("content").text();
        int given = id.integer(0, Integer.MAX_VALUE);
        Integer known = vocabulary.get(content);
        if (known != null && known != given) {
            throw id.wrong("the vocabulary's id " + known + " of \"" + content + "\"", null);
        }
        return new AddedTokens.Token(
                content,
                given,
                json.get("single_word").flag(),
                json.get("lstrip").flag(),
                json.get("rstrip").flag());
    }

    private static Template template(JsonValue json, JsonValue specials, boolean pair) {
        List<Template.Piece> pieces = new ArrayList<>();
        for (JsonValue item : json.items()) {
            if (item.find("SpecialToken").isPresent()) {
                JsonValue token = item.get("SpecialToken");
                pieces.add(new Template.Special(
                        specialIds(specials, token.get("id")),
                        token.get("type_id").integer(0, Integer.MAX_VALUE)));
            } else if (item.find("Sequence").isPresent()) {
                JsonValue text = item.get("Sequence");
                String id = pair
                        ? text.get("id").oneOf(null, "A", "B")
                        : text.get("id").oneOf(null, "A");
                pieces.add(new Template.Text(id.equals("B"), text.get("type_id").integer(0, Integer.MAX_VALUE)));
            } else {
                throw item.wrong("an object with SpecialToken or Sequence", null);
            }
        }
        return new Template(pieces);
    }

    private static List<Integer> specialIds(JsonValue specials, JsonValue name) {
        if (specials.find(name.text()).isEmpty()) {
            throw name.wrong("a token of " + specials.path(), null);
        }
        List<Integer> ids = new ArrayList<>();
        for (JsonValue id : specials.get(name.text()).get("ids").items()) {
            ids.add(id.integer(0, Integer.MAX_VALUE));
        }
        return Collections.unmodifiableList(ids);
    }

    private static Truncation truncation(JsonValue json) {
        String direction = json.find("direction")
                .map(value -> value.oneOf(null, "Right", "Left"))
                .orElse("Right");
        // The stride is the overlap of the windows into which a long text is cut. This tokenizer keeps only the first
        // window.
        json.get("stride").integer(0, Integer.MAX_VALUE);
        Truncation.Strategy strategy =
                switch (json.get("strategy").oneOf(null, "LongestFirst", "OnlyFirst", "OnlySecond")) {
                    case "OnlyFirst" -> Truncation.Strategy.ONLY_FIRST;
                    case "OnlySecond" -> Truncation.Strategy.ONLY_SECOND;
                    default -> Truncation.Strategy.LONGEST_FIRST;
                };
        return new Truncation(json.get("max_length").integer(0, Integer.MAX_VALUE), direction.equals("Left"), strategy);
    }

    private static PaddingRule padding(JsonValue json) {
        JsonValue strategy = json.get("strategy");
        Padding padding = strategy.value() instanceof Map
                ? Padding.fixed(strategy.get("Fixed").integer(0, Padding.MAX_FIXED))
                : longest(strategy);
        return new PaddingRule(
                padding,
                json.get("direction").oneOf(null, "Right", "Left").equals("Left"),
                json.find("pad_to_multiple_of")
                        .map(value -> value.integer(0, Padding.MAX_FIXED))
                        .orElse(0),
                json.get("pad_id").integer(0, Integer.MAX_VALUE),
                json.get("pad_type_id").integer(0, Integer.MAX_VALUE));
    }

    private static Padding longest(JsonValue strategy) {
        if (!"BatchLongest".equals(strategy.value())) {
            throw strategy.wrong("\"BatchLongest\" or {\"Fixed\": length}", null);
        }
        return Padding.longest();
    }
}
