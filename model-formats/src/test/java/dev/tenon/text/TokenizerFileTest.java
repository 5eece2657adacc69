package dev.tenon.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.tenon.error.TenonException;
import dev.tenon.formats.ModelFileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A file that is not understood is refused. The exception names the place, the value found, and the values allowed. */
class TokenizerFileTest {
    @TempDir
    private Path folder;

    static Stream<Arguments> malformed() {
        TokenizerJson json = TokenizerJson.small();
        String added = TokenizerJson.added(40, "<t>", "", true);
        return Stream.of(
                arguments(json.with("version", "\"2.0\""), "version: \"2.0\"", "\"1.0\""),
                arguments(json.with("model", null), "model: missing", "a value"),
                arguments(json.with("model", "null"), "model: null", "an object"),
                arguments(json.edited("model", "WordPiece", "BPE"), "model.merges: missing", "a value"),
                arguments(json.edited("model", "WordPiece", "Char"), "model.type: \"Char\"", "WordPiece, BPE, Unigram"),
                arguments(
                        json.edited("model", "\":100", "\":-1"),
                        "model.max_input_chars_per_word: -1",
                        "0 to 2147483647"),
                arguments(
                        json.edited("model", "\":100", "\":1.5"),
                        "model.max_input_chars_per_word: 1.5",
                        "whole number"),
                arguments(
                        json.edited("model", "\":100", "\":99999999999999999999"),
                        "model.max_input_chars_per_word: 1.0E20",
                        "2147483647"),
                arguments(json.edited("model", "\"a\":4", "\"a\":\"4\""), "model.vocab.a: \"4\"", "whole number"),
                arguments(json.edited("model", "\"a\":4", "\"a\":null"), "model.vocab.a: null", "whole number"),
                arguments(json.edited("model", "\"a\":4", "\"a\":-4"), "model.vocab.a: -4", "0 to"),
                arguments(json.edited("model", "\"b\":5", "\"a\":5"), "model.vocab.a: present twice", "once"),
                arguments(
                        json.edited("model", "\"a\":4,\"b\":5", "\"a\":null,\"a\":5"),
                        "model.vocab.a: present twice",
                        "once"),
                arguments(json.edited("model", "\"a\":4", "\"\\ud800\":4"), "Broken surrogate pair", "a JSON value"),
                arguments(
                        json.edited("model", "\"unk_token\":\"[UNK]\"", "\"unk_token\":\"\\udc00\""),
                        "an unpaired surrogate",
                        "UTF-8"),
                arguments(
                        json.edited("model", "\"unk_token\":\"[UNK]\"", "\"unk_token\":\"none\""),
                        "model.unk_token: \"none\"",
                        "a token of the vocabulary"),
                arguments(json.with("normalizer", "[]"), "normalizer: an array of 0", "an object"),
                arguments(
                        json.edited("normalizer", "BertNormalizer", "Fold"),
                        "normalizer.type: \"Fold\"",
                        "Sequence, BertNormalizer, NFC"),
                arguments(
                        json.with(
                                "normalizer",
                                "{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"NFC\"},"
                                        + "{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"AAAA\"}]}"),
                        "normalizer.normalizers[1].precompiled_charsmap",
                        "SentencePiece"),
                arguments(
                        json.edited("normalizer", "\"clean_text\":true", "\"clean_text\":1"),
                        "normalizer.clean_text: 1",
                        "true or false"),
                arguments(
                        json.with("pre_tokenizer", "{\"type\":\"UnicodeScripts\"}"),
                        "pre_tokenizer.type: \"UnicodeScripts\"",
                        "BertPreTokenizer"),
                arguments(
                        json.with(
                                "pre_tokenizer",
                                "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(a)\\\\1\"},\"invert\":false,"
                                        + "\"behavior\":\"Isolated\"}"),
                        "pre_tokenizer.pattern.Regex: the escape",
                        "allowed"),
                arguments(
                        json.with("model", "{\"type\":\"BPE\",\"dropout\":0.1,\"vocab\":{\"a\":0},\"merges\":[]}"),
                        "model.dropout: 0.1",
                        "random"),
                arguments(
                        json.with(
                                "model",
                                "{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"aa\":1},\"merges\":[\"a a\",[\"a\",\"aa\"]]}"),
                        "model.merges[1]",
                        "tokens of the vocabulary"),
                arguments(
                        json.with("model", "{\"type\":\"Unigram\",\"unk_id\":1,\"vocab\":[[\"a\",-1.5]]}"),
                        "model.unk_id: 1",
                        "0 to 0"),
                arguments(
                        json.with("model", "{\"type\":\"Unigram\",\"unk_id\":0,\"vocab\":[[\"a\",\"b\"]]}"),
                        "model.vocab[0][1]: \"b\"",
                        "a number"),
                arguments(json.with("pre_tokenizer", "[]"), "pre_tokenizer: an array of 0", "an object"),
                arguments(
                        json.edited("post_processor", "TemplateProcessing", "Other"),
                        "post_processor.type: \"Other\"",
                        "TemplateProcessing"),
                arguments(
                        json.edited(
                                "post_processor",
                                "\"single\":[{\"SpecialToken\":{\"id\":\"[CLS]\"",
                                "\"single\":[{\"SpecialToken\":{\"id\":\"[X]\""),
                        "post_processor.single[0].SpecialToken.id: \"[X]\"",
                        "a token of post_processor.special_tokens"),
                arguments(
                        json.edited(
                                "post_processor",
                                "{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}",
                                "{\"Sequence\":{\"id\":\"B\",\"type_id\":0}}"),
                        "post_processor.single[1].Sequence.id: \"B\"",
                        "\"A\""),
                arguments(
                        json.edited("post_processor", "\"Sequence\"", "\"Something\""),
                        "post_processor.single[1]: an object with 1 members",
                        "SpecialToken or Sequence"),
                arguments(json.with("added_tokens", "{}"), "added_tokens: an object with 0 members", "an array"),
                arguments(
                        json.plusAdded(TokenizerJson.added(40, "abc", "", false)),
                        "added_tokens[4].id: 40",
                        "the vocabulary's id 11 of \"abc\""),
                arguments(json.plusAdded(added, added), "added_tokens[5].content: \"<t>\"", "once"),
                arguments(
                        json.plusAdded(TokenizerJson.added(40, "\u200B", "", true)),
                        "added_tokens[4].content",
                        "not empty after normalization"),
                arguments(
                        json.plusAdded("{\"id\":40,\"content\":\"x1\"}"),
                        "added_tokens[4].special: missing",
                        "a value"),
                arguments(
                        json.with("truncation", "{\"max_length\":8,\"strategy\":\"Shortest\",\"stride\":0}"),
                        "truncation.strategy: \"Shortest\"",
                        "\"LongestFirst\" or \"OnlyFirst\" or \"OnlySecond\""),
                arguments(
                        json.with("truncation", "{\"max_length\":8,\"strategy\":\"OnlyFirst\"}"),
                        "truncation.stride: missing",
                        "a value"),
                arguments(
                        json.with("truncation", "{\"max_length\":1,\"strategy\":\"OnlyFirst\",\"stride\":0}"),
                        "maximum length: 1",
                        "2 special tokens"),
                arguments(
                        json.with("padding", padding("\"Shortest\"")),
                        "padding.strategy: \"Shortest\"",
                        "\"BatchLongest\" or {\"Fixed\": length}"),
                arguments(
                        json.with("padding", padding("{\"Fixed\":4000000000}")),
                        "padding.strategy.Fixed: 4000000000",
                        "0 to 1048576"));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void namesWhatWasFoundAndWhatIsAllowed(TokenizerJson json, String found, String allowed) {
        Path file = json.write(folder);
        assertThatThrownBy(() -> Tokenizer.load(file))
                .isInstanceOf(TenonException.class)
                .hasMessageContaining(found)
                .hasMessageContaining("allowed")
                .hasMessageContaining(allowed);
    }

    @Test
    void theFileIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("mine.json"), "[1, 2]");
        assertThatThrownBy(() -> Tokenizer.load(file))
                .isInstanceOf(TenonException.class)
                .hasMessageStartingWith("tokenizer file 'mine.json': an array of 2; allowed an object;");
    }

    @Test
    void noJson() throws IOException {
        for (String text :
                new String[] {"", "  ", "{", "{\"a\":1", "hello", "{}{}", "[".repeat(100_000), "\u0000\u0001"}) {
            Path file = Files.writeString(folder.resolve("no.json"), text);
            assertThatThrownBy(() -> Tokenizer.load(file))
                    .isInstanceOf(TenonException.class)
                    .hasMessageContaining("no.json");
        }
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatThrownBy(() -> Tokenizer.load(folder.resolve("nowhere.json"))).isInstanceOf(ModelFileException.class);
    }

    @Test
    void aLongStringIsShortenedInTheMessage() {
        Path file = TokenizerJson.small()
                .with("version", "\"" + "v".repeat(5000) + "\"")
                .write(folder);
        assertThatThrownBy(() -> Tokenizer.load(file))
                .hasMessageContaining("(5000 characters)")
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
    }

    @Test
    void damagedFilesGiveATypedExceptionOrATokenizer() throws IOException {
        byte[] good = TokenizerJson.small().text().getBytes(StandardCharsets.UTF_8);
        Random random = new Random(11);
        Path file = folder.resolve("damaged.json");
        int refused = 0;
        for (int i = 0; i < good.length; i += 3) {
            byte[] damaged = good.clone();
            damaged[i] = (byte) random.nextInt(256);
            Files.write(file, damaged);
            try {
                assertThat(Tokenizer.load(file).encode("abc").length()).isPositive();
            } catch (TenonException e) {
                refused++;
                assertThat(e.found()).isNotEmpty();
            }
        }
        assertThat(refused).isGreaterThan(good.length / 12);
    }

    private static String padding(String strategy) {
        return "{\"strategy\":" + strategy
                + ",\"direction\":\"Right\",\"pad_to_multiple_of\":null,\"pad_id\":0,\"pad_type_id\":0,"
                + "\"pad_token\":\"[PAD]\"}";
    }
}
