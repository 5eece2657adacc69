package dev.tenon.benchmarks.cases;

import dev.tenon.Model;
import dev.tenon.SaveOptions;
import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.engine.OneDnnRun;
import dev.tenon.benchmarks.engine.OnnxRuntimeRun;
import dev.tenon.benchmarks.engine.OpenBlasProduct;
import dev.tenon.benchmarks.engine.PackedProduct;
import dev.tenon.benchmarks.engine.PreparedRun;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A product of float32 matrices {@code C[m,n] = A[m,k] * B[k,n]} on one thread. B is constant, and each engine packs it
 * before the call if it can. Work on A is part of the call.
 *
 * @param m rows of A and C, at least 1
 * @param k columns of A and rows of B, at least 1
 * @param n columns of B and C, at least 1
 */
public record GemmCase(int m, int k, int n) implements BenchmarkCase {
    private static final Pattern TEXT = Pattern.compile("([1-9]\\d{0,4})x([1-9]\\d{0,4})x([1-9]\\d{0,4})");
    private static final long SEED = 20260211;
    /** An operator set that all releases of ONNX Runtime read. */
    private static final int OPERATOR_SET = 17;

    private static final String LEFT = "a";
    private static final String RIGHT = "b";
    private static final String PRODUCT = "c";

    /**
     * Parses a case.
     *
     * @param shape m, k and n, such as {@code 128x384x1536}
     * @return the case
     * @throws IllegalArgumentException if the text has another form
     */
    public static GemmCase of(String shape) {
        Matcher matcher = TEXT.matcher(shape);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "shape '" + shape + "' is not of the form MxKxN, three numbers from 1 to 99999");
        }
        return new GemmCase(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                Integer.parseInt(matcher.group(3)));
    }

    @Override
    public String model() {
        return "gemm_f32";
    }

    @Override
    public String sizes() {
        return m + "x" + k + "x" + n;
    }

    @Override
    public String shapes() {
        return sizes();
    }

    @Override
    public int threads() {
        return 1;
    }

    @Override
    public double flops() {
        return 2.0 * m * k * n;
    }

    @Override
    public double leastCosine() {
        return 0.99999;
    }

    @Override
    public List<String> engines() {
        return Engines.PRODUCTS;
    }

    @Override
    public PreparedRun prepare(String engine) {
        return switch (engine) {
            case Engines.TENON -> new PackedProduct(left(), right());
            case Engines.ONNXRUNTIME -> peer();
            case Engines.OPENBLAS -> new OpenBlasProduct(left(), right());
            case Engines.ONEDNN -> new OneDnnRun(graph(), Map.of(LEFT, left()));
            default -> throw Engines.unknown(engine, engines());
        };
    }

    /** A, the same in each call. */
    public Tensor left() {
        return Tensor.wrap(random(SEED, Math.multiplyExact(m, k)), m, k);
    }

    /** B, the same in each call. */
    public Tensor right() {
        return Tensor.wrap(random(SEED + 1, Math.multiplyExact(k, n)), k, n);
    }

    private static float[] random(long seed, int length) {
        Random random = new Random(seed);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = random.nextFloat(-1, 1);
        }
        return values;
    }

    @Override
    public String kernel() {
        try (PackedProduct product = new PackedProduct(left(), right())) {
            return product.id();
        }
    }

    /** One product, with B as its constant. */
    private Graph graph() {
        GraphBuilder builder = new GraphBuilder("product");
        Value a = builder.input(LEFT, new TensorType(DType.FLOAT32, Shape.of(m, k)));
        Value b = builder.constant(RIGHT, right());
        return builder.output(PRODUCT, builder.add(new MatMul(), a, b)).build();
    }

    private PreparedRun peer() {
        try {
            Path file = Files.createTempFile("product", ".onnx");
            try {
                Model.of(graph()).save(file, SaveOptions.standard().operatorSet(OPERATOR_SET));
                return new OnnxRuntimeRun(file, 1, Map.of(LEFT, left()));
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
