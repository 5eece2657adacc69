package dev.tenon.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.testkit.Texts;
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

    private static Tokenizer tokenizer;

    @BeforeAll
    static void load() {
        tokenizer = Tokenizer.load(TokenizerModels.miniLm());
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
                Agreement.check(text, tokenizer.encode(text), oracle.encode(text));
            }
            sameBatch(Texts.all(), tokenizer, oracle);
        }
    }

    @Test
    void paddedToTheLongestOfAtMost256() {
        Tokenizer sample = longest256();
        try (HuggingFaceOracle oracle =
                HuggingFaceOracle.of(TokenizerModels.miniLm()).longestAtMost(256)) {
            List<String> texts = new ArrayList<>(Texts.all());
            for (String text : texts) {
                Agreement.check(text, sample.encode(text), oracle.encode(text));
            }
            Collections.shuffle(texts, new Random(SEED));
            for (int i = 0; i + 8 <= texts.size(); i += 8) {
                sameBatch(texts.subList(i, i + 8), sample, oracle);
            }
        }
    }

    @Test
    void pairs() {
        Tokenizer sample = longest256();
        try (HuggingFaceOracle own = HuggingFaceOracle.of(TokenizerModels.miniLm());
                HuggingFaceOracle longer =
                        HuggingFaceOracle.of(TokenizerModels.miniLm()).longestAtMost(256)) {
            List<String> texts = Texts.all();
            Random random = new Random(SEED);
            for (String first : texts) {
                String second = texts.get(random.nextInt(texts.size()));
                Agreement.check(first, second, tokenizer.encode(first, second), own.encode(first, second));
                Agreement.check(first, second, sample.encode(first, second), longer.encode(first, second));
            }
        }
    }

    @Test
    void randomTexts(TestReporter reporter) {
        reporter.publishEntry("seed", String.valueOf(SEED));
        Random random = new Random(SEED);
        Tokenizer sample = longest256();
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

    private static Tokenizer longest256() {
        return tokenizer.with(TokenizerOptions.standard().maxLength(256).padding(Padding.longest()));
    }

    private static void sameBatch(List<String> texts, Tokenizer ours, HuggingFaceOracle oracle) {
        List<Encoding> rows = ours.encodeAll(texts);
        List<HuggingFaceOracle.Row> expected = oracle.encodeBatch(texts);
        assertThat(rows).hasSameSizeAs(expected);
        for (int i = 0; i < texts.size(); i++) {
            Agreement.check(texts.get(i), rows.get(i), expected.get(i));
        }
    }
}
