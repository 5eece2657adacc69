package dev.tenon.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.tenon.Model;
import dev.tenon.SessionOptions;
import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.fixtures.Typed;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.text.Encoding;
import dev.tenon.text.Tokenizer;
import dev.tenon.text.TokenizerOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Vectors of small models beside ONNX Runtime and the formulas of sentence-transformers. */
@Tag("tiers")
class TextEmbedderTest {
    private static final double LEAST_COSINE = 0.999999;
    private static final long SEED = 42;
    private static final List<String> TEXTS = SmallEncoders.texts(SEED, 40, 60);

    @TempDir
    private Path folder;

    @BeforeEach
    void files() {
        SmallEncoders.folder(folder, SmallEncoders.embedder());
    }

    /** The models count a wrong token of padding. */
    @Test
    void rowsAreFilledWithTheTokenOfTheFile() throws Exception {
        Path file = folder.resolve("tokenizer.json");
        String json = Files.readString(file);
        assertThat(tokenizer().paddingId()).isZero();
        SmallEncoders.write(file, json.replace("\"padding\":null", """
            "padding":{"strategy":{"Fixed":64},"direction":"Left","pad_to_multiple_of":null,
                       "pad_id":1,"pad_type_id":0,"pad_token":"[PAD]"}"""));
        assertThat(tokenizer().paddingId()).isOne();
        List<float[]> found = TextEmbedder.of(Model.load(model()).session(), tokenizer(), Pooling.MEAN)
                .embed(TEXTS)
                .vectors();
        Files.delete(folder.resolve("tokenizer_config.json"));
        List<float[]> loaded = TextEmbedder.load(folder).embed(TEXTS).vectors();
        assertThat(found).usingElementComparator(Arrays::compare).containsExactlyElementsOf(loaded);
        SmallEncoders.write(file, json);
        try (Reference reference = new Reference(model())) {
            for (int i = 0; i < TEXTS.size(); i++) {
                double[] expected =
                        Reference.pooled(reference.states(tokenizer().encode(TEXTS.get(i))), 0, List.of(Pooling.MEAN));
                compare(found.get(i), Reference.normalized(expected), TEXTS.get(i));
            }
        }
    }

    private Path model() {
        return folder.resolve("onnx/model.onnx");
    }

    private Tokenizer tokenizer() {
        return Tokenizer.load(folder.resolve("tokenizer.json"));
    }

    /** Checks vectors against the formula on the states of ONNX Runtime, text by text. */
    private void check(TextEmbedder embedder, List<Pooling> poolings, boolean normalized) throws Exception {
        Tokenizer tokenizer = tokenizer();
        List<float[]> found = embedder.embed(TEXTS).vectors();
        try (Reference reference = new Reference(model())) {
            for (int i = 0; i < TEXTS.size(); i++) {
                double[] expected = Reference.pooled(reference.states(tokenizer.encode(TEXTS.get(i))), 0, poolings);
                compare(found.get(i), normalized ? Reference.normalized(expected) : expected, TEXTS.get(i));
            }
        }
        assertThat(found).hasSameSizeAs(TEXTS);
    }

    /** The direction by the cosine, the length by the difference of each number, relative to the largest. */
    private static void compare(float[] found, double[] expected, String text) {
        assertThat(found).as("seed %d, '%s'", SEED, text).hasSize(expected.length);
        assertThat(Reference.cosine(found, expected))
                .as("seed %d, '%s'", SEED, text)
                .isGreaterThanOrEqualTo(LEAST_COSINE);
        double most = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        for (int i = 0; i < found.length; i++) {
            assertThat(Math.abs(found[i] - expected[i]))
                    .as("seed %d, '%s', number %d", SEED, text, i)
                    .isLessThanOrEqualTo((1 - LEAST_COSINE) * 10 * most);
        }
    }

    @Test
    void eachPoolingIsThatOfTheFormula() throws Exception {
        String[] modes = {
            "cls_token", "max_tokens", "mean_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken"
        };
        for (int i = 0; i < modes.length; i++) {
            SmallEncoders.pooling(folder, SmallEncoders.WIDTH, modes[i]);
            TextEmbedder embedder = TextEmbedder.load(folder);
            Pooling pooling = Pooling.values()[i];
            assertThat(embedder.poolings()).containsExactly(pooling);
            assertThat(embedder.dimensions()).hasValue(SmallEncoders.WIDTH);
            check(embedder, List.of(pooling), true);
            check(embedder.normalized(false), List.of(pooling), false);
        }
    }

