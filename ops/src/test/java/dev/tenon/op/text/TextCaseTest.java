package dev.tenon.op.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.tenon.budget.WorkBudget;
import dev.tenon.budget.WorkLimits;
import dev.tenon.error.ResourceLimitException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Long texts have the case that the JDK gives them. */
class TextCaseTest {
    private static final long SEED = 20_261_129;
    private static final List<Locale> LOCALES =
            List.of(Locale.ROOT, Locale.of("tr"), Locale.of("lt"), Locale.of("el"), Locale.of("az"));

    /** Letters and marks on which rules depend, and others. */
    private static final String[] PARTS = {
        "\u03a3",
        "\u03a3",
        "a",
        "B",
        " ",
        "\u0307",
        "\u0316",
        "\u0300",
        "\u0130",
        "I",
        "i",
        "J",
        "\u012e",
        "\u00df",
        "\ufb03",
        "'",
        ".",
        "9",
        "\ud801\udc00",
        "\u4e2d",
        "\u02b0",
        "\u00ad",
        "\n",
        "\u1f80",
        "\u0345",
        "\u01c5"
    };

    private static void check(String s, Locale rules) {
        assertThat(TextCase.lower(s, rules)).as("%s in '%s'", s, rules).isEqualTo(s.toLowerCase(rules));
        assertThat(TextCase.upper(s, rules)).as("%s in '%s'", s, rules).isEqualTo(s.toUpperCase(rules));
    }

    @Test
    void textsOfWords() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < 200; i++) {
            StringBuilder s = new StringBuilder();
            int words = random.nextInt(1, 60);
            int kinds = random.nextInt(1, PARTS.length + 1);
            for (int word = 0; word < words; word++) {
                for (int k = random.nextInt(40); k > 0; k--) {
                    s.append(PARTS[random.nextInt(kinds)]);
                }
                s.append(word % 7 == 6 ? '\n' : ' ');
            }
            check(s.toString(), LOCALES.get(i % LOCALES.size()));
        }
    }

    /** No rule but that of the sigma looks beyond the marks of a letter. */
    @Test
    void wordsOfAnyLengthWithoutSigmas() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < 100; i++) {
            StringBuilder s = new StringBuilder();
            for (int k = random.nextInt(1500); k > 0; k--) {
                s.append(PARTS[random.nextInt(2, PARTS.length)]);
            }
            check(s.toString(), LOCALES.get(i % LOCALES.size()));
        }
    }

    /** What took minutes and more. */
    @ParameterizedTest
    @ValueSource(strings = {"\u03a3", "a\u03a3'", "\u0130", "\u00df", "\u03a39", "\u03a3\u0307"})
    void longTexts(String part) {
        String s = part.repeat(40_000);
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            assertThat(TextCase.lower(s, Locale.ROOT).length()).isGreaterThanOrEqualTo(s.length());
            assertThat(TextCase.upper(s, Locale.ROOT).length()).isGreaterThanOrEqualTo(s.length());
        });
    }

    @Test
    void lengthCountsForTheBudget() {
        WorkLimits limits = new WorkLimits(Long.MAX_VALUE, 100_000, "time", "operations");
        String s = "\u03a3".repeat(300_000);
        assertThatThrownBy(() -> WorkBudget.started("work", limits).run(() -> TextCase.lower(s, Locale.ROOT)))
                .isInstanceOf(ResourceLimitException.class);
        assertThatThrownBy(() -> WorkBudget.started("work", limits).run(() -> TextCase.upper(s, Locale.ROOT)))
                .isInstanceOf(ResourceLimitException.class);
    }
}
