package dev.tenon.samples.embeddings;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.embedding.Pooling;
import dev.tenon.embedding.TextEmbedder;
import dev.tenon.formats.onnx.proto.NodeProto;
import dev.tenon.op.Operands;
import dev.tenon.op.quant.DynamicQuantizeLinear;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Tier;
import dev.tenon.text.Batch;
import dev.tenon.text.Tokenizer;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * all-MiniLM-L6-v2 gives the results of ONNX Runtime for 24 sentences of 3 to 256 tokens, one by one and in batches of
 * 8. The hidden states of padding are compared too. The plain tier is much slower, so it runs only sentences of up to
 * 32 tokens.
 */
@Tag("tiers")
@Tag("costly")
class MiniLmOracleTest {
    /** The largest difference of a hidden state. The project promises it for this model. */
    private static final double HIDDEN_STATE = 1e-4;

    private static final double COSINE = 0.99999;
    private static final double COSINE_QUANTIZED = 0.9999;

    /** The least cosine between embeddings of the quantised model, in which last bits can change a rounded value. */
    private static final double MIN_QUANTIZED_COSINE = 0.98;

    /**
     * The largest difference between Tenon and ONNX Runtime, as a multiple of the difference that ONNX Runtime makes by
     * its own optimisation. It applies where both are large: to quantised embeddings, and to the hidden states of
     * padding, in which attention amplifies the last bits (there exact arithmetic differs from ONNX Runtime by up to
     * 1.8e-4).
     */
    private static final double MAX_RATIO = 3;

    private static final int BATCH = 8;
    private static final int MAX_LENGTH_ON_PLAIN = 32;

    private static List<Integer> lengths() {
        return Tier.name().equals("plain")
                ? MiniLm.LENGTHS.stream().filter(n -> n <= MAX_LENGTH_ON_PLAIN).toList()
                : MiniLm.LENGTHS;
    }

    /** All batches: first each sentence by itself, then batches of eight with short and long sentences. */
    private static List<Batch> batches(Tokenizer tokenizer) {
        List<String> sentences = MiniLm.sentences(tokenizer, lengths());
        List<Batch> batches = new ArrayList<>();
        for (int i = 0; i < sentences.size(); i++) {
            Batch batch = tokenizer.encodeBatch(List.of(sentences.get(i)));
            assertThat(batch.tokens()).isEqualTo(lengths().get(i));
            batches.add(batch);
        }
        int groups = sentences.size() / BATCH;
        for (int g = 0; g < groups; g++) {
            List<String> group = new ArrayList<>();
            for (int i = 0; i < BATCH; i++) {
                group.add(sentences.get(i * groups + g));
            }
            batches.add(tokenizer.encodeBatch(group));
        }
        return batches;
    }

    private static String describe(Batch batch) {
        return batch.size() + " x " + batch.tokens() + " tokens";
    }

    @Test
    void everyHiddenStateIsThePeers() throws Exception {
        Session session = MiniLm.FLOAT32.load().session();
        byte[] file = Files.readAllBytes(MiniLm.FLOAT32.file());
        double ours = 0;
        double theirs = 0;
        try (OnnxRuntime reference = new OnnxRuntime(file, OptLevel.ALL_OPT);
                OnnxRuntime unoptimized = new OnnxRuntime(file, OptLevel.NO_OPT)) {
            for (Batch batch : batches(MiniLm.FLOAT32.tokenizer())) {
                Tensor hidden = session.predict(MiniLm.inputs(batch)).tensor(MiniLm.OUTPUT);
                assertThat(hidden.dims()).containsExactly(batch.size(), batch.tokens(), MiniLm.WIDTH);
                float[] found = hidden.toFloatArray();
                float[] expected = reference.hidden(batch);
                assertThat(Embeddings.largestDifference(found, expected, batch, true))
                        .as("largest difference of a hidden state, %s", describe(batch))
                        .isLessThanOrEqualTo(HIDDEN_STATE);
                ours = Math.max(ours, Embeddings.largestDifference(found, expected, batch, false));
                float[] spelled = unoptimized.hidden(batch);
                theirs = Math.max(theirs, Embeddings.largestDifference(spelled, expected, batch, false));
                assertThat(Embeddings.leastCosine(found, expected, batch))
                        .as("least cosine, %s", describe(batch))
                        .isGreaterThanOrEqualTo(COSINE);
            }
        }
        assertThat(ours)
                .as("largest difference of a hidden state of padding, where ONNX Runtime has %s with itself", theirs)
                .isLessThanOrEqualTo(Math.max(HIDDEN_STATE, MAX_RATIO * theirs));
    }

