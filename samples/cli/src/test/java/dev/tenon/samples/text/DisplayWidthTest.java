package dev.tenon.samples.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.testkit.Texts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DisplayWidthTest {
    @ParameterizedTest
    @CsvSource({
        "'', 0",
        "abc, 3",
        "\u00E9, 1",
        "e\u0301, 1",
        "\u4E2D\u6587, 4",
        "\uD55C\uAD6D\uC5B4, 6",
        "\u1112\u1161\u11AB, 2",
        "\u30AB\u3099, 2",
        "\uFF76\uFF9E, 2",
        "\uFF21\uFF01, 4",
        "\uD840\uDC00, 2",
        "\uD83D\uDE00, 2",
        "\uD83D\uDC68\u200D\uD83D\uDC69\u200D\uD83D\uDC67, 2",
        "\uD83D\uDC4D\uD83C\uDFFD, 2",
        "\uD83C\uDDE9\uD83C\uDDEA, 2",
        "\u2764\uFE0F, 2",
        "\u2764, 1",
        "\u05E9\u05DC\u05D5\u05DD, 4",
        "\u0645\u064F\u062D, 2",
        "a\u200Bb, 2"
    })
    void columns(String text, int width) {
        assertThat(DisplayWidth.of(text)).as(Texts.escaped(text)).isEqualTo(width);
    }

    @Test
    void fitsByAnEllipsis() {
        assertThat(DisplayWidth.fit("sentence", 8)).isEqualTo("sentence");
        assertThat(DisplayWidth.fit("sentence", 7)).isEqualTo("senten\u2026");
        assertThat(DisplayWidth.fit("sentence", 1)).isEqualTo("\u2026");
        assertThat(DisplayWidth.fit("two words", 5)).isEqualTo("two\u2026");
    }

    @Test
    void cutsNoGlyphInTwo() {
        assertThat(DisplayWidth.fit("\u4E2D\u6587\u5B57", 5)).isEqualTo("\u4E2D\u6587\u2026");
        assertThat(DisplayWidth.fit("\u4E2D\u6587\u5B57", 4)).isEqualTo("\u4E2D\u2026");
        assertThat(DisplayWidth.fit("e\u0301e\u0301e\u0301", 2)).isEqualTo("e\u0301\u2026");
        String family = "\uD83D\uDC68\u200D\uD83D\uDC69\u200D\uD83D\uDC67";
        assertThat(DisplayWidth.fit(family + family, 3)).isEqualTo(family + "\u2026");
        assertThat(DisplayWidth.fit(family + family, 2)).isEqualTo("\u2026");
    }

    @Test
    void whatFitsIsNeverWider() {
        for (String text : Texts.all()) {
            for (int columns = 1; columns < 40; columns += 3) {
                assertThat(DisplayWidth.of(DisplayWidth.fit(text, columns)))
                        .as(Texts.escaped(text))
                        .isLessThanOrEqualTo(columns);
            }
        }
    }
}
