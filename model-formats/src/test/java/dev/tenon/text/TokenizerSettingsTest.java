package dev.tenon.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each setting of a tokenizer file has the same effect as in the reference implementation. */
class TokenizerSettingsTest {
    private static final int ADDED = 33;
    private static final String[] PARTS = {
        "a",
        "ab",
        "abc",
        "x",
        " ",
        "  ",
        "\t",
        "\u00A0",
        ".",
        "[",
        "]",
        "[CLS]",
        "[SEP]",
        "<t>",
        "<T>",
        "<tt>",
        "day",
        "Day",
        "DAY",
        "D\u00C1Y",
        "\u00E9",
        "E\u0301",
        "\u00C9",
        "\u0130",
        "i\u0307",
        "\u4E2D",
        "a\u4E2Da",
        "\u000B",
        "\u0001",
        "\u200B",
        "_",
        "1",
        "\u0301",
        "\uD83D\uDE00",
        "\uFFFD",
        "\u2028",
        "-"
    };

    @TempDir
    private Path folder;

    @Test
    void normalizerFlags() {
        for (int flags = 0; flags < 8; flags++) {
            for (Boolean strip : new Boolean[] {null, true, false}) {
                boolean clean = (flags & 1) != 0;
                boolean ideographs = (flags & 2) != 0;
                boolean lower = (flags & 4) != 0;
                check(TokenizerJson.small()
                        .with("normalizer", TokenizerJson.normalizer(clean, ideographs, strip, lower)));
            }
        }
    }

    @Test
    void addedTokenFlags() {
        for (String flags : new String[] {
            "", "single_word", "lstrip", "rstrip", "lstrip rstrip", "single_word lstrip rstrip", "plain", "plain lstrip"
        }) {
            for (boolean normalized : new boolean[] {false, true}) {
                check(TokenizerJson.small()
                        .plusAdded(
                                TokenizerJson.added(ADDED, "<t>", flags, normalized),
                                TokenizerJson.added(ADDED + 1, "<t>a", flags, normalized),
                                TokenizerJson.added(ADDED + 2, "D\u00E1y", flags, normalized),
                                TokenizerJson.added(ADDED + 3, " a", flags, normalized)));
            }
        }
    }

    @Test
    void rawAndNormalizedTokensTogether() {
        check(TokenizerJson.small()
                .plusAdded(
                        TokenizerJson.added(ADDED, "<T>", "plain rstrip", false),
                        TokenizerJson.added(ADDED + 1, "<TT>", "plain lstrip", true),
                        TokenizerJson.added(27, "day", "plain single_word", true)));
    }

    @Test
    void truncationAndPadding() {
        for (String direction : new String[] {"Left", "Right"}) {
            for (int max : new int[] {2, 3, 4, 7, 10}) {
                for (String padding : new String[] {
                    "null",
                    padding("\"BatchLongest\"", direction, "null"),
                    padding("{\"Fixed\":9}", direction, "null"),
                    padding("\"BatchLongest\"", direction, "4"),
                    padding("{\"Fixed\":5}", "Right", "3")
                }) {
                    check(TokenizerJson.small()
                            .with("truncation", truncation(direction, max, "LongestFirst"))
                            .with("padding", padding));
                }
            }
        }
    }

    @Test
    void pairsAreCutByTheStrategy() {
        for (String direction : new String[] {"Left", "Right"}) {
            for (int max = 3; max <= 12; max++) {
                TokenizerJson json =
                        TokenizerJson.small().with("truncation", truncation(direction, max, "LongestFirst"));
                checkPairs(json, 6);
            }
        }
        checkPairs(TokenizerJson.small().with("truncation", truncation("Right", 9, "OnlyFirst")), 1);
        checkPairs(TokenizerJson.small().with("truncation", truncation("Left", 9, "OnlySecond")), 1);
    }

    @Test
    void templatesCanDoMoreThanBert() {
        String twoIds = "{\"id\":\"[SEP]\",\"ids\":[3,1,3],\"tokens\":[\"[SEP]\",\"[UNK]\",\"[SEP]\"]}";
        check(TokenizerJson.small()
                .edited("post_processor", "{\"id\":\"[SEP]\",\"ids\":[3],\"tokens\":[\"[SEP]\"]}", twoIds)
                .with("truncation", truncation("Right", 6, "LongestFirst")));
        check(TokenizerJson.small().edited("post_processor", "\"A\",\"type_id\":0", "\"A\",\"type_id\":5"));
    }

    @Test
    void modelSettings() {
        check(TokenizerJson.small().edited("model", "\":100", "\":2"));
        check(TokenizerJson.small().edited("model", "\":100", "\":0"));
        check(TokenizerJson.small().edited("model", "prefix\":\"##\"", "prefix\":\"\""));
        check(TokenizerJson.small().edited("model", "prefix\":\"##\"", "prefix\":\"@\""));
        check(TokenizerJson.small().edited("model", "\"unk_token\":\"[UNK]\"", "\"unk_token\":\"x\""));
        String astral = TokenizerJson.model(
                "[PAD]", "[UNK]", "[CLS]", "[SEP]", "\uD83D\uDE00", "##\uD83D\uDE00", "a", "##a", "x", "##x");
        check(TokenizerJson.small().with("model", astral).edited("model", "\":100", "\":3"));
    }

