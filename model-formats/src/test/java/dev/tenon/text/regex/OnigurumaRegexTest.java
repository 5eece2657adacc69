package dev.tenon.text.regex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.text.stage.Spans;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The classes of characters of Oniguruma, where they differ from those of RE2. */
class OnigurumaRegexTest {
    /** The characters of a text that an expression of one character matches. */
    private static String matches(String pattern, String text) {
        Spans found = new Spans();
        int[] characters = text.codePoints().toArray();
        OnigurumaRegex.of("test", pattern).find(characters, 0, characters.length, found);
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < found.size(); i++) {
            if (found.isMatch(i)) {
                out.append(new String(characters, found.from(i), found.to(i) - found.from(i)));
            }
        }
        return out.toString();
    }

    @ParameterizedTest
    @CsvSource({
        "[a-z&&[^aeiou]], abcde, bcd",
        "[^a-z&&[aeiou]], abxe, bx",
        "[a[b[c]]-], abc-d, abc-",
        "[]a], ]ab, ]a",
        "[[:alpha:][:^space:]], aα1, aα1",
        "[^[:alpha:]], aα1, 1",
        "[[:digit:]], 1٣a, 1٣",
        "[[:]a], [:a, :a",
        "[[:a]b], :ab, :ab",
        "\\p{lu}, aBΩ, BΩ",
        "\\p{Letter}, a1, a",
        "\\p{^Greek}, aΩ, a",
        "\\P{greek}, aΩ, a",
        "\\w, a²_é, a²_é",
        "[\\w], a²_é, a_é",
        "\\H, aG9, G",
        "[\\u0041\\x42\\x{43}\\e], ABCD, ABC",
        "(?i)[k], kKxK, kKK"
    })
    void classesOfCharacters(String pattern, String text, String expected) {
        assertThat(matches(pattern, text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "[ab, a class without ']' at character 1",
        "[z-a], range 'z-a' at character 2",
        "[[:foo:]], class '[:foo:]' at character 2",
        "\\p{foo}, class '\\p{foo}' at character 1",
        "\\pL, class '\\p' at character 1",
        "\\101, the escape \\1 at character 1",
        "[\\x{110000}], a code point that is none at character 2"
    })
    void errorsNameThePlace(String pattern, String found) {
        assertThatThrownBy(() -> OnigurumaRegex.of("test", pattern))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining(found + " of regular expression '" + pattern + "'");
    }

    @Test
    void classesWithinBracketsAreBounded() {
        StringBuilder many = new StringBuilder("[");
        for (int i = 0; i < 256; i++) {
            many.append('[').append(Character.toString('\u4E00' + i)).append(']');
        }
        assertThat(matches(many + "]", "\u4E00\u4EFF\u4F00")).isEqualTo("\u4E00\u4EFF");
        assertThatThrownBy(() -> OnigurumaRegex.of("test", many + "[x]]"))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("more than 256 classes within brackets");
        assertThatThrownBy(() -> OnigurumaRegex.of("test", "[".repeat(70) + "a" + "]".repeat(70)))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("more than 64 nested groups");
    }
}
