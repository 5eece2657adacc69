package dev.tenon.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.formats.gguf.GgufWriter;
import dev.tenon.testkit.Texts;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Parts of a text are whole characters, and make the text that decoding makes of all ids. */
class DecodeStreamTest {
    private static final long SEED = 20261202;

    private static Tokenizer load(GgufWriter writer) {
        return Tokenizer.load(new ByteArrayInputStream(writer.bytes()));
    }

    private static List<Tokenizer> tokenizers() {
        return List.of(
                load(GgufVocabularies.bytePairs("qwen2")),
                load(GgufVocabularies.sentencePiece(true)),
                load(GgufVocabularies.sentencePiece(false)));
    }

    private static List<String> parts(Tokenizer tokenizer, int[] ids) {
        DecodeStream stream = tokenizer.decodeStream();
        List<String> parts = new ArrayList<>();
        for (int id : ids) {
            parts.add(stream.add(id));
        }
        parts.add(stream.finish());
        return parts;
    }

    @Test
    void noPartCutsACharacter() {
        for (Tokenizer tokenizer : tokenizers()) {
            for (String text : GgufVocabularies.texts()) {
                if (text.length() > 80) {
                    continue;
                }
                int[] ids = tokenizer.encode(text).ids();
                List<String> parts = parts(tokenizer, ids);
                assertThat(String.join("", parts)).as(() -> Texts.escaped(text)).isEqualTo(tokenizer.decode(ids));
                if (!text.contains("\uFFFD")) {
                    assertThat(parts).as(() -> Texts.escaped(text)).noneMatch(part -> part.contains("\uFFFD"));
                }
                assertThat(parts)
                        .allMatch(part -> part.isEmpty()
                                || !Character.isLowSurrogate(part.charAt(0))
                                        && !Character.isHighSurrogate(part.charAt(part.length() - 1)));
            }
        }
    }

    @Test
    void aPartComesWithTheLastTokenOfItsCharacter() {
        Tokenizer tokenizer = load(GgufVocabularies.sentencePiece(false));
        // The bytes of U+1F40D, and a space, which is a token of its own.
        int[] ids = {
            3 + 0xF0, 3 + 0x9F, 3 + 0x90, 3 + 0x8D, tokenizer.id("\u2581").orElseThrow()
        };
        assertThat(parts(tokenizer, ids)).containsExactly("", "", "", "\uD83D\uDC0D", " ", "");
    }

    @Test
    void bytesThatAreNoTextAreGivenOutInTheEnd() {
        Tokenizer tokenizer = load(GgufVocabularies.bytePairs("qwen2"));
        int half = tokenizer.id("\u00F0").orElseThrow();
        int letter = tokenizer.id("a").orElseThrow();
        assertThat(parts(tokenizer, new int[] {letter, half})).containsExactly("a", "", "\uFFFD");
        assertThat(parts(tokenizer, new int[] {half, letter})).containsExactly("", "\uFFFDa", "");
        int[] many = new int[1000];
        Arrays.fill(many, half);
        assertThat(String.join("", parts(tokenizer, many))).isEqualTo("\uFFFD".repeat(1000));
        assertThat(parts(tokenizer, many).subList(0, 100)).anyMatch(part -> !part.isEmpty());
    }

    @Test
    void specialAndUnknownTokensAddNothing() {
        Tokenizer tokenizer = load(GgufVocabularies.bytePairs("qwen2"));
        int end = tokenizer.id("<|endoftext|>").orElseThrow();
        int letter = tokenizer.id("a").orElseThrow();
        assertThat(parts(tokenizer, new int[] {end, letter, -1, 1 << 30, letter}))
                .containsExactly("", "a", "", "", "a", "");
    }

    @Test
    void anyIdsGiveTheTextOfAll() {
        Random random = new Random(SEED);
        Tokenizer tokenizer = load(GgufVocabularies.bytePairs("qwen2"));
        for (int i = 0; i < 200; i++) {
            int[] ids = random.ints(20, 0, 660).toArray();
            List<String> parts = parts(tokenizer, ids);
            assertThat(String.join("", parts)).as("case %d of seed %d", i, SEED).isEqualTo(tokenizer.decode(ids));
        }
    }
}
