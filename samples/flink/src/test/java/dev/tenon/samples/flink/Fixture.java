package dev.tenon.samples.flink;

import dev.tenon.Model;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.shape.Gather;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The model and the records of the tests. */
final class Fixture {
    static final int FEATURES = 8;
    private static final int CATEGORIES = 16;
    private static final int WIDTH = 4;

    private Fixture() {}

    /** A layer, and a table from which the first feature picks a row. The table does not take unknown categories. */
    static Model model() {
        Random random = new Random(7);
        GraphBuilder graph = new GraphBuilder("flink");
        Value x = graph.input("x", ValueType.parse("f32[n," + FEATURES + "]"));
        Value hidden =
                graph.add(new Relu(), graph.add(new MatMul(), x, graph.constant("w", tensor(random, FEATURES, WIDTH))));
        Value first = graph.add(new Gather(1), x, graph.constant("first", Tensor.scalar(0L)));
        Value category = graph.add(new Cast(DType.INT64, true, "up"), first);
        Value row = graph.add(new Gather(0), graph.constant("table", tensor(random, CATEGORIES, WIDTH)), category);
        return Model.of(graph.output("y", graph.add(new Add(), hidden, row)).build());
    }

    private static Tensor tensor(Random random, int rows, int columns) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return Tensor.of(values, rows, columns);
    }

    /** Lines that the model takes, no two of which are equal. */
    static List<String> lines(long seed, int count) {
        Random random = new Random(seed);
        List<String> lines = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            StringBuilder line = new StringBuilder().append(random.nextInt(CATEGORIES));
            for (int k = 1; k < FEATURES; k++) {
                line.append(',').append(random.nextFloat() - 0.5f);
            }
            lines.add(line.toString());
        }
        return lines;
    }
}
