package dev.tenon.benchmarks.operators;

import dev.tenon.Model;
import dev.tenon.SessionOptions;
import dev.tenon.benchmarks.engine.TenonRun;
import dev.tenon.samples.Usage;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;

/**
 * Scans generated layers for cliffs: a layer that takes more than {@value #MOST} times as long for its work as a layer whose size is
 * the next one. A kernel that refuses a size, so that a slower one stands in, shows here. The work of a layer is its multiplications
 * and additions, and the numbers that it reads and writes, each of which counts as {@value #MOVE} of them.
 *
 * <p>Layers run on one thread, as models of one operator with the standard's layout. Another processor is scanned by
 * {@code -Dtenon.isa.max=avx2}, as far as this one has its instructions.
 */
public final class CliffRun {
    /** The name of the run. */
    public static final String NAME = "cliffs";

    private static final double MOST = 3;
    private static final double MOVE = 8;
    private static final String QUICK = "--quick";

    private static final int[] CHANNELS = {1, 3, 4, 8, 16, 20, 32, 64, 100, 128, 256, 512, 1000, 1024, 2048, 4096};
    private static final int[] SIDES = {1, 2, 4, 7, 14, 28, 56, 112, 224};
    private static final int[] ROWS = {1, 2, 3, 4, 8, 16, 31, 64, 128, 512};
    private static final int TYPICAL = 64;
    private static final int WIDE = 768;
    private static final int LARGEST_SIDE = 128;
    private static final long MOST_WEIGHTS = 1 << 25;
    private static final double WORK = 1 << 24;

    private static final long WARM_NANOS = 30_000_000;
    private static final long BATCH_NANOS = 8_000_000;
    private static final int BATCHES = 5;

    /** The numbers of a layer, and the operators of the standard that compute with them. */
    enum Numbers {
        FLOATS("f32[%s], const f32[%s]", "Conv", "MatMul"),
        STATIC_BYTES(
                "u8[%s], const f32[] {0.02}, const u8[] {128}, const i8[%s], const f32[] {0.01}, const i8[] {0}, "
                        + "const f32[] {9}, const u8[] {128}",
                "QLinearConv", "QLinearMatMul"),
        FOUND_BYTES("u8[%s], const i8[%s], const u8[] {128}", "ConvInteger", "MatMulInteger");

        private final String operands;
        private final String convolution;
        private final String product;

        Numbers(String operands, String convolution, String product) {
            this.operands = operands;
            this.convolution = convolution;
            this.product = product;
        }

        private Layer convolution(int in, int out, int window, int stride, int side, boolean depthwise) {
            int perOutput = depthwise ? 1 : in;
            String attributes = "<pads=[%1$d, %1$d, %1$d, %1$d], strides=[%2$d, %2$d], group=%3$d>"
                    .formatted(window / 2, stride, depthwise ? in : 1);
            String image = "1,%d,%d,%d".formatted(in, side, side);
            String weights = "%d,%d,%d,%d".formatted(out, perOutput, window, window);
            long results = (long) out * Math.ceilDiv(side, stride) * Math.ceilDiv(side, stride);
            long taps = (long) perOutput * window * window;
            return new Layer(
                    convolution + attributes + "(" + operands.formatted(image, weights) + ")",
                    results * taps,
                    results + (long) in * side * side + out * taps);
        }

        private Layer product(int rows, int terms, int columns) {
            String left = rows + "," + terms;
            String right = terms + "," + columns;
            return new Layer(
                    product + "(" + operands.formatted(left, right) + ")",
                    (long) rows * terms * columns,
                    (long) rows * terms + (long) terms * columns + (long) rows * columns);
        }
    }

    /**
     * A layer.
     *
     * @param text the operator, in the form of {@link OperatorText}
     * @param multiplyAdds its multiplications and additions
     * @param numbers the numbers that it reads and writes
     */
    record Layer(String text, long multiplyAdds, long numbers) {
        /** Picoseconds for a unit of work: of the fastest batch of calls. */
        private double picos() {
            OperatorCase layer = OperatorText.read("layer", text);
            try (TenonRun run = new TenonRun(
                    Model.of(layer.graph()).session(SessionOptions.standard().threads(1)), layer.inputs())) {
                double best = nanos(run, WARM_NANOS);
                for (int i = 0; i < BATCHES; i++) {
                    best = Math.min(best, nanos(run, BATCH_NANOS));
                }
                return best * 1e3 / (multiplyAdds + MOVE * numbers);
            }
        }

