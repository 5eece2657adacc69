package dev.tenon.consumer.compression;

import dev.tenon.Model;
import dev.tenon.compression.Compression;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.Metric;
import dev.tenon.compression.Samples;
import dev.tenon.compression.factorize.LowRank;
import dev.tenon.compression.factorize.Pays;
import dev.tenon.compression.prune.Prune;
import dev.tenon.compression.quantize.Quantize;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A small application of compression. Pruning and low rank need the library for linear algebra. */
public final class Compress {
    private static final int WIDTH = 32;
    private static final int SAMPLES = 64;

    private Compress() {}

    /**
     * Compresses a product, saves it, loads it, and prints whether both files are smaller.
     *
     * @param arguments a folder for the results
     */
    public static void main(String[] arguments) {
        Path folder = Path.of(arguments[0]);
        GraphBuilder graph = new GraphBuilder("product");
        Value x = graph.input("x", ValueType.parse("f32[rows," + WIDTH + "]"));
        Value w = graph.constant("w", matrix(WIDTH, WIDTH, 1));
        Model model = Model.of(graph.output("y", graph.add(new MatMul(), x, w)).build());
        Samples samples = Samples.of(IntStream.range(0, SAMPLES)
                .mapToObj(i -> Map.of("x", matrix(1, WIDTH, i + 2)))
                .toList());
        Compressor compressor = Compressor.of(model)
                .calibrate(samples)
                .evaluate(Metric.cosine())
                .keepAccuracyWithin(Double.POSITIVE_INFINITY);
        List<Compression> results = List.of(
                compressor.apply(Prune.pattern(2, 4), Quantize.int8()).run(),
                compressor.apply(LowRank.rank(4).pays(Pays.always())).run());
        for (int i = 0; i < results.size(); i++) {
            Path file = folder.resolve(i + ".onnx");
            results.get(i).save(file);
            int nodes = Model.load(file).graph().nodes().size();
            System.out.println(results.get(i).report().recipe() + " smaller "
                    + results.get(i).report().isSmaller() + ", nodes " + (nodes > 1));
        }
    }

    /** A matrix without two equal rows. */
    private static Tensor matrix(int rows, int columns, int seed) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(seed * 12.9898 + i * 78.233 * (1 + i % 7));
        }
        return Tensor.of(values, rows, columns);
    }
}
