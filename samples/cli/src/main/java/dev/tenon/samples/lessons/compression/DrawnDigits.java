package dev.tenon.samples.lessons.compression;

import dev.tenon.Model;
import dev.tenon.compression.Samples;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.op.shape.Flatten;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Drawings of digits, each turned, moved, scaled and blurred at random, and networks of random weights that take them. */
final class DrawnDigits {
    private static final int SIZE = 12;
    private static final int CLASSES = 10;

    /** The strokes of each digit as the corners of a line, in hundredths of the width: x and y in turns. */
    private static final int[][] STROKES = {
        {50, 10, 75, 25, 75, 75, 50, 90, 25, 75, 25, 25, 50, 10},
        {35, 25, 55, 10, 55, 90},
        {25, 25, 50, 10, 75, 30, 25, 90, 75, 90},
        {25, 15, 70, 20, 45, 45, 75, 70, 50, 90, 25, 82},
        {65, 90, 65, 10, 20, 65, 80, 65},
        {72, 10, 30, 10, 28, 45, 65, 45, 75, 70, 50, 90, 25, 82},
        {68, 12, 35, 40, 27, 70, 50, 90, 73, 70, 50, 50, 30, 62},
        {25, 10, 75, 10, 40, 90},
        {50, 48, 30, 30, 50, 10, 70, 30, 50, 48, 25, 70, 50, 90, 75, 70, 50, 48},
        {70, 35, 50, 50, 30, 30, 50, 10, 70, 30, 65, 60, 40, 90},
    };

    private final float[] pixels;
    private final long[] labels;

    private DrawnDigits(int count, long seed) {
        pixels = new float[count * SIZE * SIZE];
        labels = new long[count];
        Random random = new Random(seed);
        for (int i = 0; i < count; i++) {
            labels[i] = random.nextInt(CLASSES);
            draw(STROKES[(int) labels[i]], random, i * SIZE * SIZE);
        }
    }

    /** Draws some digits. */
    static DrawnDigits draw(int count, long seed) {
        return new DrawnDigits(count, seed);
    }

    private static double about(Random random, double middle, double spread) {
        return middle + spread * (2 * random.nextDouble() - 1);
    }

    private void draw(int[] strokes, Random random, int at) {
        double angle = about(random, 0, 0.2);
        double width = SIZE * about(random, 0.9, 0.15);
        double height = SIZE * about(random, 0.9, 0.15);
        double left = about(random, SIZE / 2.0, 1);
        double top = about(random, SIZE / 2.0, 1);
        double pen = about(random, 0.7, 0.3);
        double[] corners = new double[strokes.length];
        for (int k = 0; k < corners.length; k += 2) {
            double x = (strokes[k] / 100.0 - 0.5) * width + about(random, 0, 0.4);
            double y = (strokes[k + 1] / 100.0 - 0.5) * height + about(random, 0, 0.4);
            corners[k] = left + x * Math.cos(angle) - y * Math.sin(angle);
            corners[k + 1] = top + x * Math.sin(angle) + y * Math.cos(angle);
        }
        for (int row = 0; row < SIZE; row++) {
            for (int column = 0; column < SIZE; column++) {
                double ink = 1 + pen - distance(corners, column + 0.5, row + 0.5);
                pixels[at + row * SIZE + column] = (float) (Math.clamp(ink, 0, 1) + 0.15 * random.nextGaussian());
            }
        }
    }

    /** The distance of a point to a line with corners. */
    private static double distance(double[] corners, double x, double y) {
        double least = Double.POSITIVE_INFINITY;
        for (int k = 0; k + 3 < corners.length; k += 2) {
            double dx = corners[k + 2] - corners[k];
            double dy = corners[k + 3] - corners[k + 1];
            double t = ((x - corners[k]) * dx + (y - corners[k + 1]) * dy) / Math.max(dx * dx + dy * dy, 1e-9);
            double along = Math.clamp(t, 0, 1);
            least = Math.min(least, Math.hypot(x - corners[k] - along * dx, y - corners[k + 1] - along * dy));
        }
        return least;
    }

    /** The drawings, one at a call. */
    Samples samples() {
        Tensor all = Tensor.wrap(pixels, labels.length, 1, SIZE, SIZE);
        List<Map<String, Tensor>> calls = new ArrayList<>();
        for (int i = 0; i < labels.length; i++) {
            calls.add(Map.of("image", all.slice(i, i + 1)));
        }
        return Samples.of(calls);
    }

    /** The digits that were drawn. */
    Tensor labels() {
        return Tensor.of(labels);
    }

    /** A network of two convolutions and two products. */
    static Model network(String name, int first, int second, int hidden, long seed) {
        Random random = new Random(seed);
        GraphBuilder b = new GraphBuilder(name);
        Value x = b.input("image", ValueType.parse("f32[batch,1," + SIZE + "," + SIZE + "]"));
        x = convolution(b, random, x, "first", new long[] {first, 1, 3, 3});
        x = convolution(b, random, x, "second", new long[] {second, first, 3, 3});
        long[] flat = {hidden, (long) second * SIZE / 4 * SIZE / 4};
        x = b.add(new Relu(), product(b, random, b.add(new Flatten(1), x), "hidden", flat));
        Value logits = product(b, random, x, "digits", new long[] {CLASSES, hidden});
        return Model.of(b.output("logits", logits).build());
    }

    private static Value convolution(GraphBuilder b, Random random, Value x, String name, long[] dims) {
        Conv conv = Conv.of(Attributes.none().with("pads", List.of(1L, 1L, 1L, 1L)));
        Value y = b.add(conv, name, weights(b, random, x, name, dims), List.of(name + "/y"))
                .getFirst();
        MaxPool pool = MaxPool.of(
                Attributes.none().with("kernel_shape", List.of(2L, 2L)).with("strides", List.of(2L, 2L)));
        return b.add(pool, b.add(new Relu(), y));
    }

    private static Value product(GraphBuilder b, Random random, Value x, String name, long[] dims) {
        Gemm gemm = Gemm.of(Attributes.none().with("transB", 1L));
        return b.add(gemm, name, weights(b, random, x, name, dims), List.of(name + "/y"))
                .getFirst();
    }

    /** An operand, random weights for it, and a bias of zeros. */
    private static List<Value> weights(GraphBuilder b, Random random, Value x, String name, long[] dims) {
        long terms = 1;
        for (int i = 1; i < dims.length; i++) {
            terms *= dims[i];
        }
        float[] values = new float[(int) (dims[0] * terms)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * Math.sqrt(2.0 / terms));
        }
        return List.of(
                x,
                b.constant(name + "/weights", Tensor.of(values, dims)),
                b.constant(name + "/bias", Tensor.of(new float[(int) dims[0]])));
    }
}
