package dev.tenon.compression.distill;

import dev.tenon.Model;
import dev.tenon.compression.Samples;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/** Networks of random weights that tests train, with samples. */
public final class SmallNetworks {
    /** The width of the input. */
    public static final int INPUTS = 6;

    /** The classes. */
    public static final int CLASSES = 4;

    private SmallNetworks() {}

    /** A network of two products with a bias each, whose outputs are called y. */
    public static Model network(int hidden, long seed) {
        return Model.of(graph("x", "y", hidden, seed));
    }

    /** The same with other names of input and output. */
    static Graph graph(String input, String output, int hidden, long seed) {
        Random random = new Random(seed);
        GraphBuilder b = new GraphBuilder("network" + hidden);
        Value x = b.input(input, ValueType.parse("f32[rows," + INPUTS + "]"));
        Value h = b.add(new Relu(), layer(b, random, x, "first", INPUTS, hidden));
        return b.output(output, layer(b, random, h, "last", hidden, CLASSES)).build();
    }

    /** A product with weights NAME/w and a bias NAME/b. */
    static Value layer(GraphBuilder b, Random random, Value x, String name, int from, int to) {
        Value w = b.constant(name + "/w", random(random, Math.sqrt(2.0 / from), from, to));
        Value bias = b.constant(name + "/b", random(random, 0.1, to));
        return b.add(
                new Add(),
                b.add(new MatMul(), name, List.of(x, w), List.of(name + "/y")).getFirst(),
                bias);
    }

    static Tensor random(Random random, double scale, long... dims) {
        long size = 1;
        for (long dim : dims) {
            size *= dim;
        }
        float[] values = new float[(int) size];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (scale * random.nextGaussian());
        }
        return Tensor.of(values, dims);
    }

    /** Samples for the networks, ten at a call. */
    public static Samples samples(int count) {
        Random random = new Random(17);
        List<Samples.Call> calls = new ArrayList<>();
        for (int done = 0; done < count; done += 10) {
            int rows = Math.min(10, count - done);
            calls.add(new Samples.Call(Map.of("x", random(random, 1, rows, INPUTS)), rows));
        }
        return of(calls);
    }

    /** Samples of some calls. */
    static Samples of(List<Samples.Call> calls) {
        return inputs -> new Samples.Calls() {
            @Override
            public long samples() {
                return calls.stream().mapToLong(Samples.Call::samples).sum();
            }

            @Override
            public void forEach(Consumer<Samples.Call> action) {
                calls.forEach(action);
            }
        };
    }
}