    @Test
    void strategiesThatCannotCutSaySo() {
        Tokenizer second = Tokenizer.load(TokenizerJson.small()
                .with("truncation", truncation("Right", 5, "OnlySecond"))
                .write(folder));
        assertThat(second.encode("a b c").length()).isEqualTo(5);
        assertThatThrownBy(() -> second.encode("a b c a"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("OnlySecond")
                .hasMessageContaining("maximum length");
        assertThatThrownBy(() -> second.encode("a b c", "a"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("second text");
    }

    private void check(TokenizerJson json) {
        try (HuggingFaceOracle oracle = HuggingFaceOracle.of(json.text())) {
            Tokenizer ours = Tokenizer.load(json.write(folder));
            Random random = new Random(7);
            for (int i = 0; i < 120; i++) {
                String text = text(random);
                Agreement.check(text, ours.encode(text), oracle.encode(text));
            }
            if (!ours.padding().equals(Padding.none())) {
                checkBatches(ours, oracle, random);
            }
        }
    }

    private static void checkBatches(Tokenizer ours, HuggingFaceOracle oracle, Random random) {
        for (int i = 0; i < 20; i++) {
            List<String> texts = new ArrayList<>();
            for (int j = 0; j < 4; j++) {
                texts.add(text(random));
            }
            List<HuggingFaceOracle.Row> expected = oracle.encodeBatch(texts);
            List<Encoding> rows = ours.encodeAll(texts);
            for (int j = 0; j < texts.size(); j++) {
                Agreement.check(texts.get(j), rows.get(j), expected.get(j));
            }
            if (expected.stream()
                            .mapToInt(HuggingFaceOracle.Row::length)
                            .distinct()
                            .count()
                    > 1) {
                assertThatThrownBy(() -> Batch.of(rows)).isInstanceOf(InvalidInputException.class);
                continue;
            }
            Batch batch = Batch.of(rows);
            for (int j = 0; j < texts.size(); j++) {
                assertThat(batch.row(j)).isEqualTo(expected.get(j).ids());
            }
        }
    }

    private void checkPairs(TokenizerJson json, int longest) {
        try (HuggingFaceOracle oracle = HuggingFaceOracle.of(json.text())) {
            Tokenizer ours = Tokenizer.load(json.write(folder));
            for (int first = 0; first <= longest; first++) {
                for (int second = 0; second <= longest; second++) {
                    String a = "a b c a b c".substring(0, Math.max(0, 2 * first - 1));
                    String b = "b b c c x x".substring(0, Math.max(0, 2 * second - 1));
                    Agreement.check(a, b, ours.encode(a, b), oracle.encode(a, b));
                }
            }
        }
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        int parts = random.nextInt(14);
        for (int i = 0; i < parts; i++) {
            text.append(PARTS[random.nextInt(PARTS.length)]);
        }
        return text.toString();
    }

    private static String truncation(String direction, int max, String strategy) {
        return "{\"direction\":\"%s\",\"max_length\":%d,\"strategy\":\"%s\",\"stride\":0}"
                .formatted(direction, max, strategy);
    }

    private static String padding(String strategy, String direction, String multiple) {
        return ("{\"strategy\":%s,\"direction\":\"%s\",\"pad_to_multiple_of\":%s,\"pad_id\":7,\"pad_type_id\":3,"
                        + "\"pad_token\":\"[PAD]\"}")
                .formatted(strategy, direction, multiple);
    }

    private static String withoutUnknown(String unknown, boolean byteFallback) {
        return "{\"added_tokens\":[],\"normalizer\":null,\"pre_tokenizer\":null,\"post_processor\":null,\"decoder\":null,"
                + "\"model\":" + TokenizerJson.unigram(byteFallback).replace("\"unk_id\":0,", unknown) + "}";
    }

    @Test
    void aUnigramModelNeedsNoTokenForTheUnknown() {
        for (String unknown : new String[] {"\"unk_id\":null,", ""}) {
            String json = withoutUnknown(unknown, false);
            Tokenizer ours = Tokenizer.load(TokenizerJson.write(folder, json));
            try (HuggingFaceOracle oracle = HuggingFaceOracle.of(json)) {
                for (String text : new String[] {"", "a", "xyabcab", "the 12 bcabc", "a\u0301 \u0120\u2581ab"}) {
                    Agreement.check(text, ours.encode(text), oracle.encode(text));
                }
                assertThatThrownBy(() -> ours.encode("ab\u03A9\u4E2Dc"))
                        .isInstanceOf(InvalidInputException.class)
                        .hasMessageContaining("'\u03A9\u4E2D' (U+03A9)")
                        .hasMessageContaining("unk_id");
                assertThatThrownBy(() -> oracle.encode("ab\u03A9\u4E2Dc")).isInstanceOf(RuntimeException.class);
            }
        }
    }

    @Test
    void tokensOfBytesSpellWhatIsUnknownToAUnigramModel() {
        String json = withoutUnknown("\"unk_id\":null,", true);
        Tokenizer ours = Tokenizer.load(TokenizerJson.write(folder, json));
        try (HuggingFaceOracle oracle = HuggingFaceOracle.of(withoutUnknown("\"unk_id\":0,", true))) {
            for (String text : new String[] {"ab\u03A9\u4E2Dc", "\u4E2D", "x\uD83D\uDE00the"}) {
                Agreement.check(text, ours.encode(text), oracle.encode(text));
            }
        }
    }
}
