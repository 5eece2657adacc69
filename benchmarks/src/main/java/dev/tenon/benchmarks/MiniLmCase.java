package dev.tenon.benchmarks;

import dev.tenon.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The hidden states of all-MiniLM-L6-v2, a BERT of six layers, for sentences without padding.
 *
 * @param model one of {@link #MODELS}
 * @param sentences the size of the batch, at least 1
 * @param tokens tokens of each sentence, from 2 to 512
 * @param threads threads of one call, at least 1
 */
record MiniLmCase(String model, int sentences, int tokens, int threads) implements BenchmarkCase {
    /** Names the folder where the build unpacks the models. */
    static final String FOLDER_PROPERTY = "tenon.models";

    /** The model in float32. */
    static final String FLOAT = "all-minilm-l6-v2";

    /** The model with 8-bit weights and activations that are quantised as they come. */
    static final String QUANTISED = "all-minilm-l6-v2-q";

    /** Names of the model's files without their ending. */
    static final List<String> MODELS = List.of(FLOAT, QUANTISED);

    private static final Pattern SHAPE = Pattern.compile("(\\d{1,4})x(\\d{1,3})");
    private static final int MOST_TOKENS = 512;
    private static final int LAYERS = 6;
    private static final int WIDTH = 384;
    private static final int INNER_WIDTH = 1536;
    private static final long SEED = 20260211;
    private static final int FIRST_WORD = 1996;
    private static final int VOCABULARY = 30522;
    private static final int CLS = 101;
    private static final int SEP = 102;

    /**
     * The case of JMH's parameters.
     *
     * @param model one of {@link #MODELS}
     * @param shape sentences and tokens, such as {@code 8x128}
     * @param threads threads of one call, at least 1
     * @return the case
     * @throws IllegalArgumentException if a parameter is not of its form
     */
    static MiniLmCase of(String model, String shape, int threads) {
        if (!MODELS.contains(model)) {
            throw new IllegalArgumentException(
                    "model '" + model + "' is unknown; there are " + String.join(", ", MODELS));
        }
        Matcher matcher = SHAPE.matcher(shape);
        int sentences = matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
        int tokens = sentences > 0 ? Integer.parseInt(matcher.group(2)) : 0;
        if (tokens < 2 || tokens > MOST_TOKENS) {
            throw new IllegalArgumentException("shape '" + shape
                    + "' is not of the form SENTENCESxTOKENS, 1 to 9999 sentences of 2 to " + MOST_TOKENS + " tokens");
        }
        if (threads < 1) {
            throw new IllegalArgumentException("threads " + threads + ": at least 1");
        }
        return new MiniLmCase(model, sentences, tokens, threads);
    }

    @Override
    public String sizes() {
        return sentences + "x" + tokens;
    }

    @Override
    public String shapes() {
        return BenchmarkCase.shapes(inputs());
    }

    /** Per layer and token: query, key, value and output projections, two inner products, scores and their sum. */
    @Override
    public double flops() {
        double projections = 4.0 * WIDTH * WIDTH + 2.0 * WIDTH * INNER_WIDTH;
        double attention = 2.0 * tokens * WIDTH;
        return 2 * LAYERS * (projections + attention) * sentences * tokens;
    }

    /**
     * Quantised outputs agree loosely: where activations lie between two steps, the last bit of a float decides which
     * one is taken, and layers of such choices make two right results differ by nearly as much as quantisation itself.
     */
    @Override
    public double leastCosine() {
        return model.equals(FLOAT) ? 0.99999 : 0.98;
    }

    @Override
    public PreparedRun prepare(String engine) {
        return switch (engine) {
            case Engines.TENON -> new TenonRun(file(), threads, inputs());
            case Engines.ONNXRUNTIME -> new OnnxRuntimeRun(file(), threads, inputs());
            default -> throw Engines.unknown(engine, engines());
        };
    }

    private Path file() {
        return file(model);
    }

    /**
     * The file of a model.
     *
     * @param model one of {@link #MODELS}
     * @return an ONNX file that is there
     */
    static Path file(String model) {
        Path folder = Path.of(System.getProperty(FOLDER_PROPERTY, "target/models"));
        Path file = folder.resolve(model + ".onnx");
        if (!Files.isRegularFile(file)) {
            throw new IllegalStateException("there is no " + file.toAbsolutePath()
                    + "; the build unpacks it: start benchmarks/run, or name its folder by -D" + FOLDER_PROPERTY);
        }
        return file;
    }

    /** Random words between the tokens that begin and end a sentence. */
    private Map<String, Tensor> inputs() {
        Random random = new Random(SEED);
        long[] ids = new long[sentences * tokens];
        for (int i = 0; i < ids.length; i++) {
            int position = i % tokens;
            ids[i] = position == 0 ? CLS : position == tokens - 1 ? SEP : random.nextInt(FIRST_WORD, VOCABULARY);
        }
        long[] mask = new long[ids.length];
        Arrays.fill(mask, 1);
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        inputs.put("input_ids", Tensor.wrap(ids, sentences, tokens));
        inputs.put("attention_mask", Tensor.wrap(mask, sentences, tokens));
        inputs.put("token_type_ids", Tensor.wrap(new long[ids.length], sentences, tokens));
        return inputs;
    }
}