    /** The form with a name, which newer versions of the library save, and a setter. */
    @Test
    void poolingsByName() throws Exception {
        String[] modes = {"cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken"};
        for (int i = 0; i < modes.length; i++) {
            SmallEncoders.write(
                    folder.resolve("1_Pooling/config.json"),
                    "{\"embedding_dimension\":8,\"pooling_mode\":\"" + modes[i] + "\"}");
            assertThat(TextEmbedder.load(folder).poolings()).containsExactly(Pooling.values()[i]);
        }
        check(TextEmbedder.load(folder).pooling(Pooling.CLS), List.of(Pooling.CLS), true);
    }

    @Test
    void severalPoolingsAreJoinedInTheOrderOfTheLibrary() throws Exception {
        SmallEncoders.pooling(folder, SmallEncoders.WIDTH, "lasttoken", "mean_tokens", "cls_token");
        TextEmbedder embedder = TextEmbedder.load(folder);
        List<Pooling> expected = List.of(Pooling.CLS, Pooling.MEAN, Pooling.LAST_TOKEN);
        assertThat(embedder.poolings()).containsExactlyElementsOf(expected);
        assertThat(embedder.dimensions()).hasValue(3 * SmallEncoders.WIDTH);
        check(embedder, expected, true);
        SmallEncoders.write(
                folder.resolve("1_Pooling/config.json"),
                "{\"word_embedding_dimension\":8,\"pooling_mode_cls_token\":true}");
        assertThat(TextEmbedder.load(folder).poolings())
                .as("the mean is on unless it is switched off")
                .containsExactly(Pooling.CLS, Pooling.MEAN);
    }

    @Test
    void vectorsKeepTheirLengthWithoutTheModuleNormalize() throws Exception {
        SmallEncoders.modules(folder, "Transformer", "Pooling");
        check(TextEmbedder.load(folder), List.of(Pooling.MEAN), false);
    }

    @Test
    void cutVectorsAreScaledAfterwards() throws Exception {
        TextEmbedder embedder = TextEmbedder.load(folder).dimensions(3);
        assertThat(embedder.dimensions()).hasValue(3);
        try (Reference reference = new Reference(model())) {
            for (String text : TEXTS) {
                double[] whole = Reference.pooled(reference.states(tokenizer().encode(text)), 0, List.of(Pooling.MEAN));
                double[] cut = Arrays.copyOf(whole, 3);
                compare(embedder.embed(text), Reference.normalized(cut), text);
                compare(embedder.normalized(false).embed(text), cut, text);
            }
        }
    }

    @Test
    void aModelThatPoolsItself() throws Exception {
        SmallEncoders.save(SmallEncoders.pooledEmbedder(), model());
        Model model = Model.load(model());
        // The file of the tokenizer does not say which token fills rows.
        List<TextEmbedder> embedders = List.of(
                TextEmbedder.of(model.session(), tokenizer()).padded(false),
                TextEmbedder.of(model.session(), tokenizer(), Pooling.CLS).padded(false),
                TextEmbedder.load(folder));
        try (Reference reference = new Reference(model())) {
            for (TextEmbedder embedder : embedders) {
                assertThat(embedder.dimensions()).hasValue(SmallEncoders.WIDTH);
                List<float[]> found = embedder.embed(TEXTS).vectors();
                for (int i = 0; i < TEXTS.size(); i++) {
                    float[] whole = ((float[][]) reference.run(tokenizer().encode(TEXTS.get(i))))[0];
                    double[] expected = new double[whole.length];
                    for (int k = 0; k < whole.length; k++) {
                        expected[k] = whole[k];
                    }
                    compare(found.get(i), Reference.normalized(expected), TEXTS.get(i));
                }
            }
        }
    }

    private void prompts(String json) {
        SmallEncoders.write(folder.resolve("config_sentence_transformers.json"), json);
    }

    @Test
    void promptsGoBeforeTexts() {
        prompts("{\"prompts\":{\"query\":\"query: \",\"document\":\"\"},\"default_prompt_name\":null}");
        TextEmbedder embedder = TextEmbedder.load(folder);
        assertThat(embedder.prompts().keySet()).containsExactly("query", "document");
        String text = "alpha beta";
        float[] plain = embedder.embed(text);
        float[] query = embedder.prompt("query").embed(text);
        assertThat(query).isEqualTo(embedder.embed("query: alpha beta")).isNotEqualTo(plain);
        assertThat(embedder.prompt("document").embed(text)).isEqualTo(plain);
        assertThat(embedder.prompt("query").noPrompt().embed(text)).isEqualTo(plain);
        assertThat(Typed.failure(() -> embedder.prompt("passage")))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("passage")
                .hasMessageContaining("query, document");
        prompts("{\"prompts\":{\"query\":\"query: \"},\"default_prompt_name\":\"query\"}");
        assertThat(TextEmbedder.load(folder).embed(text)).isEqualTo(query);
        assertThat(TextEmbedder.load(folder).noPrompt().embed(text)).isEqualTo(plain);
    }

