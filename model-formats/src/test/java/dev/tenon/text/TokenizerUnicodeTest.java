package dev.tenon.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.testkit.Exhaustive;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compares code points with the reference implementation. A code point in a word shows its class: it splits the word,
 * it is removed, or it stays. The test also compares its decomposition, its order among marks, and its lower case. It
 * fails on a JDK with another version of Unicode.
 */
class TokenizerUnicodeTest {
    private static final int PER_TEXT = 512;
    private static final int SPACING_MARK_9 = 0x1BAA;
    private static final int SPACING_MARK_216 = 0x1D165;
    private static final int SPACING_MARK_224 = 0x302E;
    private static final int SPACING_MARK_226 = 0x1D16D;

    /** All code points below this one are tested; of the others some are, unless the exhaustive tests run. */
    private static final int ALL_BELOW = 0x3400;

    @TempDir
    private Path folder;

    @Test
    void everyCodePointInMiniLm() {
        Tokenizer ours = Tokenizer.load(
                TokenizerModels.miniLm(),
                TokenizerOptions.standard().maxLength(1 << 20).padding(Padding.longest()));
        try (HuggingFaceOracle oracle =
                HuggingFaceOracle.of(TokenizerModels.miniLm()).longestAtMost(1 << 20)) {
            List<Integer> all = codePoints(false);
            if (Exhaustive.isOn()) {
                assertThat(all).hasSize(Character.MAX_CODE_POINT + 1 - 2048);
            }
            checkInWords(all, ours, oracle);
        }
    }

    @Test
    void everyAssignedCodePointWithAVocabularyOfThemAll() {
        List<Integer> assigned = codePoints(true);
        String model = modelOf(assigned);
        for (String normalizer : List.of(
                TokenizerJson.normalizer(true, true, null, true),
                TokenizerJson.normalizer(false, false, true, false),
                TokenizerJson.normalizer(false, false, false, true))) {
            TokenizerJson json = TokenizerJson.small().with("model", model).with("normalizer", normalizer);
            Tokenizer ours = Tokenizer.load(json.write(folder));
            try (HuggingFaceOracle oracle = HuggingFaceOracle.of(json.text())) {
                checkInWords(assigned, ours, oracle);
                checkAmongMarks(assigned, ours, oracle);
            }
        }
    }

    static List<String> changes() {
        List<String> all = new ArrayList<>();
        for (String type : List.of("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt")) {
            all.add("{\"type\":\"" + type + "\"}");
        }
        List<String> sets = new ArrayList<>(List.of("\\p{L}", "\\p{N}", "[\\p{P}\\p{S}]", "\\s", "[^\\w]"));
        if (Exhaustive.isOn()) {
            sets.addAll(
                    List.of("\\p{M}", "\\w", "\\d", "[\\p{Lu}\\p{Lt}]", "\\p{Ll}", "\\p{Lm}", "\\p{Lo}", "\\p{Han}"));
        }
        for (String set : sets) {
            all.add("{\"type\":\"Replace\",\"pattern\":{\"Regex\":" + TokenizerJson.quoted(set)
                    + "},\"content\":\"a\"}");
        }
        return all;
    }

    /** The tokens of bytes show each character of the result. */
    @ParameterizedTest
    @MethodSource("changes")
    void everyAssignedCodePointThroughNormalizers(String normalizer) {
        check(normalizer, "null");
    }

    static List<String> cuts() {
        return List.of(
                "{\"type\":\"Whitespace\"}",
                "{\"type\":\"WhitespaceSplit\"}",
                "{\"type\":\"Digits\",\"individual_digits\":true}",
                "{\"type\":\"Punctuation\",\"behavior\":\"Removed\"}");
    }

    /** A removed character and the number of words show the class of each character. */
    @ParameterizedTest
    @MethodSource("cuts")
    void everyAssignedCodePointThroughPreTokenizers(String preTokenizer) {
        check("null", preTokenizer);
    }

