package dev.tenon.samples.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WordPieceTokenizerTest {
    private static WordPieceTokenizer small;
    private static WordPieceTokenizer miniLm;

    @TempDir
    private static Path folder;

    @BeforeAll
    static void load() throws IOException {
        small = WordPieceTokenizer.load(TokenizerJson.small().write(folder));
        miniLm = WordPieceTokenizer.load(TokenizerModels.miniLm());
    }

    @Test
    void encodesAPair() {
        Encoding pair = small.encode("ab c", "abc");
        assertThat(pair.ids()).containsExactly(2, 10, 6, 3, 11, 3);
        assertThat(pair.typeIds()).containsExactly(0, 0, 0, 0, 1, 1);
        assertThat(pair.attentionMask()).containsExactly(1, 1, 1, 1, 1, 1);
    }

    @Test
    void takesTheLongestPieceFirst() {
        assertThat(small.encode("abcbc").ids()).containsExactly(2, 11, 12, 3);
        assertThat(small.encode("abz").ids()).containsExactly(2, 1, 3);
    }

    @Test
    void laysABatchOutRowByRow() {
        Batch batch = small.withPadding(Padding.longest()).encodeBatch(List.of("a", "", "a b"));
        assertThat(batch.shape()).containsExactly(3, 4);
        assertThat(batch.ids()).containsExactly(2, 4, 3, 0, 2, 3, 0, 0, 2, 4, 5, 3);
        assertThat(batch.attentionMask()).containsExactly(1, 1, 1, 0, 1, 1, 0, 0, 1, 1, 1, 1);
        assertThat(batch.typeIds()).containsOnly(0);
        assertThat(batch.row(1).ids()).containsExactly(2, 3, 0, 0);
        assertThatThrownBy(() -> batch.row(3)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void aBatchOfNothingIsEmpty() {
        Batch batch = miniLm.encodeBatch(List.of());
        assertThat(batch.shape()).containsExactly(0, 0);
        assertThat(batch.ids()).isEmpty();
    }

    @Test
    void rowsOfDifferentLengthAreNoBatch() {
        assertThatThrownBy(() -> small.encodeBatch(List.of("a", "a b c")))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("text 0 has 3 tokens, another text has 5")
                .hasMessageContaining("Padding.longest()");
        assertThat(small.encodeBatch(List.of("a", "b")).shape()).containsExactly(2, 3);
    }

    @Test
    void settingsReplaceTheFilesAndLeaveTheOriginalAlone() {
        WordPieceTokenizer changed = miniLm.withMaxLength(256).withPadding(Padding.none());
        assertThat(changed.maxLength()).hasValue(256);
        assertThat(changed.encode("word ".repeat(300)).length()).isEqualTo(256);
        assertThat(changed.encode("word").length()).isEqualTo(3);
        assertThat(changed.withoutMaxLength().encode("word ".repeat(300)).length())
                .isEqualTo(302);
        assertThat(changed.withPadding(Padding.fixed(5)).encode("word").length())
                .isEqualTo(5);
        assertThat(miniLm.maxLength()).hasValue(128);
        assertThat(small.maxLength()).isEmpty();
        assertThat(small.withMaxLength(4).encode("a b c a").ids()).containsExactly(2, 4, 5, 3);
    }

    @Test
    void aMaximumBelowTheSpecialTokensIsRefused() {
        assertThat(miniLm.withMaxLength(2)
                        .withPadding(Padding.none())
                        .encode("word")
                        .length())
                .isEqualTo(2);
        for (int tokens : new int[] {1, 0, -1, Integer.MIN_VALUE}) {
            assertThatThrownBy(() -> miniLm.withMaxLength(tokens))
                    .isInstanceOf(TokenizerException.class)
                    .hasMessageContaining(String.valueOf(tokens))
                    .hasMessageContaining("2 special tokens");
        }
        WordPieceTokenizer two = miniLm.withMaxLength(2);
        assertThatThrownBy(() -> two.encode("a", "b"))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("3 special tokens");
    }

    @Test
    void anUnpairedSurrogateCountsAsTheReplacementCharacter() throws IOException {
        String vocabulary = TokenizerJson.model("[PAD]", "[UNK]", "[CLS]", "[SEP]", "\uFFFD", "##\uFFFD", "a", "##a");
        WordPieceTokenizer kept = WordPieceTokenizer.load(TokenizerJson.small()
                .with("model", vocabulary)
                .with("normalizer", TokenizerJson.normalizer(false, true, null, true))
                .write(folder));
        for (String text : List.of(
                "\uD800",
                "\uDC00",
                "a\uD800",
                "a\uDC00a",
                "\uDC00\uD800",
                "a\uD83D",
                "\uD83Da\uDE00",
                "\uD800\uD800\uDC00")) {
            String replaced = replaced(text);
            assertThat(kept.encode(text)).as(Texts.escaped(text)).isEqualTo(kept.encode(replaced));
            assertThat(miniLm.encode(text)).as(Texts.escaped(text)).isEqualTo(miniLm.encode(replaced));
        }
        assertThat(kept.encode("a\uD800a").ids()).containsExactly(2, 6, 5, 7, 3);
        assertThat(miniLm.encode("a\uD800b")).isEqualTo(miniLm.encode("ab"));
    }

    @Test
    void hugeTextsAreCutOrRefused() {
        String long1 = "unaffable \u00E9t\u00E9 ".repeat(200_000);
        assertThat(miniLm.encode(long1)).isEqualTo(miniLm.encode(long1.substring(0, 2000)));
        String tooLong = "a".repeat(WordPieceTokenizer.MAX_TEXT_LENGTH + 1);
        assertThatThrownBy(() -> miniLm.encode(tooLong))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("16777217")
                .hasMessageContaining("16777216");
    }

    // Insertion sort of this run of marks would take 10^12 steps.
    @Test
    void aMillionMarksInTheWrongOrderAreNoTrouble() {
        String marks = "a" + "\u0301".repeat(1_000_000) + "\u0316".repeat(1_000_000) + " b";
        assertThat(miniLm.encode(marks)).isEqualTo(miniLm.encode("a b"));
    }

    @Test
    void aBatchThatIsTooLargeIsRefused() {
        WordPieceTokenizer wide = miniLm.withPadding(Padding.fixed(Padding.MAX_FIXED));
        assertThatThrownBy(() -> wide.encodeBatch(Collections.nCopies(17, "a")))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("17825792 tokens")
                .hasMessageContaining("16777216");
        assertThatThrownBy(() -> Padding.fixed(Padding.MAX_FIXED + 1)).isInstanceOf(TokenizerException.class);
        assertThatThrownBy(() -> Padding.fixed(-1)).isInstanceOf(TokenizerException.class);
    }

    @Test
    void manyThreadsShareOneTokenizer() throws InterruptedException, ExecutionException {
        List<String> texts = Texts.all();
        List<Encoding> expected = texts.stream().map(miniLm::encode).toList();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<List<Encoding>>> results = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                results.add(
                        threads.submit(() -> texts.stream().map(miniLm::encode).toList()));
            }
            for (Future<List<Encoding>> result : results) {
                assertThat(result.get()).isEqualTo(expected);
            }
        }
    }

    @Test
    void equalityIsByContent() {
        assertThat(small.encode("a")).isEqualTo(small.encode("a")).hasSameHashCodeAs(small.encode("a"));
        assertThat(small.encode("a")).isNotEqualTo(small.encode("b"));
        assertThat(small.encodeBatch(List.of("a")))
                .isEqualTo(small.encodeBatch(List.of("a")))
                .isNotEqualTo(small.encodeBatch(List.of("b")));
        assertThat(small.encode("a").toString()).contains(Arrays.toString(new long[] {2, 4, 3}));
    }

    private static String replaced(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints()
                .forEach(c ->
                        out.appendCodePoint(c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c));
        return out.toString();
    }
}
