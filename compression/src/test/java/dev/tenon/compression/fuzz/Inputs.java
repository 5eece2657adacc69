package dev.tenon.compression.fuzz;

import dev.tenon.Model;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.Metric;
import dev.tenon.compression.Progress;
import dev.tenon.compression.Samples;
import dev.tenon.compression.Trial;
import dev.tenon.compression.quantize.weights.QuantizeWeights;
import dev.tenon.compression.recipe.Goal;
import dev.tenon.compression.recipe.Recipes;
import dev.tenon.compression.search.Objective;
import dev.tenon.compression.search.Search;
import dev.tenon.formats.npy.Npy;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/** A model of two layers with samples, and the files that campaigns begin with. */
final class Inputs {
    private static final int WIDTH = 8;
    private static final int SAMPLES = 6;
    private static final double FLOOR = 0.5;

    static final Model MODEL = model();
    static final Samples SAMPLES_OF_MODEL = samples();

    /** Its steps are made in no time, and its scores are kept. */
    private static final String STEP = "int8-weights";

    private Inputs() {}

    private static float[] random(int count, long seed) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static Model model() {
        GraphBuilder b = new GraphBuilder("tiny");
        Value x = b.input("x", new TensorType(DType.FLOAT32, Shape.of(Dim.symbol("rows"), Dim.of(WIDTH))));
        Value w = b.constant("w", Tensor.of(random(WIDTH * WIDTH, 1), WIDTH, WIDTH));
        // Of rank 1, so that it pays to divide it.
        float[] flat = new float[WIDTH * WIDTH];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = (i / WIDTH + 1) * (i % WIDTH - 2.5f);
        }
        Value v = b.constant("v", Tensor.of(flat, WIDTH, WIDTH));
        Value first = b.add(new MatMul(), "first", List.of(x, w), List.of("y")).getFirst();
        b.output(b.add(new MatMul(), "second", List.of(b.add(new Relu(), first), v), List.of("z"))
                .getFirst());
        return Model.of(b.build());
    }

    private static Samples samples() {
        List<Map<String, Tensor>> calls = new ArrayList<>();
        for (int i = 0; i < SAMPLES; i++) {
            calls.add(Map.of("x", Tensor.of(random(WIDTH, 10 + i), 1, WIDTH)));
        }
        return Samples.of(calls);
    }

    static Compressor compressor() {
        return Compressor.of(MODEL).calibrate(SAMPLES_OF_MODEL);
    }

    /** Runs a recipe of steps, whose scores are kept in a folder. */
    static String resumed(Path folder) {
        Goal goal = new Goal(Objective.SIZE, Optional.of(folder), Optional.empty());
        return Recipes.standard()
                .find(STEP)
                .run(compressor().evaluate(Metric.cosine()).keepAccuracyWithin(FLOOR), goal, Progress.ignored())
                .report()
                .layers()
                .toString();
    }

    /** Divides a layer, if the file of times says that it pays. */
    static String divided(Path times) {
        Goal goal = new Goal(Objective.LATENCY, Optional.empty(), Optional.of(times));
        return Recipes.standard()
                .find("lowrank")
                .run(compressor(), goal, Progress.ignored())
                .report()
                .layers()
                .toString();
    }

    /** What a search has chosen whose trials are kept in a folder, without its time. */
    static String searched(Path folder) {
        Trial best = Search.of(MODEL)
                .calibrate(SAMPLES_OF_MODEL)
                .evaluate(SAMPLES_OF_MODEL, Metric.cosine())
                .keepAccuracyWithin(FLOOR)
                .option("int8", layers -> QuantizeWeights.int8().layers(layers))
                .resumeFrom(folder)
                .run(Progress.ignored())
                .best();
        return best.name() + best.options() + best.sizeBytes() + best.score();
    }

    /** The file that a run has made in a folder. */
    static Path onlyFile(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.findFirst().orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<byte[]> recipes() {
        return Stream.of("""
                        {"steps": [{"step": "prune-2:4", "options": {"saliency": "magnitude"}},
                          {"step": "int8-static", "options": {"calibrator": "percentile", "percentile": 99.5,
                            "granularity": "tensor", "reduceRange": true, "symmetric": true, "equalize": true,
                            "rounding": "gptq", "form": "qoperator", "correctBias": true, "include": ["MatMul", "fir*"],
                            "exclude": ["second"]}}]}""", """
                        {"steps": [{"step": "prune-structured-25", "options": {"share": 0.25, "reconstruct": false,
                          "multipleOf": 2, "saliency": "magnitude"}}, {"step": "int8-dynamic", "options": {"smooth": true,
                          "convolutions": "weights", "granularity": "channel"}}]}""", """
                        {"steps": [{"step": "int4-weights", "options": {"block": 16, "rounding": "nearest",
                          "symmetric": true}}, {"step": "float16"}]}""", """
                        {"steps": [{"step": "prune-50", "options": {"share": 0.3}}, {"step": "bfloat16"},
                          {"step": "int8-weights", "options": {"exclude": []}}]}""", """
                        {"steps": [{"step": "w4a8", "options": {"calibrator": "entropy", "smooth": true}},
                          {"step": "w3a8", "options": {"calibrator": "min-max", "exclude": ["first"]}}]}""", """
                        {"steps": [{"step": "lowrank", "options": {"energy": 0.9, "include": ["second"]}}]}""")
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toList();
    }

    /** Arrays for the model, and others. */
    static List<byte[]> arrays() {
        List<byte[]> files = new ArrayList<>();
        for (Tensor t : List.of(
                Tensor.of(random(5 * WIDTH, 1), 5, WIDTH),
                Tensor.of(random(2 * 3 * WIDTH, 2), 2, 3, WIDTH),
                Tensor.allocate(DType.FLOAT64, 3, WIDTH),
                Tensor.allocate(DType.UINT8, 4, WIDTH),
                Tensor.of(new String[] {"a", "b"}, 2))) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            Npy.write(out, t);
            files.add(out.toByteArray());
        }
        // The order of columns, with as many bytes.
        files.add(new String(files.getFirst(), StandardCharsets.ISO_8859_1)
                .replace("False", "True ")
                .getBytes(StandardCharsets.ISO_8859_1));
        return files;
    }
}
