package dev.tenon.compression.train;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Sqrt;
import dev.tenon.op.math.Sub;
import dev.tenon.op.math.Where;
import dev.tenon.tensor.Tensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A step of an optimiser as a graph. Its inputs are {@link #numbers numbers}, {@link #gradient a gradient} for each weight, and
 * {@link #states states}, each of which has an output {@link #after}. Numbers are single floats.
 */
final class OptimizerGraph {
    static final float MOMENTUM = 0.9f;
    static final float SECOND = 0.999f;

    /** The factor of gradients. */
    static final String SCALE = "scale";

    /** The factor of the first moment in the change of a weight. */
    static final String SIZE = "size";

    /** The share of itself that a weight of two dimensions and more loses. */
    static final String DECAY = "decay";

    /** The number beside the root of the second moment; of AdamW alone. */
    static final String EPSILON = "epsilon";

    /** The share of the mean that is forgotten; of means alone. */
    static final String FORGOTTEN = "forgotten";

    private final GraphBuilder builder = new GraphBuilder("optimizer");
    private final Map<String, Value> numbers = new LinkedHashMap<>();
    private final Map<String, Tensor> states = new LinkedHashMap<>();
    private final Map<Float, Value> constants = new HashMap<>();
    private final TrainingOptions.Kind kind;
    private final Graph graph;

    /**
     * A step for the weights of a training.
     *
     * @param weights the weights
     * @param kind the rule
     */
    OptimizerGraph(List<TrainingState.Weight> weights, TrainingOptions.Kind kind) {
        this.kind = kind;
        for (int i = 0; i < weights.size(); i++) {
            add(i, weights.get(i));
        }
        this.graph = builder.build();
    }

    /** The name of the gradient of a weight. */
    static String gradient(int weight) {
        return "gradient" + weight;
    }

    /** The name of the output that is a state after the step. */
    static String after(String state) {
        return state + "/after";
    }

    Graph graph() {
        return graph;
    }

    /** The names of the numbers that the step takes. */
    List<String> numbers() {
        return List.copyOf(numbers.keySet());
    }

    /** The tensors that the step changes, by the names of their inputs. */
    Map<String, Tensor> states() {
        return states;
    }

    private void add(int i, TrainingState.Weight weight) {
        Value gradient = builder.input(gradient(i), weight.now().type());
        Value before = state("weight" + i, weight.now());
        Value first = state("first" + i, weight.first());
        Value scaled = mul(gradient, number(SCALE));
        Value decay = weight.now().rank() > 1 ? number(DECAY) : constant(0);
        Value kept = sub(before, mul(decay, before));
        Value after;
        if (kind == TrainingOptions.Kind.ADAM_W) {
            Value second = state("second" + i, weight.second());
            Value m = add(mul(constant(MOMENTUM), first), mul(constant(1 - MOMENTUM), scaled));
            Value v = add(mul(constant(SECOND), second), mul(mul(constant(1 - SECOND), scaled), scaled));
            Value root = add(builder.add(new Sqrt(), v), number(EPSILON));
            after = sub(kept, builder.add(new Div(), mul(number(SIZE), m), root));
            builder.output(after("first" + i), m).output(after("second" + i), v);
        } else {
            Value m = add(mul(constant(MOMENTUM), first), scaled);
            after = sub(kept, mul(number(SIZE), m));
            builder.output(after("first" + i), m);
        }
        if (weight.zeros() != null) {
            after = builder.add(new Where(), builder.constant("zeros" + i, weight.zeros()), constant(0), after);
        }
        builder.output(after("weight" + i), after);
        if (weight.average() != null) {
            Value mean = state("average" + i, weight.average());
            builder.output(after("average" + i), add(mean, mul(number(FORGOTTEN), sub(after, mean))));
        }
    }

    private Value state(String name, Tensor tensor) {
        states.put(name, tensor);
        return builder.input(name, tensor.type());
    }

    private Value number(String name) {
        return numbers.computeIfAbsent(
                name, n -> builder.input(n, Tensor.scalar(0f).type()));
    }

    private Value constant(float number) {
        return constants.computeIfAbsent(number, n -> builder.constant(Tensor.scalar(n)));
    }

    private Value mul(Value a, Value b) {
        return builder.add(new Mul(), a, b);
    }

    private Value add(Value a, Value b) {
        return builder.add(new Add(), a, b);
    }

    private Value sub(Value a, Value b) {
        return builder.add(new Sub(), a, b);
    }
}
