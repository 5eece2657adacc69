package dev.tenon.samples.embeddings;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.formats.onnx.proto.NodeProto;
import dev.tenon.op.Operands;
import dev.tenon.op.quant.DynamicQuantizeLinear;
import dev.tenon.samples.text.Batch;
import dev.tenon.samples.text.WordPieceTokenizer;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Tier;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * all-MiniLM-L6-v2 against ONNX Runtime: 24 sentences of 3 to 256 tokens, one by one and in batches of 8, of which the
 * padding is compared too. The plain tier, many times slower, has the sentences of up to 32 tokens.
 */
@Tag("tiers")
class MiniLmOracleTest {
    /** How far a hidden state may be from the peer's: what the project promises of this model. */
    private static final double HIDDEN_STATE = 1e-4;

    private static final double COSINE = 0.99999;
    private static final double COSINE_QUANTIZED = 0.9999;

    /** How alike embeddings are at least that a flipped step of quantisation sets apart. */
    private static final double COSINE_OF_FLIPPED = 0.98;

    /**
     * How many times further ours may be from the peer than the peer, when it does not optimise, is from itself, where
     * both are far: the hidden states of padding, which nobody reads and in which attention makes much of the last bits
     * (exact arithmetic is up to 1.8e-4 away from the peer there), and quantised embeddings.
     */
    private static final double AS_FAR = 3;

    private static final int BATCH = 8;
    private static final int LONGEST_ON_PLAIN = 32;

    private static List<Integer> lengths() {
        return Tier.name().equals("plain")
                ? MiniLm.LENGTHS.stream().filter(n -> n <= LONGEST_ON_PLAIN).toList()
                : MiniLm.LENGTHS;
    }

    /** All batches: each sentence alone, then eight at a time, short ones beside long ones. */
    private static List<Batch> batches(WordPieceTokenizer tokenizer) {
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
        try (OnnxRuntime peer = new OnnxRuntime(file, OptLevel.ALL_OPT);
                OnnxRuntime unoptimized = new OnnxRuntime(file, OptLevel.NO_OPT)) {
            for (Batch batch : batches(MiniLm.FLOAT32.tokenizer())) {
                Tensor hidden = session.predict(MiniLm.inputs(batch)).tensor(MiniLm.OUTPUT);
                assertThat(hidden.dims()).containsExactly(batch.size(), batch.tokens(), MiniLm.WIDTH);
                float[] found = hidden.toFloatArray();
                float[] expected = peer.hidden(batch);
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
                .as("largest difference of a hidden state of padding, where the peer has %s with itself", theirs)
                .isLessThanOrEqualTo(Math.max(HIDDEN_STATE, AS_FAR * theirs));
    }

    @Test
    void quantizedEmbeddingsAreThePeersGivenItsQuantizedActivations() throws Exception {
        CutModel cut = CutModel.of(MiniLm.QUANTIZED.file());
        Session pieces = Model.load(ByteBuffer.wrap(cut.pieces())).session();
        try (OnnxRuntime peer = new OnnxRuntime(cut.open(), OptLevel.ALL_OPT)) {
            for (Batch batch : batches(MiniLm.QUANTIZED.tokenizer())) {
                Map<String, Tensor> expected = peer.run(batch);
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

    /** The peer's steps are what the operator's definition gives for the peer's numbers. */
    private static void checkQuantization(NodeProto node, Map<String, Tensor> peer, Batch batch) {
        List<Datum> results = new DynamicQuantizeLinear()
                .reference(Operands.of(
                        new DynamicQuantizeLinear(), peer.get(node.inputs().getFirst())));
        for (int i = 0; i < results.size(); i++) {
            String name = node.outputs().get(i);
            assertThat(peer.get(name).contentEquals((Tensor) results.get(i)))
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
        try (OnnxRuntime peer = new OnnxRuntime(file, OptLevel.ALL_OPT);
                OnnxRuntime unoptimized = new OnnxRuntime(file, OptLevel.NO_OPT)) {
            for (Batch batch : batches(MiniLm.QUANTIZED.tokenizer())) {
                float[] found = session.predict(MiniLm.inputs(batch))
                        .tensor(MiniLm.OUTPUT)
                        .toFloatArray();
                float[] expected = peer.hidden(batch);
                double cosine = Embeddings.leastCosine(found, expected, batch);
                assertThat(cosine).as("least cosine, %s", describe(batch)).isGreaterThanOrEqualTo(COSINE_OF_FLIPPED);
                ours += 1 - cosine;
                theirs += 1 - Embeddings.leastCosine(unoptimized.hidden(batch), expected, batch);
            }
        }
        assertThat(ours)
                .as("sum over all batches of 1 - cosine, where the peer has %s with itself", theirs)
                .isLessThanOrEqualTo(AS_FAR * theirs);
    }

    @Test
    void theSampleEncodesLikeThePeer() throws Exception {
        WordPieceTokenizer tokenizer = MiniLm.FLOAT32.tokenizer();
        List<String> sentences = List.of("A cat sleeps.", "Ein Kätzchen schläft in der Sonne.", "");
        float[][] embeddings = new SentenceEncoder(MiniLm.FLOAT32.load(), tokenizer).encode(sentences);
        Batch batch = tokenizer.encodeBatch(sentences);
        try (OnnxRuntime peer = OnnxRuntime.of(MiniLm.FLOAT32.file())) {
            float[] expected = peer.hidden(batch);
            for (int row = 0; row < sentences.size(); row++) {
                double[] vector = new double[MiniLm.WIDTH];
                double squares = 0;
                for (int i = 0; i < MiniLm.WIDTH; i++) {
                    vector[i] = embeddings[row][i];
                    squares += vector[i] * vector[i];
                }
                assertThat(Embeddings.cosine(vector, Embeddings.pooled(expected, batch, row)))
                        .isGreaterThanOrEqualTo(COSINE);
                assertThat(Math.abs(squares - 1)).isLessThanOrEqualTo(HIDDEN_STATE);
            }
        }
    }
}
