package dev.tenon.generation.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidOptionException;
import dev.tenon.formats.gguf.GgufWriter;
import dev.tenon.text.DecodeStream;
import dev.tenon.text.Tokenizer;
import dev.tenon.text.normalize.ByteCharacters;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** The shown text is the whole text up to the first stop, wherever tokens begin. */
class TextTailTest {
    private static final int BYTES = 256;

    /** Characters of one to four bytes. */
    private static final String[] LETTERS = {"a", "b", "\u00E9", "\u20AC", "\uD83D\uDC0D"};

    /** Tokens of single bytes, of all pairs of the bytes of the letters, and two special ones. */
    private static final List<String> TOKENS = tokens();

    private static final int END = TOKENS.size() - 2;
    private static final int MARK = TOKENS.size() - 1;
    private static final Tokenizer TOKENIZER = tokenizer();

    private static List<String> tokens() {
        List<String> tokens = new ArrayList<>();
        for (int b = 0; b < BYTES; b++) {
            tokens.add(Character.toString(ByteCharacters.character(b)));
        }
        byte[] letters = String.join("", LETTERS).getBytes(StandardCharsets.UTF_8);
        for (byte first : letters) {
            for (byte second : letters) {
                String pair = spelled(first) + spelled(second);
                if (!tokens.contains(pair)) {
                    tokens.add(pair);
                }
            }
        }
        tokens.add("<|end|>");
        tokens.add("<|mark|>");
        return tokens;
    }

    private static String spelled(byte b) {
        return Character.toString(ByteCharacters.character(b & 0xFF));
    }

    private static Tokenizer tokenizer() {
        int[] types = new int[TOKENS.size()];
        Arrays.fill(types, 1);
        types[END] = 3;
        types[MARK] = 3;
        List<String> merges = TOKENS.subList(BYTES, END).stream()
                .map(pair -> pair.charAt(0) + " " + pair.charAt(1))
                .toList();
        GgufWriter writer = new GgufWriter()
                .put("general.architecture", "llama")
                .put("tokenizer.ggml.model", "gpt2")
                .put("tokenizer.ggml.pre", "qwen2")
                .put("tokenizer.ggml.tokens", TOKENS)
                .put("tokenizer.ggml.token_type", types)
                .put("tokenizer.ggml.merges", merges)
                .put("tokenizer.ggml.eos_token_id", END);
        return Tokenizer.load(new ByteArrayInputStream(writer.bytes()));
    }

    private static TextTail tail(String... stops) {
        return new TextTail(TOKENIZER, List.of(stops), Set.of(END));
    }

    /** The ids of single bytes. */
    private static int[] bytes(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return IntStream.range(0, utf8.length)
                .map(i -> TOKENS.indexOf(spelled(utf8[i])))
                .toArray();
    }

