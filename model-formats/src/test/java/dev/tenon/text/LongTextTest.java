package dev.tenon.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.text.regex.OnigurumaRegex;
import dev.tenon.text.stage.Spans;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Long pieces take no quadratic time and no deep stack, and expressions that try too much end in an exception. */
class LongTextTest {
    private static final int LENGTH = 1_000_000;

    @TempDir
    private Path folder;

    private Tokenizer tokenizer(String preTokenizer, String model) {
        String json = "{\"version\":\"1.0\",\"added_tokens\":[],\"normalizer\":null,\"pre_tokenizer\":" + preTokenizer
                + ",\"post_processor\":null,\"decoder\":null,\"model\":" + model + "}";
        return Tokenizer.load(TokenizerJson.write(folder, json));
    }

    // Merging the pairs of this piece one after the other, each time looking at all, would take 10^12 steps.
    @Test
    void onePieceOfAMillionBytePairs() {
        Tokenizer bytes = tokenizer("null", TokenizerJson.bytePairs(false));
        Encoding encoding = bytes.encode("ab".repeat(LENGTH / 2));
        assertThat(encoding.length()).isEqualTo(LENGTH / 2);
        assertThat(encoding.end(encoding.length() - 1)).isEqualTo(LENGTH);
        assertThat(bytes.encode("a".repeat(LENGTH)).length()).isEqualTo(LENGTH / 4);
    }

    @Test
    void onePieceOfAMillionInUnigram() {
        Encoding encoding = tokenizer("null", TokenizerJson.unigram(true)).encode("abz".repeat(LENGTH / 3));
        assertThat(encoding.start(encoding.length() - 1)).isGreaterThan(LENGTH - 10);
    }

    @Test
    void aMillionSpaces() {
        String words = "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":true,\"use_regex\":true}";
        Tokenizer bytes = tokenizer(words, TokenizerJson.bytePairs(true));
        assertThat(bytes.encode(" ".repeat(LENGTH) + "a").length()).isEqualTo(LENGTH);
    }

    @Test
    void aGroupMayRepeatAMillionTimes() {
        Spans spans = find("(?:ab?)+c|(?:\\r?\\n)+", "ab".repeat(LENGTH) + "c" + "\r\n".repeat(LENGTH));
        assertThat(spans.size()).isEqualTo(2);
        assertThat(spans.to(0)).isEqualTo(2 * LENGTH + 1);
    }

    @Test
    void tooManyWaysEndInAnException() {
        assertThatThrownBy(() -> find("(?:a+)+b", "a".repeat(5000)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("(?:a+)+b");
    }

    @Test
    void thePiecesOfATextShareOneAllowanceOfSteps() {
        OnigurumaRegex slow = OnigurumaRegex.of("test", "(?:a+)+b");
        int[] text = "a".repeat(12).codePoints().toArray();
        Spans spans = new Spans();
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100; i++) {
                        spans.clear();
                        slow.find(text, 0, text.length, spans);
                    }
                })
                .isInstanceOf(ResourceLimitException.class);
    }

    // Each way that is still to be tried takes memory, so their number is bounded like that of steps.
    @Test
    void tooManyWaysStillToTryEndInAnException() {
        assertThatThrownBy(() -> find("(?:" + "(?:bc)??".repeat(6) + "a)+", "a".repeat(LENGTH)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("still to try");
    }

    private static Spans find(String expression, String text) {
        Spans spans = new Spans();
        int[] codePoints = text.codePoints().toArray();
        OnigurumaRegex.of("test", expression).find(codePoints, 0, codePoints.length, spans);
        return spans;
    }

    @Test
    void aClassMayHaveManyCharacters() {
        StringBuilder all = new StringBuilder();
        for (int c = 0x4E00; c < 0x4E00 + 20_000; c++) {
            all.append((char) c);
        }
        assertThat(find("[" + all + "]+", all + "x").size()).isEqualTo(2);
    }

    @Test
    void emptyMatchesAreBetweenCharacters() {
        Spans spans = find("x*", "axb");
        List<String> found = IntStream.range(0, spans.size())
                .mapToObj(i -> spans.from(i) + "-" + spans.to(i) + (spans.isMatch(i) ? "!" : ""))
                .toList();
        assertThat(found).containsExactly("0-0!", "0-1", "1-2!", "2-3", "3-3!");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(",
                ")",
                "a)",
                "[a",
                "[z-a]",
                "*a",
                "a{2,1}",
                "\\1",
                "(?=ab)",
                "(?<!a|b)",
                "(?<name>a)",
                "\\p{Nothing}",
                "\\x{110000}",
                "(?:a*)*",
                "a{9999}",
                "a{2}+",
                "\\q",
                "(?x)a",
                "\\u12"
            })
    void otherExpressionsAreRefused(String expression) {
        assertThatThrownBy(() -> OnigurumaRegex.of("file, pattern.Regex", expression))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("file, pattern.Regex")
                .hasMessageContaining("allowed");
    }

    @Test
    void deepExpressionsAreRefused() {
        assertThatThrownBy(() -> OnigurumaRegex.of("test", "(".repeat(10_000)))
                .isInstanceOf(UnsupportedModelException.class);
        assertThatThrownBy(() -> OnigurumaRegex.of("test", "[".repeat(10_000)))
                .isInstanceOf(UnsupportedModelException.class);
        assertThatThrownBy(() -> OnigurumaRegex.of("test", "a" + "{1}".repeat(20_000)))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("quantifiers");
        String classes = IntStream.range(0, 20_000)
                .mapToObj(i -> "[" + Character.toString(0x4E00 + i) + "]")
                .collect(Collectors.joining());
        assertThatThrownBy(() -> OnigurumaRegex.of("test", "[" + classes + "]"))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("classes within brackets");
        // A class that stands twice counts once, and is tried once.
        assertThat(OnigurumaRegex.of("test", "[" + "\\s".repeat(20_000) + "]").pattern())
                .hasSize(40_002);
        assertThatThrownBy(() -> OnigurumaRegex.of("test", "[a" + "&&a".repeat(20_000) + "]"))
                .isInstanceOf(UnsupportedModelException.class);
        assertThatThrownBy(() -> OnigurumaRegex.of("test", "a".repeat(100_000)))
                .isInstanceOf(UnsupportedModelException.class);
        assertThatThrownBy(() -> OnigurumaRegex.of("test", "(?:(?:(?:a{1000}b){1000})c){1000}"))
                .isInstanceOf(UnsupportedModelException.class);
    }
}
