package dev.tenon.op.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.error.ResourceLimitException;
import java.time.Duration;
import java.util.Random;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The syntax and the results of regular expressions, by RE2's documentation and compared with another engine. */
class RegexTest {
    private static final int LONG_TEXT = 1_000_000;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private static boolean matches(String pattern, String text) {
        return Regex.of(pattern).matches(text);
    }

    private static void check(String pattern, String matching, String other) {
        for (String text : matching.split("~", -1)) {
            assertThat(matches(pattern, text))
                    .as(pattern + " on '" + text + "'")
                    .isTrue();
        }
        for (String text : other.split("~", -1)) {
            assertThat(matches(pattern, text))
                    .as(pattern + " on '" + text + "'")
                    .isFalse();
        }
    }

    /** A pattern, texts that match, and texts that do not match. Texts are separated by ~. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            quoteCharacter = '"',
            value = {
                "abc abc ab~abcd~xabc~''",
                "a|bc|| a~bc~'' ab~c",
                "(a|b)*c c~abbac ''~cc~ab",
                "a+b? a~aab b~abb",
                "a{2} aa a~aaa",
                "a{2,} aa~aaaa a",
                "a{2,4}? aa~aaa~aaaa a~aaaaa",
                "a{,2} a{,2} aa",
                "a{ a{ a",
                "a{x} a{x} a",
                "x{0}y y xy",
                "(?:ab){0,2}c c~abc~ababc abababc",
                "(?P<year>\\d{4})-(?<month>\\d\\d) 2024-05 2024-5",
                "[a-c] a~b~c d~ab",
                "[^a-c] d~é a~''",
                "[]a] ]~a b",
                "[^]a] b ]~a",
                "[a-] a~- b",
                "[-a] a~- b",
                "[a-c-e] a~b~-~e d",
                "[\\d_]+ 1_2 a",
                "[^\\d] a 1",
                "[^\\D] 1 a",
                "[[:alpha:][:digit:]]+ a1 _",
                "[[:^alpha:]] 1 a",
                "[[:word:]]+ a_1 -",
                "[[:punct:]]+ !/:@[`{|} a",
                "[[:xdigit:]]+ 09afAF g",
                "[[:a] [~:~a b",
                "\\d+\\D\\w\\W\\S 12x_%y 12x_%",
                "\\pN 5~Ⅷ~½ a",
                "\\p{Greek}+ αβγ abc",
                "\\P{Greek} a α",
                "\\p{^Greek} a α",
                "\\p{Lu}\\p{Ll}+ Été été",
                "[\\p{Lu}\\P{L}] A~1 a",
                "\\p{Old_Italic} 𐌀 a",
                "\\p{Any} a ''",
                "(?i)straße STRAßE~STRAẞE STRASSE",
            })
    void syntax(String pattern, String matching, String other) {
        check(pattern, matching.replace("''", ""), other.replace("''", ""));
    }

    @Test
    void escapes() {
        check("\\a\\f\\t\\n\\r\\v", "\u0007\f\t\n\r\u000B", "");
        check("\\0\\12\\101", "\0\nA", "");
        check("\\x41\\x{1F600}", "A\uD83D\uDE00", "A");
        check("\\.\\*\\\\\\_\\-\\/", ".*\\_-/", "");
        check("\\Qa.b*\\E+", "a.b*~a.b**", "axb*~a.b");
        check("a\\Q.\\", "a.\\", "ab\\");
        check("\\Q\\Ex", "x", "");
        check("[\\x{3b1}-\\x{3b3}\\n]+", "αβγ\n", "δ");
    }

    @Test
    void flags() {
        check("(?i)abc", "abc~ABC~aBc", "abd");
        check("(?i:a)b", "ab~Ab", "aB");
        check("(?i)a(?-i)b", "ab~Ab", "aB");
        check("((?i)a)b", "ab~Ab", "aB");
        check("(?i)k", "k~K~\u212A", "x");
        check("(?i)\u03C3+", "\u03C3\u03C2\u03A3", "s");
        check("(?i)[h-j]", "h~I~J", "k~\u0131~\u0130");
        check("(?i)[^k]", "x", "k~K~\u212A");
        check("(?i)\\p{Lu}", "a~A", "1");
        check("(?i)[\\W]", "-", "\u212A~k");
        check("a.b", "axb~a\rb", "a\nb");
        check("(?s)a.b", "axb~a\nb", "ab");
        check("(?s-s:.)", "a", "\n");
        check("(?U)a*?b+?", "b~aab", "a");
        check("(?imsU-imsU)A.", "Ab", "ab");
        check("a(?i)*", "~a~aa", "A");
    }

    @Test
    void assertions() {
        check("^abc$", "abc", "xabc~abc\n");
        check("\\Aabc\\z", "abc", "abc\n");
        check("a$|b", "a~b", "ab");
        assertThat(matches("a\\n^b$", "a\nb")).isFalse();
        assertThat(matches("a$\\nb", "a\nb")).isFalse();
        check("(?m)a$\\n^b$", "a\nb", "ab");
        assertThat(matches("(?m)(^.*$\\n?)*", "a\nb\n\nc")).isTrue();
        assertThat(matches("(?m)a^b", "ab")).isFalse();
        check("\\ba\\b.\\bb\\b", "a b~a-b", "aab~a_b");
        check("a\\Bb", "ab", "a b");
        check("\\B", "", "a");
        assertThat(matches("\\b", "")).isFalse();
        check("(^a|\\bb)+", "a", "ab~aa");
        check("(?:^)*a", "a", "");
        check("(\\b|x)*y", "xy~y", "-y");
    }

    @Test
    void emptyTexts() {
        check("", "", "a");
        check("()", "", "a");
        check("(|a)+", "~a~aa", "b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(a)\\1",
                "(?P<n>a)(?P=n)",
                "(?=a)a",
                "(?!a)b",
                "(?<=a)b",
                "(?<!a)b",
                "(?>a)",
                "a++",
                "a*+",
                "a**",
                "a{2}{3}",
                "(?#x)",
                "(?(1)a)",
                "*a",
                "(*a)",
                "a|*",
                "a{1001}",
                "a{3,2}",
                "(a",
                "a)",
                "[a",
                "[]",
                "[b-a]",
                "[a-\\d]",
                "[[:foo:]]",
                "\\pX",
                "\\p{Nope}",
                "\\p{Lu",
                "\\q",
                "\\Z",
                "\\G",
                "\\C",
                "\\8",
                "\\",
                "\\x1",
                "\\x{110000}",
                "\\x{}",
                "(?i",
                "(?z)",
                "(?i-)",
                "(?P<>a)",
                "(?P<n",
                "(?P<n>a)(?P<n>b)",
                "[\\b]",
                "\\k<n>"
            })
    void refused(String pattern) {
        assertThatThrownBy(() -> Regex.of(pattern))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("regular expression '" + pattern + "'")
                .hasMessageContaining("at character");
    }

    @Test
    void refusalsNameTheConstruct() {
        assertThatThrownBy(() -> Regex.of("(a)\\1")).hasMessageContaining("back-reference '\\1' at character 4");
        assertThatThrownBy(() -> Regex.of("x(?=a)")).hasMessageContaining("look-ahead '(?=a' at character 2");
        assertThatThrownBy(() -> Regex.of("(?<!a)")).hasMessageContaining("look-behind");
        assertThatThrownBy(() -> Regex.of("a++")).hasMessageContaining("possessive");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(a{1000}){1000}",
                "((a{100}){100}){100}",
                "(((((x{1,1000}){1,1000}){1,1000}){1,1000}){1,1000}){1,1000}",
                "(?:[^a]{500}|\\pL{500}){50}"
            })
    void tooLarge(String pattern) {
        Assertions.assertTimeoutPreemptively(
                PATIENCE,
                () -> assertThatThrownBy(() -> Regex.of(pattern))
                        .isInstanceOf(ResourceLimitException.class)
                        .hasMessageContaining("states"));
    }

    @Test
    void largePatterns() {
        Assertions.assertTimeoutPreemptively(PATIENCE, () -> {
            int many = 100_000;
            assertThat(matches("(".repeat(many) + "a" + ")".repeat(many), "a")).isTrue();
            assertThat(matches("(".repeat(10_000) + "a" + ")*".repeat(10_000), "aaa"))
                    .isTrue();
            assertThat(matches("(?i)[" + "ab\\pL".repeat(many) + "]+", "xyz")).isTrue();
            assertThatThrownBy(() -> Regex.of("a".repeat(LONG_TEXT))).isInstanceOf(ResourceLimitException.class);
            assertThatThrownBy(() -> Regex.of("[[:".repeat(many))).isInstanceOf(InvalidOperandException.class);
            assertThat(matches("a{1000}", "a".repeat(1000))).isTrue();
        });
    }

    @Test
    void timeIsLinearInTheText() {
        Assertions.assertTimeoutPreemptively(PATIENCE, () -> {
            String as = "a".repeat(LONG_TEXT);
            assertThat(matches("(a|b)*", as)).isTrue();
            assertThat(matches("(a|b)*c", as)).isFalse();
            assertThat(matches("(a*)*b", as)).isFalse();
            assertThat(matches("((a+)+)+$", as + "b")).isFalse();
            assertThat(matches("(?:a?){50}a{50}", "a".repeat(50))).isTrue();
            assertThat(matches("(?:a?){50}a{50}", "a".repeat(49))).isFalse();
            assertThat(matches("(?:a?){50}a{50}", "a".repeat(101))).isFalse();
            assertThat(matches("(.*)(.*)(.*)(.*)(.*)x", as)).isFalse();
            assertThat(matches("(?s)(x|.)*\\b(x|.)*", as + "\n" + as)).isTrue();
        });
    }

    @Test
    void statesThatDoNotFitAreMadeAgain() {
        Assertions.assertTimeoutPreemptively(PATIENCE, () -> {
            Random random = new Random(7);
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 100_000; i++) {
                text.append(random.nextBoolean() ? 'a' : 'b');
            }
            for (int back : new int[] {20, 60}) {
                Regex regex = Regex.of("(a|b)*a(a|b){" + back + "}");
                text.setCharAt(text.length() - 1 - back, 'a');
                assertThat(regex.matches(text.toString())).isTrue();
                text.setCharAt(text.length() - 1 - back, 'b');
                assertThat(regex.matches(text.toString())).isFalse();
            }
        });
    }

    /** Small patterns of the syntax that both engines share, on texts of the same few letters. */
    @Property(tries = 3000)
    void agreesWithAnotherEngine(@ForAll long seed) {
        Random random = new Random(seed);
        String pattern = pattern(random, 3, true);
        Regex regex = Regex.of(pattern);
        Pattern other = Pattern.compile(pattern);
        for (int i = 0; i < 12; i++) {
            String text = text(random);
            assertThat(regex.matches(text))
                    .as(pattern + " on '" + text + "'")
                    .isEqualTo(other.matcher(text).matches());
        }
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(7); i > 0; i--) {
            text.append("abA_ 1é\n".charAt(random.nextInt(random.nextBoolean() ? 2 : 8)));
        }
        return text.toString();
    }

    /** Assertions stay outside of repetitions: the other engine ends a repetition at its first empty round. */
    private static String pattern(Random random, int depth, boolean asserts) {
        String[] atoms = {
            "a",
            "b",
            "\\w",
            "\\d",
            "\\s",
            "[ab]",
            "[^a]",
            "[^\\w]",
            "(?s:.)",
            "(?i:a)",
            "\\p{L}",
            "(?i:[^b])",
            "\\x61",
            "_"
        };
        String[] assertions = {"\\b", "^", "\\z", "\\A", "(?:\\B)"};
        if (depth == 0) {
            return asserts && random.nextInt(6) == 0
                    ? assertions[random.nextInt(assertions.length)]
                    : atoms[random.nextInt(atoms.length)];
        }
        int kind = random.nextInt(9);
        boolean repeats = kind >= 1 && kind <= 6 && kind != 5;
        String one = pattern(random, depth - 1, asserts && !repeats);
        String two = pattern(random, depth - 1, asserts);
        return switch (kind) {
            case 0 -> one + "|" + two;
            case 1 -> "(?:" + one + ")*" + two;
            case 2 -> "(" + one + ")+?";
            case 3 -> "(?:" + one + ")?";
            case 4 -> "(?:" + one + "){1,3}" + two;
            case 5 -> "(?:" + one + "|)" + two;
            case 6 -> "(?:" + one + "){2,}";
            default -> "(?:" + one + ")(?:" + two + ")";
        };
    }
}