    /** The tokens of the prompt, and the special one before it, do not count; but the model reads them. */
    @Test
    void promptsMayBeLeftOutOfThePooling() throws Exception {
        prompts("{\"prompts\":{\"query\":\"query: \"},\"default_prompt_name\":\"query\"}");
        for (Pooling pooling : Pooling.values()) {
            SmallEncoders.write(
                    folder.resolve("1_Pooling/config.json"),
                    "{\"word_embedding_dimension\":8,\"pooling_mode\":\""
                            + Pooling.names().get(pooling.ordinal()) + "\",\"include_prompt\":false}");
            List<String> texts = TEXTS.stream().filter(text -> !text.isEmpty()).toList();
            List<float[]> found = TextEmbedder.load(folder).embed(texts).vectors();
            try (Reference reference = new Reference(model())) {
                for (int i = 0; i < texts.size(); i++) {
                    float[][] states = reference.states(tokenizer().encode("query: " + texts.get(i)));
                    double[] expected = Reference.pooled(states, 3, List.of(pooling));
                    compare(found.get(i), Reference.normalized(expected), texts.get(i));
                }
            }
        }
    }

    @Test
    void textsAreTrimmedAndPerhapsWrittenInLowerCase() {
        TextEmbedder embedder = TextEmbedder.load(folder);
        float[] capital = embedder.embed("Alpha beta");
        assertThat(embedder.embed(" \t\u00A0\u0085Alpha beta\u3000\r\n")).isEqualTo(capital);
        assertThat(embedder.embed("alpha beta")).isNotEqualTo(capital);
        SmallEncoders.write(
                folder.resolve("sentence_bert_config.json"), "{\"max_seq_length\":null,\"do_lower_case\":true}");
        assertThat(TextEmbedder.load(folder).embed("Alpha BETA")).isEqualTo(embedder.embed("alpha beta"));
    }

    @Test
    void theMaximumLengthIsThatOfTheFiles() {
        assertThat(TextEmbedder.load(folder).maxLength()).isEmpty();
        SmallEncoders.write(folder.resolve("config.json"), "{\"max_position_embeddings\":514}");
        assertThat(TextEmbedder.load(folder).maxLength()).hasValue(514);
        SmallEncoders.write(
                folder.resolve("tokenizer_config.json"), "{\"model_max_length\":512,\"pad_token\":\"[PAD]\"}");
        assertThat(TextEmbedder.load(folder).maxLength()).hasValue(512);
        SmallEncoders.write(folder.resolve("sentence_bert_config.json"), "{\"max_seq_length\":6}");
        TextEmbedder embedder = TextEmbedder.load(folder);
        assertThat(embedder.maxLength()).hasValue(6);
        assertThat(embedder.embed("alpha beta gamma delta mu nu xi"))
                .as("two special tokens and four words")
                .isEqualTo(embedder.embed("alpha beta gamma delta"))
                .isNotEqualTo(embedder.embed("alpha beta gamma"));
        assertThat(TextEmbedder.load(folder, EncoderOptions.standard().maxLength(8))
                        .maxLength())
                .hasValue(8);
    }

    /** Windows without overlap have as many tokens as the text has words. */
    @Test
    void windowsAreAveragedByTheirTokens() throws Exception {
        TextEmbedder embedder = TextEmbedder.load(
                        folder, EncoderOptions.standard().maxLength(6))
                .windows(0);
        Random random = new Random(SEED);
        for (int words : new int[] {0, 1, 4, 5, 8, 11, 50}) {
            String text = SmallEncoders.text(random, words);
            double[] expected = new double[SmallEncoders.WIDTH];
            Encoding first = tokenizer()
                    .with(TokenizerOptions.standard().maxLength(6).windows(0))
                    .encode(text);
            List<Encoding> windows = new ArrayList<>(List.of(first));
            windows.addAll(first.overflowing());
            try (Reference reference = new Reference(model())) {
                for (Encoding window : windows) {
                    double[] mean = Reference.pooled(reference.states(window), 0, List.of(Pooling.MEAN));
                    for (int i = 0; i < expected.length; i++) {
                        expected[i] += mean[i] * Math.max(1, window.length() - 2);
                    }
                }
            }
            Embeddings found = embedder.embed(List.of(text));
            compare(found.vectors().getFirst(), Reference.normalized(expected), text);
            assertThat(windows).hasSize(Math.max(1, (words + 3) / 4));
            assertThat(found.tokens()).isEqualTo(words);
        }
    }

