package dev.tenon.samples.kafka;

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
import java.util.Random;
import java.util.logging.Level;
import java.util.logging.Logger;

/** A model and records for it. */
final class Fixture {
    static final int FEATURES = 16;
    static final int CATEGORIES = 32;
    private static final int SCORES = 64;
    private static final long SEED = 7;

    /** Clients tell of each restart and driver; the logs of the processes that a test starts are files. */
    private static final Logger KAFKA = Logger.getLogger("org.apache.kafka");

    static {
        KAFKA.setLevel(Level.SEVERE);
    }

    private Fixture() {}

    /** A layer, and a table from which the first feature picks a row. The table does not take unknown categories. */
    static Model model() {
        Random random = new Random(SEED);
        GraphBuilder graph = new GraphBuilder("kafka");
        Value x = graph.input("x", ValueType.parse("f32[n," + FEATURES + "]"));
        Value w = graph.constant("w", tensor(random, FEATURES, SCORES));
        Value hidden = graph.add(new Relu(), graph.add(new MatMul(), x, w));
        Value first = graph.add(new Gather(1), x, graph.constant("first", Tensor.scalar(0L)));
        Value category = graph.add(new Cast(DType.INT64, true, "up"), first);
        Value row = graph.add(new Gather(0), graph.constant("table", tensor(random, CATEGORIES, SCORES)), category);
        return Model.of(graph.output("y", graph.add(new Add(), hidden, row)).build());
    }

    private static Tensor tensor(Random random, int rows, int columns) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return Tensor.of(values, rows, columns);
    }

    /** Features that the model takes. */
    static float[] features(Random random) {
        float[] features = new float[FEATURES];
        features[0] = random.nextInt(CATEGORIES);
        for (int i = 1; i < FEATURES; i++) {
            features[i] = random.nextFloat() * 2 - 1;
        }
        return features;
    }
}