        private static double nanos(TenonRun run, long least) {
            long start = System.nanoTime();
            long spent = 0;
            int calls = 0;
            while (spent < least) {
                run.run();
                calls++;
                spent = System.nanoTime() - start;
            }
            return (double) spent / calls;
        }

        private String kernel() {
            return OperatorText.read("layer", text).kernel();
        }
    }

    private CliffRun() {}

    /** {@return the usage of this run} */
    public static Usage usage() {
        return Usage.of(
                        "benchmarks/run " + NAME,
                        "Layers that take much longer for their work than layers of the next size.")
                .spaced()
                .flag("fewer windows and sizes", QUICK)
                .exit(1, "failure, or there is a cliff")
                .example("benchmarks/run " + NAME, "JDK_JAVA_OPTIONS=-Dtenon.isa.max=avx2 benchmarks/run " + NAME);
    }

    /**
     * Runs the scan.
     *
     * @param out receives the table
     * @param arguments the name of the run, then perhaps {@value #QUICK}
     * @return true if there is no cliff
     * @throws IllegalArgumentException if an argument is unknown
     */
    public static boolean run(PrintStream out, String... arguments) {
        boolean quick = arguments.length > 1;
        if (arguments.length > 2 || quick && !arguments[1].equals(QUICK)) {
            throw new IllegalArgumentException(
                    "unknown: " + arguments[arguments.length - 1] + "; " + NAME + " takes " + QUICK + " or nothing");
        }
        int layers = 0;
        int cliffs = 0;
        for (Numbers numbers : Numbers.values()) {
            for (List<Layer> row : rows(numbers, quick)) {
                layers += row.size();
                cliffs += scan(out, row);
            }
        }
        out.printf(Locale.ROOT, "%d layers, %d cliffs%n", layers, cliffs);
        return cliffs == 0;
    }

    /** Rows of layers of which each is a little larger than the one before it. */
    static List<List<Layer>> rows(Numbers numbers, boolean quick) {
        List<List<Layer>> rows = new ArrayList<>();
        for (int window : quick ? new int[] {1, 3} : new int[] {1, 3, 5, 7}) {
            for (int stride : quick ? new int[] {1} : new int[] {1, 2}) {
                rows.add(row(CHANNELS, c -> dense(numbers, c, c, window, stride)));
                rows.add(row(CHANNELS, c -> dense(numbers, c, TYPICAL, window, stride)));
                rows.add(row(CHANNELS, c -> dense(numbers, TYPICAL, c, window, stride)));
                rows.add(row(SIDES, s -> numbers.convolution(TYPICAL, TYPICAL, window, stride, s, false)));
                if (window > 1) {
                    rows.add(row(
                            CHANNELS, c -> numbers.convolution(c, c, window, stride, side(c * window * window), true)));
                }
            }
        }
        rows.add(row(CHANNELS, n -> numbers.product(TYPICAL, WIDE, n)));
        rows.add(row(CHANNELS, k -> numbers.product(TYPICAL, k, WIDE)));
        rows.add(row(CHANNELS, n -> numbers.product(1, WIDE, n)));
        rows.add(row(ROWS, m -> numbers.product(m, WIDE, WIDE)));
        return rows;
    }

    private static Layer dense(Numbers numbers, int in, int out, int window, int stride) {
        boolean fits = (long) in * out * window * window <= MOST_WEIGHTS;
        return fits
                ? numbers.convolution(in, out, window, stride, side((double) in * out * window * window), false)
                : null;
    }

    /** The side of an image with which a layer has the work of most, if its weights allow that. */
    private static int side(double multiplyAddsPerPixel) {
        return Math.clamp(Math.round(Math.sqrt(WORK / multiplyAddsPerPixel)), 4, LARGEST_SIDE);
    }

    private static List<Layer> row(int[] sizes, IntFunction<Layer> layer) {
        List<Layer> row = new ArrayList<>();
        for (int size : sizes) {
            Layer each = layer.apply(size);
            if (each != null) {
                row.add(each);
            }
        }
        return row;
    }

    private static int scan(PrintStream out, List<Layer> row) {
        int cliffs = 0;
        double before = 0;
        for (int i = 0; i < row.size(); i++) {
            double picos = row.get(i).picos();
            if (i > 0 && Math.max(picos, before) > MOST * Math.min(picos, before)) {
                cliffs++;
                print(out, row.get(i - 1), before);
                print(out, row.get(i), picos);
                out.println();
            }
            before = picos;
        }
        return cliffs;
    }

    private static void print(PrintStream out, Layer layer, double picos) {
        out.printf(Locale.ROOT, "%9.1f ps  %-40s %s%n", picos, layer.kernel(), layer.text());
    }
}
