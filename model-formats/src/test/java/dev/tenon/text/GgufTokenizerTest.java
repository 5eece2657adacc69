package dev.tenon.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.gguf.GgufWriter;
import dev.tenon.formats.json.JsonText;
import dev.tenon.testkit.Texts;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokenizers of GGUF files: ids, offsets and texts as the reference gives them for the same vocabulary, in 23 scripts. */
class GgufTokenizerTest {
    private static final long SEED = 20261202;
    private static final String BYTES =
            "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":true,\"use_regex\":%s}";
    private static final String SEQUENCE = "{\"type\":\"Sequence\",\"pretokenizers\":[%s]}";

    /** The expressions in the files that the models are published with. */
    private static final Map<String, String> PUBLISHED = Map.of(
            "llama-bpe",
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
            "qwen2",
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
            "tekken",
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
            "gpt-4o",
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+");

    private static Tokenizer load(GgufWriter writer) {
        return Tokenizer.load(new ByteArrayInputStream(writer.bytes()));
    }

    private static String preTokenizer(String name) {
        return switch (name) {
            case "gpt-2" -> BYTES.formatted(true);
            case "smollm" ->
                SEQUENCE.formatted("{\"type\":\"Digits\",\"individual_digits\":true}," + BYTES.formatted(true));
            default ->
                SEQUENCE.formatted("{\"type\":\"Split\",\"pattern\":{\"Regex\":"
                        + JsonText.of(PUBLISHED.get(name))
                        + "},\"behavior\":\"Isolated\",\"invert\":false}," + BYTES.formatted(false));
        };
    }

    @ParameterizedTest
    @CsvSource({"gpt-2,false", "smollm,false", "llama-bpe,true", "qwen2,false", "tekken,true", "gpt-4o,false"})
    void bytePairsAreThoseOfTheReference(String pre, boolean ignoresMerges) {
        Tokenizer ours = load(GgufVocabularies.bytePairs(pre));
        try (HuggingFaceOracle oracle = HuggingFaceOracle.of(GgufVocabularies.json(preTokenizer(pre), ignoresMerges))) {
            for (String text : GgufVocabularies.texts()) {
                Encoding encoding = ours.encode(text);
                Agreement.check(text, encoding, oracle.encode(text));
                assertThat(ours.decode(encoding.ids()))
                        .as(() -> Texts.escaped(text))
                        .isEqualTo(encoding.length() == 0 ? "" : oracle.decode(encoding.ids(), false));
            }
        }
    }

    @Test
    void idsAreThoseOfThePeer() throws IOException, NoSuchAlgorithmException {
        List<String> lines;
        try (InputStream in = GgufTokenizerTest.class.getResourceAsStream("gguf-ids.txt")) {
            lines = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        }
        assertThat(lines).hasSize(10);
        for (String line : lines) {
            String name = line.split(" ")[0];
            boolean pieces = name.equals("true") || name.equals("false");
            Tokenizer ours = load(
                    pieces
                            ? GgufVocabularies.sentencePiece(Boolean.parseBoolean(name))
                            : GgufVocabularies.bytePairs(name));
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String text : GgufVocabularies.texts()) {
                String ids = Arrays.stream(ours.encode(text).ids())
                        .mapToObj(String::valueOf)
                        .collect(Collectors.joining(" ", "", "\n"));
                digest.update(ids.getBytes(StandardCharsets.UTF_8));
            }
            assertThat(name + " " + HexFormat.of().formatHex(digest.digest())).isEqualTo(line);
        }
    }