    @Test
    void quantizedEmbeddingsAreThePeersGivenItsQuantizedActivations() throws Exception {
        CutModel cut = CutModel.of(MiniLm.QUANTIZED.file());
        Session pieces = Model.load(ByteBuffer.wrap(cut.pieces())).session();
        try (OnnxRuntime reference = new OnnxRuntime(cut.open(), OptLevel.ALL_OPT)) {
            for (Batch batch : batches(MiniLm.QUANTIZED.tokenizer())) {
                Map<String, Tensor> expected = reference.run(batch);
                Map<String, Tensor> inputs = new HashMap<>(MiniLm.inputs(batch));
                for (NodeProto quantization : cut.quantizations()) {
                    checkQuantization(quantization, expected, batch);
                    quantization.outputs().forEach(name -> inputs.put(name, expected.get(name)));
                }
                Outputs found = pieces.predict(inputs);
                for (NodeProto quantization : cut.quantizations()) {
                    String name = quantization.inputs().getFirst();
                    assertThat(Embeddings.largestDifference(
                                    found.tensor(name).toFloatArray(),
                                    expected.get(name).toFloatArray()))
                            .as("largest difference of %s, %s", name, describe(batch))
                            .isLessThanOrEqualTo(HIDDEN_STATE);
                }
                assertThat(Embeddings.leastCosine(
                                found.tensor(MiniLm.OUTPUT).toFloatArray(),
                                expected.get(MiniLm.OUTPUT).toFloatArray(),
                                batch))
                        .as("least cosine, %s", describe(batch))
                        .isGreaterThanOrEqualTo(COSINE_QUANTIZED);
            }
        }
    }

    /** Checks that ONNX Runtime quantises its numbers as the definition of the operator says. */
    private static void checkQuantization(NodeProto node, Map<String, Tensor> reference, Batch batch) {
        List<Datum> results = new DynamicQuantizeLinear()
                .reference(Operands.of(
                        new DynamicQuantizeLinear(), reference.get(node.inputs().getFirst())));
        for (int i = 0; i < results.size(); i++) {
            String name = node.outputs().get(i);
            assertThat(reference.get(name).contentEquals((Tensor) results.get(i)))
                    .as("%s, %s", name, describe(batch))
                    .isTrue();
        }
    }

    @Test
    void quantizedEmbeddingsAreAsFarFromThePeersAsThePeersFromThemselves() throws Exception {
        Session session = MiniLm.QUANTIZED.load().session();
        byte[] file = Files.readAllBytes(MiniLm.QUANTIZED.file());
        double ours = 0;
        double theirs = 0;
        try (OnnxRuntime reference = new OnnxRuntime(file, OptLevel.ALL_OPT);
                OnnxRuntime unoptimized = new OnnxRuntime(file, OptLevel.NO_OPT)) {
            for (Batch batch : batches(MiniLm.QUANTIZED.tokenizer())) {
                float[] found = session.predict(MiniLm.inputs(batch))
                        .tensor(MiniLm.OUTPUT)
                        .toFloatArray();
                float[] expected = reference.hidden(batch);
                double cosine = Embeddings.leastCosine(found, expected, batch);
                assertThat(cosine).as("least cosine, %s", describe(batch)).isGreaterThanOrEqualTo(MIN_QUANTIZED_COSINE);
                ours += 1 - cosine;
                theirs += 1 - Embeddings.leastCosine(unoptimized.hidden(batch), expected, batch);
            }
        }
        assertThat(ours)
                .as("sum over all batches of 1 - cosine, where ONNX Runtime has %s with itself", theirs)
                .isLessThanOrEqualTo(MAX_RATIO * theirs);
    }

    @Test
    void theSampleEncodesLikeOnnxRuntime() throws Exception {
        Tokenizer tokenizer = MiniLm.FLOAT32.tokenizer();
        List<String> sentences = List.of("A cat sleeps.", "Ein Kätzchen schläft in der Sonne.", "");
        List<float[]> embeddings = TextEmbedder.of(MiniLm.FLOAT32.load().session(), tokenizer, Pooling.MEAN)
                .embed(sentences)
                .vectors();
        Batch batch = tokenizer.encodeBatch(sentences);
        try (OnnxRuntime reference = OnnxRuntime.of(MiniLm.FLOAT32.file())) {
            float[] expected = reference.hidden(batch);
            for (int row = 0; row < sentences.size(); row++) {
                double[] vector = new double[MiniLm.WIDTH];
                double squares = 0;
                for (int i = 0; i < MiniLm.WIDTH; i++) {
                    vector[i] = embeddings.get(row)[i];
                    squares += vector[i] * vector[i];
                }
                assertThat(Embeddings.cosine(vector, Embeddings.pooled(expected, batch, row)))
                        .isGreaterThanOrEqualTo(COSINE);
                assertThat(Math.abs(squares - 1)).isLessThanOrEqualTo(HIDDEN_STATE);
            }
        }
    }
}
