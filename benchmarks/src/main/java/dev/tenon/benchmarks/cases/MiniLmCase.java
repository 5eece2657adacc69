package dev.tenon.benchmarks.cases;

import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.engine.OnnxRuntimeRun;
import dev.tenon.benchmarks.engine.PreparedRun;
import dev.tenon.benchmarks.engine.TenonRun;
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
public record MiniLmCase(String model, int sentences, int tokens, int threads) implements BenchmarkCase {
    /** The property that names the folder of the models, which the build unpacks. */
    public static final String FOLDER_PROPERTY = "tenon.models";

    /** The model in float32. */
    public static final String FLOAT = "all-minilm-l6-v2";

    /** The model with 8-bit weights and dynamic quantisation of activations. */
    static final String QUANTISED = "all-minilm-l6-v2-q";

    /** The names of the models. */
    static final List<String> MODELS = List.of(FLOAT, QUANTISED);

    private static final Pattern SHAPE = Pattern.compile("(\\d{1,4})x(\\d{1,3})");
    private static final int MAX_TOKENS = 512;
    private static final int LAYERS = 6;
    private static final int WIDTH = 384;
    private static final int INNER_WIDTH = 1536;
    private static final long SEED = 20260211;
    private static final int FIRST_WORD = 1996;
    private static final int VOCABULARY = 30522;
    private static final int CLS = 101;
    private static final int SEP = 102;

    /**
     * Makes the case of JMH parameters.
     *
     * @param model one of {@link #MODELS}
     * @param shape sentences and tokens, such as {@code 8x128}
     * @param threads threads of one call, at least 1
     * @return the case
     * @throws IllegalArgumentException if a parameter has a wrong form
     */
    public static MiniLmCase of(String model, String shape, int threads) {
        if (!MODELS.contains(model)) {
            throw new IllegalArgumentException(
                    "model '" + model + "' is unknown; there are " + String.join(", ", MODELS));
        }
        Matcher matcher = SHAPE.matcher(shape);
        int sentences = matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
        int tokens = sentences > 0 ? Integer.parseInt(matcher.group(2)) : 0;
        if (tokens < 2 || tokens > MAX_TOKENS) {
            throw new IllegalArgumentException("shape '" + shape
                    + "' is not of the form SENTENCESxTOKENS, 1 to 9999 sentences of 2 to " + MAX_TOKENS + " tokens");
        }
        if (threads < 1) {
            throw new IllegalArgumentException("threads " + threads + " is not at least 1");
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

    /**
     * For each layer and token: the projections of query, key, value and output, the two products of the MLP, and
     * attention.
     */
    @Override
    public double flops() {
        double projections = 4.0 * WIDTH * WIDTH + 2.0 * WIDTH * INNER_WIDTH;
        double attention = 2.0 * tokens * WIDTH;
        return 2 * LAYERS * (projections + attention) * sentences * tokens;
    }

    /**
     * Quantised outputs agree only roughly. If an activation is half-way between two levels, the last bit of a float
     * decides which level it gets. After several layers two correct results can differ by nearly as much as
     * quantisation itself changes them.
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
     * The folder of models.
     *
     * @return the folder that {@value #FOLDER_PROPERTY} names
     */
    public static Path folder() {
        return Path.of(System.getProperty(FOLDER_PROPERTY, "target/models"));
    }

    /**
     * The file of a model.
     *
     * @param model one of {@link #MODELS}
     * @return an existing ONNX file
     */
    public static Path file(String model) {
        Path file = folder().resolve(model + ".onnx");
        if (!Files.isRegularFile(file)) {
            throw new IllegalStateException("there is no " + file.toAbsolutePath()
                    + "; the build unpacks it: start benchmarks/run, or name its folder by -D" + FOLDER_PROPERTY);
        }
        return file;
    }

    /** Random words between the special tokens at the beginning and the end. */
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
