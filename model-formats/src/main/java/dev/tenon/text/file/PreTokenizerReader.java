package dev.tenon.text.file;

import dev.tenon.text.split.Splits;
import dev.tenon.text.stage.Behavior;
import dev.tenon.text.stage.PreTokenizer;
import dev.tenon.text.unicode.CharacterClasses;

/** Reads pre-tokenizers. */
final class PreTokenizerReader {
    private PreTokenizerReader() {}

    static PreTokenizer read(JsonValue json) {
        return switch (json.type()) {
            case "Sequence" ->
                Splits.sequence(json.get("pretokenizers").items().stream()
                        .map(PreTokenizerReader::read)
                        .toList());
            case "BertPreTokenizer" -> Splits.bert();
            case "Whitespace" -> Splits.words();
            case "WhitespaceSplit" -> Splits.whiteSpace();
            case "Punctuation" ->
                Splits.at(
                        Splits.characters(CharacterClasses::isPunctuation),
                        false,
                        json.find("behavior").map(PreTokenizerReader::behavior).orElse(Behavior.ISOLATED));
            case "Digits" ->
                Splits.at(
                        Splits.characters(CharacterClasses::isNumeric),
                        false,
                        json.get("individual_digits").flag() ? Behavior.ISOLATED : Behavior.CONTIGUOUS);
            case "Split" ->
                Splits.at(
                        PatternReader.read(json.get("pattern")),
                        json.get("invert").flag(),
                        behavior(json.get("behavior")));
            case "CharDelimiterSplit" -> {
                int delimiter = json.get("delimiter").character();
                yield Splits.at(Splits.characters(c -> c == delimiter), false, Behavior.REMOVED);
            }
            case "ByteLevel" -> Splits.byteLevel(json.get("add_prefix_space").flag(), json.flag("use_regex", true));
            case "Metaspace" ->
                Splits.metaspace(json.get("replacement").character(), prepending(json), json.flag("split", true));
            default ->
                throw json.get("type")
                        .unsupported(
                                "Sequence, BertPreTokenizer, Whitespace, WhitespaceSplit, Punctuation, Digits, Split,"
                                        + " CharDelimiterSplit, ByteLevel or Metaspace");
        };
    }

    private static Behavior behavior(JsonValue json) {
        return switch (json.oneOf("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous")) {
            case "Removed" -> Behavior.REMOVED;
            case "Isolated" -> Behavior.ISOLATED;
            case "MergedWithPrevious" -> Behavior.MERGED_WITH_PREVIOUS;
            case "MergedWithNext" -> Behavior.MERGED_WITH_NEXT;
            default -> Behavior.CONTIGUOUS;
        };
    }

    /** The pieces that get a mark. Older files have a flag instead. */
    static Splits.Prepending prepending(JsonValue json) {
        String scheme = json.find("prepend_scheme")
                .map(value -> value.oneOf("always", "first", "never"))
                .orElse(json.flag("add_prefix_space", true) ? "always" : "never");
        if (!scheme.equals("never") && !json.flag("add_prefix_space", true)) {
            throw json.get("add_prefix_space").wrong("true, or the prepend_scheme never");
        }
        return switch (scheme) {
            case "always" -> Splits.Prepending.ALWAYS;
            case "first" -> Splits.Prepending.FIRST;
            default -> Splits.Prepending.NEVER;
        };
    }
}