    /** Tokens of one or two bytes. */
    private static int[] cut(SplittableRandom random, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < utf8.length; ) {
            boolean two = i + 1 < utf8.length && random.nextBoolean();
            ids.add(TOKENS.indexOf(two ? spelled(utf8[i]) + spelled(utf8[i + 1]) : spelled(utf8[i])));
            i += two ? 2 : 1;
        }
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    private static String letters(SplittableRandom random, int count, int kinds) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(LETTERS[random.nextInt(kinds)]);
        }
        return text.toString();
    }

    /** The longest of the stops that end first; null if there is none. */
    private static String first(String text, List<String> stops) {
        for (int end = 1; end <= text.length(); end++) {
            String stop = null;
            for (String each : stops) {
                if (text.substring(0, end).endsWith(each) && (stop == null || each.length() > stop.length())) {
                    stop = each;
                }
            }
            if (stop != null) {
                return text.substring(0, end - stop.length()) + "|" + stop;
            }
        }
        return null;
    }

    /** What may be the beginning of a stop, and no more, is held back. */
    private static int held(String text, List<String> stops) {
        for (int from = 0; from < text.length(); from++) {
            String end = text.substring(from);
            if (stops.stream().anyMatch(stop -> stop.startsWith(end))) {
                return end.length();
            }
        }
        return 0;
    }

    @Property(tries = 3000)
    void theShownTextEndsBeforeTheFirstStop(
            @ForAll long seed,
            @ForAll @IntRange(min = 0, max = 30) int length,
            @ForAll @IntRange(min = 0, max = 3) int stopCount,
            @ForAll @IntRange(min = 1, max = 5) int kinds) {
        SplittableRandom random = new SplittableRandom(seed);
        String text = letters(random, length, kinds);
        List<String> stops = new ArrayList<>();
        for (int i = 0; i < stopCount; i++) {
            stops.add(letters(random, 1 + random.nextInt(6), kinds));
        }
        String expected = first(text, stops);
        TextTail tail = new TextTail(TOKENIZER, stops, Set.of(END));
        DecodeStream whole = TOKENIZER.decodeStream();
        StringBuilder shown = new StringBuilder();
        StringBuilder all = new StringBuilder();
        for (int id : cut(random, text)) {
            String part = tail.append(id);
            assertThat(part).satisfies(TextTailTest::isWhole);
            shown.append(part);
            all.append(whole.add(id));
            if (!tail.stopped()) {
                assertThat(shown.toString()).isEqualTo(all.substring(0, all.length() - held(all.toString(), stops)));
            }
        }
        shown.append(tail.finish());
        assertThat(tail.stopped()).isEqualTo(expected != null);
        assertThat(shown + (expected == null ? "" : "|" + tail.stopText()))
                .isEqualTo(expected == null ? text : expected);
        assertThat(tail.finish()).isEmpty();
        if (tail.stopped()) {
            assertThat(tail.append(0) + tail.finish()).isEmpty();
        }
    }

    private static void isWhole(String part) {
        assertThat(part.codePoints()).noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
        assertThat(part).doesNotContain("\uFFFD");
    }

    private static String run(TextTail tail, int... ids) {
        List<String> parts = new ArrayList<>();
        for (int id : ids) {
            parts.add(tail.append(id));
        }
        parts.add(tail.finish());
        return String.join("/", parts);
    }

    @Test
    void textIsHeldBackUntilItIsNoStop() {
        TextTail tail = tail("aab");
        assertThat(run(tail, bytes("aaaab"))).isEqualTo("//a/a//");
        assertThat(tail.stopText()).isEqualTo("aab");
        assertThat(run(tail("aab"), bytes("baa"))).isEqualTo("b///aa");
    }

    @Test
    void theStopThatEndsFirstCounts() {
        TextTail tail = tail("abba", "bb");
        assertThat(run(tail, bytes("aabba"))).isEqualTo("/a//a//");
        assertThat(tail.stopText()).isEqualTo("bb");
    }

    @Test
    void theLongestOfStopsThatEndTogetherCounts() {
        for (TextTail tail : List.of(tail("bb", "abb", "bbbb"), tail("abb", "bb", "bb"))) {
            assertThat(run(tail, bytes("babb"))).isEqualTo("/b///");
            assertThat(tail.stopText()).isEqualTo("abb");
        }
    }

    @Test
    void aStopAfterTheFirstLettersOfATokenEndsTheText() {
        int ab = TOKENS.indexOf("ab");
        TextTail tail = tail("a");
        assertThat(run(tail, bytes("b")[0], ab, ab)).isEqualTo("b///");
        assertThat(tail.stopped()).isTrue();
    }

    @Test
    void anEndGivesOutWhatWasHeldBack() {
        TextTail tail = tail("aab");
        int a = bytes("a")[0];
        assertThat(run(tail, a, a, END, bytes("b")[0])).isEqualTo("//aa//");
        assertThat(tail.stopped()).isTrue();
        assertThat(tail.stopText()).isNull();
    }

    @Test
    void aStopMayBeTheNameOfASpecialToken() {
        TextTail tail = tail("<|mark|>", "aab");
        assertThat(run(tail, bytes("b")[0], MARK, bytes("a")[0])).isEqualTo("b///");
        assertThat(tail.stopped()).isTrue();
        assertThat(tail.stopText()).isEqualTo("<|mark|>");
        // Other special tokens have no text.
        TextTail other = tail("ab");
        assertThat(run(other, bytes("a")[0], MARK, bytes("b")[0])).isEqualTo("///");
        assertThat(other.stopText()).isEqualTo("ab");
    }

    @Test
    void bytesOfNoCharacterAreShownAtTheEnd() {
        int[] snake = bytes(LETTERS[4]);
        assertThat(run(tail("b"), snake[0], snake[1])).isEqualTo("//\uFFFD");
        assertThat(run(tail("b"), snake[0], END)).isEqualTo("/\uFFFD/");
        assertThat(run(tail(), snake)).isEqualTo("///" + LETTERS[4] + "/");
    }

    @Test
    void stopsThatCannotBeAreRefused() {
        for (String stop : List.of("", "\uD83D", "a\uDC0D", "\uDC0D\uD83D")) {
            assertThatThrownBy(() -> tail("a", stop)).isInstanceOf(InvalidOptionException.class);
        }
        assertThatThrownBy(() -> tail("")).hasMessageContaining("an empty text");
        assertThatThrownBy(() -> tail("\uD83D")).hasMessageContaining("half of a surrogate pair");
    }
}
