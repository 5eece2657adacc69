package dev.tenon.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.output.Response;
import dev.tenon.Model;
import dev.tenon.SaveOptions;
import dev.tenon.embedding.CrossEncoder;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Tanh;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.reduce.ReduceSum;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import dev.tenon.text.Tokenizer;
import dev.tenon.text.TokenizerOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scores of pairs, beside ONNX Runtime and the tokenizer of Hugging Face, for a small model that the test makes. */
@Tag("vector")
class ScoringModelTest {
    private static final long SEED = 7;
    private static final double TOLERANCE = 1e-3;
    /** One that every version of ONNX Runtime of the last years reads. */
    private static final int OPERATOR_SET = 17;

    private static final int MAX_TOKENS = 64;
    private static final Path TOKENIZER =
            Path.of(System.getProperty("tenon.models", "target/models"), "all-minilm-l6-v2-tokenizer.json");

    @TempDir
    private Path folder;

    /** Adds vectors of tokens and of types, bends them, and weighs their sum over the tokens. */
    private static Model crossEncoder() {
        Random random = new Random(SEED);
        GraphBuilder graph = new GraphBuilder("cross-encoder");
        Value ids = graph.input("input_ids", ValueType.parse("i64[n,t]"));
        Value mask = graph.input("attention_mask", ValueType.parse("i64[n,t]"));
        Value types = graph.input("token_type_ids", ValueType.parse("i64[n,t]"));
        Value tokens = graph.add(new Gather(0), random(graph, random, 30_522, 8), ids);
        Value segments = graph.add(new Gather(0), random(graph, random, 2, 8), types);
        Value bent = graph.add(new Tanh(), graph.add(new Add(), tokens, segments));
        Value shown = graph.add(
                new Unsqueeze(),
                graph.add(new Cast(DType.FLOAT32), mask),
                graph.constant(Tensor.of(new long[] {2}, 1)));
        Value sum = graph.add(
                new ReduceSum(false, false),
                graph.add(new Mul(), bent, shown),
                graph.constant(Tensor.of(new long[] {1}, 1)));
        graph.output("logits", graph.add(new MatMul(), sum, random(graph, random, 8, 1)));
        return Model.of(graph.build());
    }

    private static Value random(GraphBuilder graph, Random random, int rows, int columns) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return graph.constant(Tensor.of(values, rows, columns));
    }

    @Test
    void scoresAreThoseOfOnnxRuntime() throws Exception {
        Path file = folder.resolve("cross-encoder.onnx");
        crossEncoder().save(file, SaveOptions.standard().operatorSet(OPERATOR_SET));
        TenonScoringModel model = new TenonScoringModel(scorer(file));
        List<TextSegment> texts = Texts.texts(50);
        String query = "Who repaired the clock beside the river?";
        Response<List<Double>> scores = model.scoreAll(texts, query);
        assertThat(scores.content()).hasSize(texts.size()).doesNotHaveDuplicates();
        Map<String, String> settings = Map.of("truncation", "LONGEST_FIRST", "maxLength", String.valueOf(MAX_TOKENS));
        int tokens = 0;
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.newInstance(TOKENIZER, settings);
                OrtSession session = environment.createSession(file.toString())) {
            for (int i = 0; i < texts.size(); i++) {
                Encoding pair = tokenizer.encode(query, texts.get(i).text());
                tokens += pair.getIds().length;
                assertThat(scores.content().get(i))
                        .as("seed %d, text %d", SEED, i)
                        .isCloseTo(score(environment, session, pair), within(TOLERANCE));
            }
        }
        assertThat(scores.tokenUsage().inputTokenCount()).isEqualTo(tokens);
        assertThat(model.score(texts.getLast(), query).content())
                .isCloseTo(scores.content().getLast(), within(TOLERANCE));
    }

    /** Scores are the numbers of the model, so that a difference is not hidden by a sigmoid. */
    private static CrossEncoder scorer(Path file) {
        Tokenizer tokenizer =
                Tokenizer.load(TOKENIZER, TokenizerOptions.standard().maxLength(MAX_TOKENS));
        return CrossEncoder.of(Model.load(file).session(), tokenizer).sigmoid(false);
    }

    private static double score(OrtEnvironment environment, OrtSession session, Encoding pair) throws Exception {
        try (OnnxTensor ids = OnnxTensor.createTensor(environment, new long[][] {pair.getIds()});
                OnnxTensor mask = OnnxTensor.createTensor(environment, new long[][] {pair.getAttentionMask()});
                OnnxTensor types = OnnxTensor.createTensor(environment, new long[][] {pair.getTypeIds()});
                OrtSession.Result result =
                        session.run(Map.of("input_ids", ids, "attention_mask", mask, "token_type_ids", types))) {
            return ((float[][]) result.get(0).getValue())[0][0];
        }
    }
}