    /** Joins the neighbours that make the token of the largest score, the first of equal ones, until none do. */
    private static List<String> joined(String text, Map<String, Float> scores) {
        List<String> symbols =
                new ArrayList<>(text.codePoints().mapToObj(Character::toString).toList());
        while (true) {
            int best = -1;
            float most = Float.NEGATIVE_INFINITY;
            for (int i = 0; i + 1 < symbols.size(); i++) {
                Float score = scores.get(symbols.get(i) + symbols.get(i + 1));
                if (score != null && score > most) {
                    most = score;
                    best = i;
                }
            }
            if (best < 0) {
                return symbols;
            }
            symbols.set(best, symbols.get(best) + symbols.remove(best + 1));
        }
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void piecesAreJoinedByScore(boolean prefixed) {
        Tokenizer ours = load(GgufVocabularies.sentencePiece(prefixed));
        List<String> pieces = GgufVocabularies.pieces();
        Map<String, Integer> ids = new HashMap<>();
        pieces.forEach(piece -> ids.put(piece, ids.size()));
        Map<String, Float> scores = GgufVocabularies.scores();
        for (String text : GgufVocabularies.texts()) {
            if (text.isEmpty() || text.contains("<")) {
                continue;
            }
            List<Integer> expected = new ArrayList<>(List.of(1));
            String marked = ((prefixed ? " " : "") + text).replace(' ', '\u2581');
            for (String symbol : joined(marked, scores)) {
                if (ids.containsKey(symbol)) {
                    expected.add(ids.get(symbol));
                } else {
                    for (byte b : symbol.getBytes(StandardCharsets.UTF_8)) {
                        expected.add(3 + (b & 0xFF));
                    }
                }
            }
            Encoding encoding = ours.encode(text);
            assertThat(Arrays.stream(encoding.ids()).boxed().toList())
                    .as(() -> Texts.escaped(text))
                    .isEqualTo(expected);
            assertThat(ours.decode(encoding.ids()))
                    .as(() -> Texts.escaped(text))
                    .isEqualTo(text.replace('\u2581', ' '));
        }
    }

    @Test
    void specialTokensOfPiecesAreFoundInTheText() {
        Tokenizer ours = load(GgufVocabularies.sentencePiece(true));
        int tool = GgufVocabularies.pieces().size() - 1;
        int[] ids = ours.encode("</s><tool>").ids();
        assertThat(ids).containsExactly(1, 2, tool);
        assertThat(ours.decode(ids)).isEqualTo("<tool>");
        assertThat(ours.decode(ids, true)).isEqualTo("<s></s><tool>");
    }

    @Test
    void wordPieceIsThatOfTheReference() {
        List<String> words = GgufVocabularies.words();
        String vocabulary = IntStream.range(0, words.size())
                .mapToObj(i -> JsonText.of(words.get(i)) + ":" + i)
                .collect(Collectors.joining(","));
        String added = IntStream.range(0, 5)
                .mapToObj(i -> ("{\"id\":%d,\"content\":\"%s\",\"single_word\":false,\"lstrip\":false,\"rstrip\":false,"
                                + "\"normalized\":false,\"special\":true}")
                        .formatted(i, words.get(i)))
                .collect(Collectors.joining(","));
        String json = "{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\"added_tokens\":[" + added
                + "],\"normalizer\":{\"type\":\"BertNormalizer\",\"clean_text\":true,\"handle_chinese_chars\":true,"
                + "\"strip_accents\":null,\"lowercase\":true},\"pre_tokenizer\":{\"type\":\"BertPreTokenizer\"},"
                + "\"post_processor\":{\"type\":\"BertProcessing\",\"sep\":[\"[SEP]\",3],\"cls\":[\"[CLS]\",2]},"
                + "\"decoder\":{\"type\":\"WordPiece\",\"prefix\":\"##\",\"cleanup\":true},\"model\":{\"type\":\"WordPiece\","
                + "\"unk_token\":\"[UNK]\",\"continuing_subword_prefix\":\"##\",\"max_input_chars_per_word\":100,\"vocab\":{"
                + vocabulary + "}}}";
        Tokenizer ours = load(GgufVocabularies.wordPiece());
        try (HuggingFaceOracle oracle = HuggingFaceOracle.of(json)) {
            for (String text : GgufVocabularies.texts()) {
                Encoding encoding = ours.encode(text);
                Agreement.check(text, encoding, oracle.encode(text));
                assertThat(ours.decode(encoding.ids())).isEqualTo(oracle.decode(encoding.ids(), false));
            }
        }
    }

    @Test
    void aFileTellsWhichTokensAreAroundATextAndFillRows() {
        Tokenizer plain = load(GgufVocabularies.bytePairs("qwen2"));
        Tokenizer started = load(GgufVocabularies.bytePairs("qwen2")
                .put("tokenizer.ggml.add_bos_token", true)
                .put("tokenizer.ggml.add_eos_token", true)
                .put("tokenizer.ggml.padding_token_id", 7));
        int end = plain.id("<|endoftext|>").orElseThrow();
        int[] ids = plain.encode("ab").ids();
        int[] around = started.encode("ab").ids();
        assertThat(around).hasSize(ids.length + 2).startsWith(end).endsWith(end);
        assertThat(started.paddingId()).isEqualTo(7);
    }

    @Test
    void otherTokenizersAreRefusedByName() {
        assertThatThrownBy(() -> load(GgufVocabularies.bytePairs("nobody-knows")))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("nobody-knows")
                .hasMessageContaining("llama-bpe");
        assertThatThrownBy(() -> load(GgufVocabularies.bytePairs("qwen2").put("tokenizer.ggml.model", "rwkv")))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("rwkv");
    }

    @Test
    void metadataThatContradictEachOtherAreMalformed() {
        Map<String, GgufWriter> files = Map.of(
                "tokenizer.ggml.tokens",
                GgufVocabularies.bytePairs("qwen2").put("tokenizer.ggml.tokens", new int[] {1}),
                "token 'a'",
                GgufVocabularies.sentencePiece(true)
                        .put("tokenizer.ggml.tokens", List.of("a", "b", "a"))
                        .put("tokenizer.ggml.bos_token_id", 0),
                "tokenizer.ggml.merges",
                GgufVocabularies.bytePairs("qwen2").put("tokenizer.ggml.merges", List.of("a b", "nothing")),
                "tokenizer.ggml.scores",
                GgufVocabularies.sentencePiece(true).put("tokenizer.ggml.scores", new float[] {1}),
                "tokenizer.ggml.token_type",
                GgufVocabularies.sentencePiece(true).put("tokenizer.ggml.token_type", new int[] {1}),
                "tokenizer.ggml.bos_token_id",
                GgufVocabularies.sentencePiece(true).put("tokenizer.ggml.bos_token_id", 1_000_000));
        files.forEach((thing, file) -> assertThatThrownBy(() -> load(file))
                .as(thing)
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining(thing));
    }

    /** Each place at which a token of one letter is cut makes a pair. */
    @Test
    void pairsOfPiecesAreLimited() {
        List<String> tokens = IntStream.rangeClosed(1, 64).mapToObj("a"::repeat).toList();
        byte[] file = GgufVocabularies.sentencePiece(true)
                .put("tokenizer.ggml.tokens", tokens)
                .put("tokenizer.ggml.token_type", new int[tokens.size()])
                .put("tokenizer.ggml.scores", new float[tokens.size()])
                .bytes();
        int pairs = 63 * 64 / 2;
        TokenizerOptions options = TokenizerOptions.standard();
        Limits enough = Limits.standard().maxRecords(pairs);
        assertThat(Tokenizer.load(new ByteArrayInputStream(file), options.limits(enough))
                        .id("aaa"))
                .hasValue(2);
        assertThatThrownBy(() ->
                        Tokenizer.load(new ByteArrayInputStream(file), options.limits(enough.maxRecords(pairs - 1))))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("maxRecords");
    }

    @Test
    void damagedFilesEndInTypedExceptions() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (GgufWriter writer : List.of(
                GgufVocabularies.bytePairs("llama-bpe"),
                GgufVocabularies.sentencePiece(true),
                GgufVocabularies.wordPiece())) {
            byte[] whole = writer.bytes();
            for (int i = 0; i < 100; i++) {
                byte[] damaged = whole.clone();
                for (int changes = 0; changes < 4; changes++) {
                    damaged[random.nextInt(24, damaged.length)] = (byte) random.nextInt();
                }
                try {
                    Tokenizer.load(new ByteArrayInputStream(damaged)).encode("A text, 日本 12");
                } catch (TenonException typed) {
                    assertThat(typed.getMessage()).isNotEmpty();
                } catch (RuntimeException | Error e) {
                    throw new AssertionError("case " + i + " of seed " + SEED, e);
                }
            }
        }
    }
}
