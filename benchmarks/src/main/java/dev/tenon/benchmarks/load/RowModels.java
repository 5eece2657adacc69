package dev.tenon.benchmarks.load;

import dev.tenon.Model;
import dev.tenon.ValueInfo;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Models whose inputs have rows, and random inputs for any number of them. */
public final class RowModels {
    private static final String MODELS_PROPERTY = "tenon.models";

    /**
     * A model and the shapes of its inputs, where n is the number of rows: {@code x=nx3x8}, or {@code *=nx8}.
     *
     * @param name its name in tables
     * @param file a fetched file, or a trained model after {@code shared:}
     * @param shapes the shapes
     */
    public record Entry(String name, String file, String shapes) {
        /**
         * Where the model is.
         *
         * @return the file, which may be missing
         */
        public Path path() {
            return RowModels.path(file);
        }
    }

    private static final String MINILM = "input_ids=%1$s attention_mask=%1$s token_type_ids=%1$s";

    /** The models that are measured. */
    public static final List<Entry> LIST = List.of(
            new Entry("mnist_cnn", "shared:mnist_cnn", "*=nx1x28x28"),
            new Entry("digits_mlp", "shared:digits_mlp", "*=nx1x8x8"),
            new Entry("digits_vit", "shared:digits_vit", "*=nx1x8x8"),
            new Entry("digits_mobile", "shared:digits_mobile", "*=nx1x8x8"),
            new Entry("MiniLM, 16 tokens", "all-minilm-l6-v2", MINILM.formatted("nx16")),
            new Entry("MiniLM, 128 tokens", "all-minilm-l6-v2", MINILM.formatted("nx128")),
            new Entry("MiniLM INT8, 16 tokens", "all-minilm-l6-v2-q", MINILM.formatted("nx16")),
            new Entry("text direction (PP-OCR)", "ch_ppocr_mobile_v2.0_cls_infer", "x=nx3x48x192"),
            new Entry("speech embedding", "embedding_model", "input_1=nx76x32x1"),
            new Entry("char_gru", "shared:char_gru", "*=nx96"),
            new Entry("digits_rf100", "shared:digits_rf100", "*=nx64"),
            new Entry("xgb_1000x8", "shared:xgb_1000x8", "*=nx50"),
            new Entry("silero_vad_v5", "silero_vad_v5", "input=nx576 state=2xnx128 sr="));

    private RowModels() {}

    private static Path path(String file) {
        String shared = "shared:";
        if (!file.startsWith(shared)) {
            return Path.of(System.getProperty(MODELS_PROPERTY, "target/models")).resolve(file + ".onnx");
        }
        String given = System.getProperty("tenon.shared", "");
        Path folder = given.isEmpty()
                ? Path.of(System.getProperty("tenon.root", ".")).resolveSibling("shared")
                : Path.of(given);
        return folder.resolve("models/trained")
                .resolve(file.substring(shared.length()))
                .resolve("model.onnx");
    }

    /**
     * Random inputs.
     *
     * @param model the model
     * @param shapes the shapes of its inputs, {@code x=nx3x8}; {@code *} stands for all others
     * @param rows the number of rows, for n
     * @return a tensor for each input
     * @throws IllegalArgumentException if a shape is missing, or does not read so
     */
    public static Map<String, Tensor> inputs(Model model, String shapes, int rows) {
        Map<String, String> byName = new LinkedHashMap<>();
        for (String part : shapes.split(" ")) {
            int at = part.indexOf('=');
            if (at < 0) {
                throw new IllegalArgumentException("a shape reads name=nx3x8, not " + part);
            }
            byName.put(part.substring(0, at), part.substring(at + 1));
        }
        SplittableRandom random = new SplittableRandom(rows);
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (ValueInfo input : model.inputs()) {
            String shape = byName.getOrDefault(input.name(), byName.get("*"));
            if (shape == null) {
                throw new IllegalArgumentException("no shape for input " + input);
            }
            inputs.put(input.name(), random(((TensorType) input.type()).dtype(), dims(shape, rows), random));
        }
        return inputs;
    }

    private static long[] dims(String shape, int rows) {
        return shape.isEmpty()
                ? new long[0]
                : Arrays.stream(shape.split("x"))
                        .mapToLong(d -> d.equals("n") ? rows : Long.parseLong(d))
                        .toArray();
    }

    private static Tensor random(DType dtype, long[] dims, SplittableRandom random) {
        Tensor t = Tensor.allocate(dtype, dims);
        for (long i = 0; i < t.size(); i++) {
            if (dtype.isFloating()) {
                t.setDouble(i, random.nextDouble());
            } else {
                // A sampling rate, a mask, or a token.
                t.setLong(i, dims.length == 0 ? 16_000 : 1);
            }
        }
        return t;
    }
}