    /** Without padding, a vector has the same bits in any company, and at any place. */
    @Test
    void companyDoesNotChangeBitsWithoutPadding() {
        TextEmbedder embedder = TextEmbedder.load(folder).padded(false);
        List<float[]> together = embedder.embed(TEXTS).vectors();
        for (int i = 0; i < TEXTS.size(); i++) {
            assertThat(embedder.embed(TEXTS.get(i))).as("'%s'", TEXTS.get(i)).isEqualTo(together.get(i));
        }
        List<String> reversed = new ArrayList<>(TEXTS);
        Collections.reverse(reversed);
        List<float[]> back = new ArrayList<>(embedder.embed(reversed).vectors());
        Collections.reverse(back);
        assertThat(back).usingElementComparator(Arrays::compare).containsExactlyElementsOf(together);
    }

    /** A token of padding would change the sum over the tokens. */
    @Test
    void aModelWithoutMaskIsNotPadded() throws Exception {
        SmallEncoders.save(SmallEncoders.unmasked(), model());
        check(TextEmbedder.load(folder), List.of(Pooling.MEAN), true);
    }

    @Test
    void noTextsAndManyTexts() {
        TextEmbedder embedder = TextEmbedder.load(folder);
        assertThat(embedder.embed(List.of())).isEqualTo(new Embeddings(List.of(), 0));
        List<String> many = SmallEncoders.texts(SEED, 1_000, 8);
        Embeddings found = embedder.embed(many);
        assertThat(found.vectors()).hasSize(many.size());
        assertThat(found.tokens())
                .isEqualTo(many.stream()
                        .mapToInt(t -> tokenizer().encode(t).length() - 2)
                        .sum());
    }

    @Test
    void textsThatAreNoTexts() {
        TextEmbedder embedder = TextEmbedder.load(folder);
        assertThatNullPointerException()
                .isThrownBy(() -> embedder.embed((String) null))
                .withMessage("text");
        assertThatNullPointerException()
                .isThrownBy(() -> embedder.embed((List<String>) null))
                .withMessage("texts");
        assertThat(Typed.failure(() -> embedder.embed(Collections.singletonList(null))))
                .isInstanceOf(InvalidInputException.class);
        Tokenizer bare = tokenizer().with(TokenizerOptions.standard().specialTokens(false));
        TextEmbedder withoutSpecials = TextEmbedder.of(Model.load(model()).session(), bare, Pooling.MEAN);
        assertThat(Typed.failure(() -> withoutSpecials.embed(List.of("alpha", ""))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("text 1")
                .hasMessageContaining("no tokens");
    }

    @Test
    void callsEndByAConditionOrALimitOfTime() {
        TextEmbedder embedder = TextEmbedder.load(folder);
        assertThatExceptionOfType(InterruptedPredictionException.class)
                .isThrownBy(() -> embedder.embed(TEXTS, () -> true));
        assertThat(embedder.embed(TEXTS, () -> false).vectors()).hasSameSizeAs(TEXTS);
        TextEmbedder hurried = TextEmbedder.load(
                folder,
                EncoderOptions.standard().session(SessionOptions.standard().timeLimit(Duration.ZERO)));
        assertThatExceptionOfType(InterruptedPredictionException.class).isThrownBy(() -> hurried.embed(TEXTS));
    }

    @Test
    void threadsShareAnEmbedder() throws Exception {
        TextEmbedder embedder = TextEmbedder.load(folder).padded(false);
        List<float[]> expected =
                TextEmbedder.load(folder).padded(false).embed(TEXTS).vectors();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<List<float[]>>> calls =
                    Collections.nCopies(8, () -> embedder.embed(TEXTS).vectors());
            for (Future<List<float[]>> call : threads.invokeAll(calls)) {
                assertThat(call.get()).usingElementComparator(Arrays::compare).containsExactlyElementsOf(expected);
            }
        }
    }

    @Test
    void settingsThatTheModelDoesNotAllow() {
        TextEmbedder embedder = TextEmbedder.load(folder);
        for (int count : new int[] {-1, 0, SmallEncoders.WIDTH + 1}) {
            assertThat(Typed.failure(() -> embedder.dimensions(count)))
                    .isInstanceOf(InvalidOptionException.class)
                    .hasMessageContaining("TextEmbedder.dimensions: " + count)
                    .hasMessageContaining("1 to 8");
        }
        assertThat(Typed.failure(() ->
                        embedder.dimensions(8).pooling(Pooling.CLS, Pooling.MAX).dimensions(17)))
                .hasMessageContaining("1 to 16");
        assertThat(Typed.failure(() -> embedder.windows(-1))).isInstanceOf(InvalidOptionException.class);
        assertThat(Typed.failure(() -> EncoderOptions.standard().maxLength(0)))
                .isInstanceOf(InvalidOptionException.class);
        assertThat(Typed.failure(() -> EncoderOptions.standard().model("a\0b")))
                .isInstanceOf(InvalidOptionException.class);
        Model model = Model.load(model());
        assertThat(Typed.failure(() -> TextEmbedder.of(model.session(), tokenizer())))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("last_hidden_state")
                .hasMessageContaining("Pooling");
    }
}
