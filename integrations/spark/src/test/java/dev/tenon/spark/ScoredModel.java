package dev.tenon.spark;

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
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** The model of the tests: a layer, and a table from which the first feature picks a row. */
final class ScoredModel {
    static final int FEATURES = 16;
    /** The rows of the table, which takes no other number. */
    static final int CATEGORIES = 32;

    /** The names of the columns, one for each feature. */
    static final List<String> COLUMNS =
            IntStream.range(0, FEATURES).mapToObj(i -> "c" + i).toList();

    private ScoredModel() {}

    /** A model with input "x" and output "y" of so many scores. */
    static Model of(int width) {
        Random random = new Random(7);
        GraphBuilder graph = new GraphBuilder("spark");
        Value x = graph.input("x", ValueType.parse("f32[n," + FEATURES + "]"));
        Value hidden =
                graph.add(new Relu(), graph.add(new MatMul(), x, graph.constant("w", tensor(random, FEATURES, width))));
        Value first = graph.add(new Gather(1), x, graph.constant("first", Tensor.scalar(0L)));
        Value category = graph.add(new Cast(DType.INT64, true, "up"), first);
        Value row = graph.add(new Gather(0), graph.constant("table", tensor(random, CATEGORIES, width)), category);
        return Model.of(graph.output("y", graph.add(new Add(), hidden, row)).build());
    }

    private static Tensor tensor(Random random, int rows, int columns) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return Tensor.of(values, rows, columns);
    }
}
