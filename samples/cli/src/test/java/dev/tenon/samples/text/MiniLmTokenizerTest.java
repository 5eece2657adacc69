package dev.tenon.samples.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/** The tokenizer of all-MiniLM-L6-v2 gives the tokens of the reference implementation. */
class MiniLmTokenizerTest {
    private static final long SEED = Long.getLong("tenon.samples.seed", 20250917L);
    private static final int RANDOM_TEXTS = 6000;

    private static WordPieceTokenizer tokenizer;

    @BeforeAll
    static void load() throws IOException {
        tokenizer = WordPieceTokenizer.load(TokenizerModels.miniLm());
    }

    @Test
    void theCollectionIsLargeEnough() {
        assertThat(Texts.all()).hasSizeGreaterThan(200);
    }

    @Test
    void theFileAsksFor128TokensAlways() {
        assertThat(tokenizer.maxLength()).hasValue(128);
        assertThat(tokenizer.padding()).isEqualTo(Padding.fixed(128));
        assertThat(tokenizer.encode("short").length()).isEqualTo(128);
        assertThat(tokenizer.encode("long ".repeat(400)).length()).isEqualTo(128);
    }

    @Test
    void withTheFilesOwnSettings() {
        try (HuggingFaceOracle oracle = HuggingFaceOracle.of(TokenizerModels.miniLm())) {
            for (String text : Texts.all()) {
                same(text, tokenizer.encode(text), oracle.encode(text));
            }
            sameBatch(Texts.all(), tokenizer, oracle);
        }
    }

    @Test
    void paddedToTheLongestOfAtMost256() {
        WordPieceTokenizer sample = tokenizer.withMaxLength(256).withPadding(Padding.longest());
        try (HuggingFaceOracle oracle =
                HuggingFaceOracle.of(TokenizerModels.miniLm()).longestAtMost(256)) {
            List<String> texts = new ArrayList<>(Texts.all());
            for (String text : texts) {
                same(text, sample.encode(text), oracle.encode(text));
            }
            Collections.shuffle(texts, new Random(SEED));
            for (int i = 0; i + 8 <= texts.size(); i += 8) {
                sameBatch(texts.subList(i, i + 8), sample, oracle);
            }
        }
    }

    @Test
    void pairs() {
        WordPieceTokenizer sample = tokenizer.withMaxLength(256).withPadding(Padding.longest());
        try (HuggingFaceOracle own = HuggingFaceOracle.of(TokenizerModels.miniLm());
                HuggingFaceOracle longer =
                        HuggingFaceOracle.of(TokenizerModels.miniLm()).longestAtMost(256)) {
            List<String> texts = Texts.all();
            Random random = new Random(SEED);
            for (String first : texts) {
                String second = texts.get(random.nextInt(texts.size()));
                same(first + " / " + second, tokenizer.encode(first, second), own.encode(first, second));
                same(first + " / " + second, sample.encode(first, second), longer.encode(first, second));
            }
        }
    }

    @Test
    void randomTexts(TestReporter reporter) {
        reporter.publishEntry("seed", String.valueOf(SEED));
        Random random = new Random(SEED);
        WordPieceTokenizer sample = tokenizer.withMaxLength(256).withPadding(Padding.longest());
        try (HuggingFaceOracle own = HuggingFaceOracle.of(TokenizerModels.miniLm());
                HuggingFaceOracle longer =
                        HuggingFaceOracle.of(TokenizerModels.miniLm()).longestAtMost(256)) {
            for (int i = 0; i < RANDOM_TEXTS; i += 6) {
                List<String> texts = new ArrayList<>();
                for (int j = 0; j < 6; j++) {
                    texts.add(Texts.random(random));
                }
                sameBatch(texts, tokenizer, own);
                sameBatch(texts, sample, longer);
            }
        }
    }

    private static void sameBatch(List<String> texts, WordPieceTokenizer ours, HuggingFaceOracle oracle) {
        Batch batch = ours.encodeBatch(texts);
        List<Encoding> expected = oracle.encodeBatch(texts);
        assertThat(batch.size()).isEqualTo(expected.size());
        for (int i = 0; i < texts.size(); i++) {
            same(texts.get(i), batch.row(i), expected.get(i));
        }
    }

    private static void same(String text, Encoding actual, Encoding expected) {
        assertThat(actual).as(() -> "seed " + SEED + ", " + Texts.escaped(text)).isEqualTo(expected);
    }
}
