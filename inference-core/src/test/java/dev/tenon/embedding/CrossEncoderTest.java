package dev.tenon.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.Model;
import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.fixtures.Typed;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.text.Encoding;
import dev.tenon.text.Tokenizer;
import dev.tenon.text.TokenizerOptions;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scores of small models beside ONNX Runtime and the sigmoid. */
@Tag("tiers")
class CrossEncoderTest {
    private static final double TOLERANCE = 1e-5;
    private static final long SEED = 9;
    private static final String QUERY = "query : alpha beta gamma";
    private static final List<String> TEXTS = SmallEncoders.texts(SEED, 60, 70);
    private static final int MAX_TOKENS = 48;

    @TempDir
    private Path folder;

    @BeforeEach
    void files() {
        SmallEncoders.tokenizer(folder);
        SmallEncoders.save(SmallEncoders.crossEncoder(1), folder.resolve("onnx/model.onnx"));
        SmallEncoders.write(folder.resolve("config.json"), "{\"max_position_embeddings\":" + MAX_TOKENS + "}");
    }

    /** Checks scores against the numbers of ONNX Runtime for pairs that are cut to the maximum length. */
    private void check(CrossEncoder encoder, boolean sigmoid) throws Exception {
        Tokenizer tokenizer = Tokenizer.load(
                folder.resolve("tokenizer.json"), TokenizerOptions.standard().maxLength(MAX_TOKENS));
        Scores scores = encoder.score(QUERY, TEXTS);
        int tokens = 0;
        try (Reference reference = new Reference(folder.resolve("onnx/model.onnx"))) {
            for (int i = 0; i < TEXTS.size(); i++) {
                Encoding pair = tokenizer.encode(QUERY, TEXTS.get(i));
                tokens += pair.length();
                Object found = reference.run(pair);
                double logit = found instanceof float[][] row ? row[0][0] : ((float[]) found)[0];
                double expected = sigmoid ? 1 / (1 + Math.exp(-logit)) : logit;
                assertThat(scores.values().get(i))
                        .as("seed %d, text %d", SEED, i)
                        .isCloseTo(expected, within(TOLERANCE * Math.max(1, Math.abs(expected))));
            }
        }
        assertThat(scores.values()).hasSameSizeAs(TEXTS);
        assertThat(scores.tokens()).isEqualTo(tokens);
    }

    @Test
    void scoresAreSigmoidsUnlessTheFileSaysOtherwise() throws Exception {
        CrossEncoder encoder = CrossEncoder.load(folder);
        assertThat(encoder.isSigmoid()).isTrue();
        assertThat(encoder.maxLength()).hasValue(MAX_TOKENS);
        check(encoder, true);
        check(encoder.sigmoid(false), false);
        SmallEncoders.write(
                folder.resolve("config.json"),
                "{\"max_position_embeddings\":48,\"sbert_ce_default_activation_function\":\"torch.nn.modules.linear.Identity\"}");
        check(CrossEncoder.load(folder), false);
        SmallEncoders.write(
                folder.resolve("config.json"),
                "{\"max_position_embeddings\":48,\"sentence_transformers\":"
                        + "{\"activation_fn\":\"torch.nn.modules.activation.Sigmoid\"}}");
        check(CrossEncoder.load(folder), true);
        SmallEncoders.write(
                folder.resolve("config.json"),
                "{\"sentence_transformers\":{\"activation_fn\":\"torch.nn.modules.activation.Tanh\"}}");
        assertThat(Typed.failure(() -> CrossEncoder.load(folder)))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("activation_fn: \"torch.nn.modules.activation.Tanh\"");
    }

    @Test
    void aNumberMayHaveNoDimensionOfItsOwn() throws Exception {
        SmallEncoders.save(
                SmallEncoders.crossEncoder(1).replace("return logits=%logits", """
                      %flat = const i64[1] {-1}
                      %line1 = Reshape(%logits, %flat)
                      return logits=%line1"""), folder.resolve("onnx/model.onnx"));
        check(CrossEncoder.load(folder).sigmoid(false), false);
    }

    @Test
    void aSessionAndATokenizer() throws Exception {
        Tokenizer tokenizer = Tokenizer.load(
                folder.resolve("tokenizer.json"), TokenizerOptions.standard().maxLength(MAX_TOKENS));
        Model model = Model.load(folder.resolve("onnx/model.onnx"));
        // No file says here which token fills rows.
        check(CrossEncoder.of(model.session(), tokenizer).padded(false), true);
    }

    @Test
    void companyDoesNotChangeBitsWithoutPadding() {
        CrossEncoder encoder = CrossEncoder.load(folder).padded(false);
        List<Double> together = encoder.score(QUERY, TEXTS).values();
        for (int i = 0; i < TEXTS.size(); i++) {
            assertThat(encoder.score(QUERY, TEXTS.get(i))).isEqualTo(together.get(i));
        }
        assertThat(encoder.score(QUERY, List.of())).isEqualTo(new Scores(List.of(), 0));
    }

    @Test
    void modelsOfSeveralLabelsAreRefused() {
        SmallEncoders.save(SmallEncoders.crossEncoder(3), folder.resolve("onnx/model.onnx"));
        assertThat(Typed.failure(() -> CrossEncoder.load(folder)))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("logits")
                .hasMessageContaining("[pairs, 1]");
    }

    @Test
    void badCalls() {
        CrossEncoder encoder = CrossEncoder.load(folder);
        assertThatNullPointerException()
                .isThrownBy(() -> encoder.score(null, TEXTS))
                .withMessage("query");
        assertThatNullPointerException()
                .isThrownBy(() -> encoder.score(QUERY, (String) null))
                .withMessage("text");
        assertThat(Typed.failure(() -> encoder.score(QUERY, Collections.singletonList(null))))
                .isInstanceOf(InvalidInputException.class);
        assertThatExceptionOfType(InterruptedPredictionException.class)
                .isThrownBy(() -> encoder.score(QUERY, TEXTS, () -> true));
        CrossEncoder narrow =
                CrossEncoder.load(folder, EncoderOptions.standard().maxLength(2));
        assertThat(Typed.failure(() -> narrow.score(QUERY, TEXTS)))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("3 special tokens");
    }
}