    private void check(String normalizer, String preTokenizer) {
        String json = "{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\"added_tokens\":[],\"normalizer\":"
                + normalizer
                + ",\"pre_tokenizer\":" + preTokenizer + ",\"post_processor\":null,\"decoder\":null,\"model\":"
                + TokenizerJson.bytePairs(false) + "}";
        Tokenizer ours = Tokenizer.load(TokenizerJson.write(folder, json));
        List<Integer> all = codePoints(true);
        try (HuggingFaceOracle oracle = HuggingFaceOracle.of(json)) {
            for (int i = 0; i < all.size(); i += PER_TEXT) {
                StringBuilder text = new StringBuilder();
                for (int c : all.subList(i, Math.min(all.size(), i + PER_TEXT))) {
                    text.append(c % 2 == 0 ? "xx" : "x").appendCodePoint(c);
                }
                Agreement.check(text.toString(), ours.encode(text.toString()), oracle.encode(text.toString()));
            }
        }
    }

    private static void checkInWords(List<Integer> codePoints, Tokenizer ours, HuggingFaceOracle oracle) {
        for (int i = 0; i < codePoints.size(); i += PER_TEXT) {
            List<Integer> some = codePoints.subList(i, Math.min(codePoints.size(), i + PER_TEXT));
            StringBuilder text = new StringBuilder();
            for (int c : some) {
                text.append(" a").appendCodePoint(c).append("b ").appendCodePoint(c);
            }
            same(text.toString(), ours, oracle);
        }
    }

    // The position of a mark among marks of four combining classes shows its own class.
    private static void checkAmongMarks(List<Integer> codePoints, Tokenizer ours, HuggingFaceOracle oracle) {
        int[] marks = {SPACING_MARK_9, SPACING_MARK_216, SPACING_MARK_224, SPACING_MARK_226};
        for (int i = 0; i < codePoints.size(); i += PER_TEXT) {
            StringBuilder text = new StringBuilder();
            for (int c : codePoints.subList(i, Math.min(codePoints.size(), i + PER_TEXT))) {
                int type = Character.getType(c);
                if (type != Character.NON_SPACING_MARK && type != Character.COMBINING_SPACING_MARK) {
                    continue;
                }
                text.append(" a");
                for (int mark : marks) {
                    text.appendCodePoint(mark).appendCodePoint(c);
                }
                text.append("b");
                for (int mark : marks) {
                    text.appendCodePoint(c).appendCodePoint(mark);
                }
            }
            same(text.toString(), ours, oracle);
        }
    }

    private static void same(String text, Tokenizer ours, HuggingFaceOracle oracle) {
        Encoding actual = ours.encode(text);
        HuggingFaceOracle.Row expected = oracle.encode(text);
        if (!Arrays.equals(Arrays.stream(actual.ids()).asLongStream().toArray(), expected.ids())) {
            for (String word : text.split(" ", -1)) {
                Agreement.check(word, ours.encode(word), oracle.encode(word));
            }
        }
        Agreement.check(text, actual, expected);
    }

    private static List<Integer> codePoints(boolean assignedOnly) {
        List<Integer> codePoints = new ArrayList<>();
        for (int c = 0; c <= Character.MAX_CODE_POINT; c += c < ALL_BELOW ? 1 : Exhaustive.step(17)) {
            boolean surrogate = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
            boolean kept = !assignedOnly
                    || (Character.isDefined(c) && (Character.getType(c) != Character.PRIVATE_USE || c % 1024 == 0));
            if (!surrogate && kept) {
                codePoints.add(c);
            }
        }
        return codePoints;
    }

    // Each code point is both a word and a continuing token.
    private static String modelOf(List<Integer> codePoints) {
        StringBuilder vocabulary = new StringBuilder("\"[PAD]\":0,\"[UNK]\":1,\"[CLS]\":2,\"[SEP]\":3");
        int id = 4;
        for (int c : codePoints) {
            String quoted = TokenizerJson.quoted(Character.toString(c));
            vocabulary.append(",").append(quoted).append(":").append(id++);
            vocabulary
                    .append(",\"##")
                    .append(quoted, 1, quoted.length())
                    .append(":")
                    .append(id++);
        }
        return TokenizerJson.model(vocabulary.toString());
    }
}
