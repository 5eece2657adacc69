package dev.tenon.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.StreamSource;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Texts;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerTest {
    private static final TokenizerOptions STANDARD = TokenizerOptions.standard();

    private static Tokenizer small;
    private static Tokenizer miniLm;

    @TempDir
    private static Path folder;

    @BeforeAll
    static void load() {
        small = Tokenizer.load(TokenizerJson.small().write(folder));
        miniLm = Tokenizer.load(TokenizerModels.miniLm());
    }

    @Test
    void encodesAPair() {
        Encoding pair = small.encode("ab c", "abc");
        assertThat(pair.ids()).containsExactly(2, 10, 6, 3, 11, 3);
        assertThat(pair.typeIds()).containsExactly(0, 0, 0, 0, 1, 1);
        assertThat(pair.attentionMask()).containsExactly(1, 1, 1, 1, 1, 1);
        assertThat(pair.sequence(2)).isZero();
        assertThat(pair.sequence(3)).isEqualTo(Encoding.NONE);
        assertThat(pair.sequence(4)).isEqualTo(1);
        assertThat(pair.word(2)).isEqualTo(1);
        assertThat(small.encodeAll(List.of("ab c"), List.of("abc"))).containsExactly(pair);
        assertThatThrownBy(() -> small.encodeAll(List.of("a"), List.of()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("1 first texts, 0 second texts");
    }

    @Test
    void textsThatAreNullAreRefused() {
        List<String> texts = Arrays.asList("a", null);
        List<ThrowingCallable> calls = List.of(
                () -> small.encode(null),
                () -> small.encode("a", null),
                () -> small.encodeAll(texts),
                () -> small.encodeAll(texts, List.of("a", "b")),
                () -> small.encodeBatch(texts));
        for (ThrowingCallable call : calls) {
            assertThatThrownBy(call)
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("text: null; allowed a text");
        }
    }

    @Test
    void takesTheLongestPieceFirst() {
        assertThat(small.encode("abcbc").ids()).containsExactly(2, 11, 12, 3);
        assertThat(small.encode("abz").ids()).containsExactly(2, 1, 3);
    }

    @Test
    void offsetsAreThoseOfTheOriginalString() {
        String text = "\uD83D\uDE00 x \u00C9 \u4E2D";
        Encoding encoding = small.encode(text);
        List<String> parts = new ArrayList<>();
        for (int i = 1; i < encoding.length() - 1; i++) {
            parts.add(text.substring(encoding.start(i), encoding.end(i)));
        }
        assertThat(parts).containsExactly("\uD83D\uDE00", "x", "\u00C9", "\u4E2D");
    }

    @Test
    void laysABatchOutRowByRow() {
        Batch batch = small.with(STANDARD.padding(Padding.longest())).encodeBatch(List.of("a", "", "a b"));
        assertThat(batch.shape()).containsExactly(3, 4);
        assertThat(batch.ids()).containsExactly(2, 4, 3, 0, 2, 3, 0, 0, 2, 4, 5, 3);
        assertThat(batch.attentionMask()).containsExactly(1, 1, 1, 0, 1, 1, 0, 0, 1, 1, 1, 1);
        assertThat(batch.typeIds()).containsOnly(0);
        assertThat(batch.row(1)).containsExactly(2, 3, 0, 0);
        assertThatThrownBy(() -> batch.row(3)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void makesTheTensorsThatAModelAsksFor() {
        Batch batch = small.encodeBatch(List.of("a b", "b a"));
        Map<String, Tensor> two = batch.tensors(List.of("attention_mask", "input_ids", "position_ids"));
        assertThat(two.keySet()).containsExactly("attention_mask", "input_ids");
        assertThat(two.get("input_ids").toLongArray()).containsExactly(2, 4, 5, 3, 2, 5, 4, 3);
        assertThat(two.get("input_ids").dim(1)).isEqualTo(4);
        assertThatThrownBy(() -> batch.tensors(List.of("x")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("input_ids");
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
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("text 1 has 5 tokens, text 0 has 3")
                .hasMessageContaining("Padding.longest()");
        assertThat(small.encodeBatch(List.of("a", "b")).shape()).containsExactly(2, 3);
    }

    @Test
    void optionsReplaceTheFilesAndLeaveTheOriginalAlone() {
        Tokenizer changed = miniLm.with(STANDARD.maxLength(256).padding(Padding.none()));
        assertThat(changed.maxLength()).hasValue(256);
        assertThat(changed.encode("word ".repeat(300)).length()).isEqualTo(256);
        assertThat(changed.encode("word").length()).isEqualTo(3);
        assertThat(changed.with(changed.options().noMaxLength())
                        .encode("word ".repeat(300))
                        .length())
                .isEqualTo(302);
        assertThat(changed.with(STANDARD.padding(Padding.fixed(5)))
                        .encode("word")
                        .length())
                .isEqualTo(5);
        assertThat(miniLm.maxLength()).hasValue(128);
        assertThat(small.maxLength()).isEmpty();
        assertThat(small.with(STANDARD.maxLength(4)).encode("a b c a").ids()).containsExactly(2, 4, 5, 3);
        assertThat(small.with(STANDARD.specialTokens(false).maxLength(1))
                        .encode("a b")
                        .ids())
                .containsExactly(4);
    }

    @Test
    void windowsShareTheirEnds() {
        Encoding first = small.with(STANDARD.maxLength(5).windows(1)).encode("a b c a b");
        assertThat(first.ids()).containsExactly(2, 4, 5, 6, 3);
        assertThat(first.overflowing()).hasSize(1);
        assertThat(first.overflowing().getFirst().ids()).containsExactly(2, 6, 4, 5, 3);
        assertThat(first.overflowing().getFirst().start(1)).isEqualTo(4);
        assertThatThrownBy(() -> small.with(STANDARD.maxLength(5).windows(3)).encode("a b c a"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("stride");
    }

    @Test
    void decodesWhatItEncoded() {
        int[] ids = miniLm.with(STANDARD.padding(Padding.none()))
                .encode("It's unaffable, isn't it?")
                .ids();
        assertThat(miniLm.decode(ids)).isEqualTo("it ' s unaffable, isn ' t it?");
        assertThat(miniLm.decode(ids, true)).startsWith("[CLS] it").endsWith(" [SEP]");
        assertThat(miniLm.decode()).isEmpty();
        assertThat(miniLm.decode(-1, 1 << 30)).isEmpty();
        assertThat(miniLm.id("[MASK]")).hasValue(103);
        assertThat(miniLm.token(103)).hasValue("[MASK]");
        assertThat(miniLm.token(-1)).isEmpty();
        assertThat(miniLm.id("no such token")).isEmpty();
    }

    @Test
    void aMaximumBelowTheSpecialTokensIsRefused() {
        assertThat(miniLm.with(STANDARD.maxLength(2).padding(Padding.none()))
                        .encode("word")
                        .length())
                .isEqualTo(2);
        for (int tokens : new int[] {1, 0}) {
            assertThatThrownBy(() -> miniLm.with(STANDARD.maxLength(tokens)))
                    .isInstanceOf(InvalidOptionException.class)
                    .hasMessageContaining(String.valueOf(tokens))
                    .hasMessageContaining("2 special tokens");
        }
        for (int tokens : new int[] {-1, Integer.MIN_VALUE}) {
            assertThatThrownBy(() -> STANDARD.maxLength(tokens)).isInstanceOf(InvalidOptionException.class);
            assertThatThrownBy(() -> STANDARD.windows(tokens)).isInstanceOf(InvalidOptionException.class);
            assertThatThrownBy(() -> STANDARD.maxTextLength(tokens)).isInstanceOf(InvalidOptionException.class);
        }
        Tokenizer two = miniLm.with(STANDARD.maxLength(2));
        assertThatThrownBy(() -> two.encode("a", "b"))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("3 special tokens");
    }

    @Test
    void anUnpairedSurrogateCountsAsTheReplacementCharacter() {
        String vocabulary = TokenizerJson.model("[PAD]", "[UNK]", "[CLS]", "[SEP]", "\uFFFD", "##\uFFFD", "a", "##a");
        Tokenizer kept = Tokenizer.load(TokenizerJson.small()
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
            String replaced = Texts.wellFormed(text);
            assertThat(kept.encode(text)).as(Texts.escaped(text)).isEqualTo(kept.encode(replaced));
            assertThat(miniLm.encode(text)).as(Texts.escaped(text)).isEqualTo(miniLm.encode(replaced));
        }
        assertThat(kept.encode("a\uD800a").ids()).containsExactly(2, 6, 5, 7, 3);
        assertThat(miniLm.encode("a\uD800b").ids())
                .isEqualTo(miniLm.encode("ab").ids());
    }

    @Test
    void hugeTextsAreCutOrRefused() {
        String long1 = "unaffable \u00E9t\u00E9 ".repeat(200_000);
        assertThat(miniLm.encode(long1)).isEqualTo(miniLm.encode(long1.substring(0, 2000)));
        String tooLong = "a".repeat(STANDARD.maxTextLength() + 1);
        assertThatThrownBy(() -> miniLm.encode(tooLong))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("4194305")
                .hasMessageContaining("4194304");
        Tokenizer shorter = miniLm.with(STANDARD.maxTextLength(3));
        assertThat(shorter.encode("abc").length()).isEqualTo(128);
        assertThatThrownBy(() -> shorter.encode("abcd")).isInstanceOf(InvalidInputException.class);
    }

    // Insertion sort of this run of marks would take 10^12 steps.
    @Test
    void aMillionMarksInTheWrongOrderAreNoTrouble() {
        String marks = "a" + "\u0301".repeat(1_000_000) + "\u0316".repeat(1_000_000) + " b";
        assertThat(miniLm.encode(marks).ids()).isEqualTo(miniLm.encode("a b").ids());
    }

    @Test
    void aBatchThatIsTooLargeIsRefused() {
        Tokenizer wide = small.with(STANDARD.padding(Padding.fixed(Padding.MAX_FIXED)));
        Encoding row = wide.encode("a");
        assertThatThrownBy(() -> Batch.of(Collections.nCopies(17, row)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("17825792 tokens")
                .hasMessageContaining("16777216");
        assertThatThrownBy(() -> Padding.fixed(Padding.MAX_FIXED + 1)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> Padding.fixed(-1)).isInstanceOf(InvalidOptionException.class);
    }

    @Test
    void aSourceOfAStreamIsOpenedReadAndClosed() {
        byte[] json = TokenizerJson.small().text().getBytes(StandardCharsets.UTF_8);
        boolean[] closed = {false};
        StreamSource source = () -> new ByteArrayInputStream(json) {
            @Override
            public void close() {
                closed[0] = true;
            }
        };
        assertThat(Tokenizer.load("small.json", source).encode("ab")).isEqualTo(small.encode("ab"));
        assertThat(closed[0]).isTrue();
        assertThatThrownBy(() -> Tokenizer.load("small.json", () -> null))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("small.json");
    }

    @Test
    void filesInThePlaceOfATokenizerAreToldApart() {
        for (String[] file : new String[][] {
            {"", "an empty file"},
            {"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "a pointer of Git LFS"},
            {"<!doctype html><html>", "an HTML page"}
        }) {
            byte[] bytes = file[0].getBytes(StandardCharsets.UTF_8);
            assertThatThrownBy(() -> Tokenizer.load("tokenizer.json", () -> new ByteArrayInputStream(bytes)))
                    .isInstanceOf(MalformedModelException.class)
                    .hasMessageContaining("tokenizer file 'tokenizer.json': " + file[1])
                    .hasMessageContaining("allowed a tokenizer.json");
        }
    }

    @Test
    void limitsHoldForFiles() {
        byte[] json = TokenizerJson.small().text().getBytes(StandardCharsets.UTF_8);
        assertThat(Tokenizer.load(new ByteArrayInputStream(json), STANDARD).encode("ab"))
                .isEqualTo(small.encode("ab"));
        for (TokenizerOptions strict : List.of(
                STANDARD.limits(STANDARD.limits().maxModelBytes(1000)),
                STANDARD.limits(STANDARD.limits().maxRecords(10)),
                STANDARD.limits(STANDARD.limits().maxNesting(3)),
                STANDARD.limits(STANDARD.limits().maxStringBytes(3)))) {
            assertThatThrownBy(() -> Tokenizer.load(new ByteArrayInputStream(json), strict))
                    .isInstanceOf(ResourceLimitException.class);
        }
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
        assertThat(small.encode("a")).isNotEqualTo(small.encode("b")).isNotEqualTo(small.encode(" a"));
        assertThat(small.encodeBatch(List.of("a")))
                .isEqualTo(small.encodeBatch(List.of("a")))
                .isNotEqualTo(small.encodeBatch(List.of("b")));
        assertThat(small.encode("a").toString()).contains(Arrays.toString(new int[] {2, 4, 3}));
    }
}
