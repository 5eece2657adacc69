package dev.tenon.compression.train;

import dev.tenon.Model;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Changes weights by their gradients, by AdamW (Loshchilov and Hutter, 2019) or by gradient descent with momentum. Weights, moments and
 * means are states of a session, which a step writes in place. The norm of all gradients is summed in the order of the weights,
 * on one thread. Confined to one thread.
 */
final class Optimizer {
    private static final double WARM_UP = 0.05;
    private static final float EPSILON = 1e-8f;

    /** The mean of the first steps forgets faster: after n steps a share of (1 + n) / (10 + n) stays at most. */
    private static final double FORGETTING = 10;

    private final TrainingOptions.OptimizerOptions options;
    private final double average;
    private final long steps;
    private final TrainingState state;
    private final List<Tensor> gradients;
    private final Session session;
    private final Map<String, Tensor> inputs = new LinkedHashMap<>();

    /**
     * An optimiser.
     *
     * @param options the options
     * @param steps the number of steps in all
     * @param state the weights and their moments, which steps change
     * @param gradients where a step finds a gradient for each weight, in the order of the state
     */
    Optimizer(TrainingOptions options, long steps, TrainingState state, List<Tensor> gradients) {
        this.options = options.optimizer();
        this.average = options.average();
        this.steps = steps;
        this.state = state;
        this.gradients = gradients;
        OptimizerGraph graph = new OptimizerGraph(state.weights, this.options.kind());
        graph.numbers().forEach(name -> inputs.put(name, Tensor.allocateNative(DType.FLOAT32)));
        for (int i = 0; i < gradients.size(); i++) {
            inputs.put(OptimizerGraph.gradient(i), gradients.get(i));
        }
        inputs.putAll(graph.states());
        SessionOptions sessions = Teacher.sessions(options);
        for (String name : graph.states().keySet()) {
            sessions = sessions.state(name, OptimizerGraph.after(name));
        }
        this.session = Model.of(graph.graph()).session(sessions);
    }

    /** The rate of a step, counted from 0. */
    double rate(long step) {
        long warm = Math.max(1, Math.round(WARM_UP * steps));
        double share = step < warm
                ? (step + 1.0) / warm
                : 0.5 * (1 + Math.cos(Math.PI * (step - warm) / Math.max(1, steps - warm)));
        return options.rate() * share;
    }

    /** Does a step. Weights that are masked stay as they are. */
    void step() {
        double norm = norm();
        double rate = rate(state.step) * state.rateScale;
        state.step++;
        state.moves++;
        set(OptimizerGraph.SCALE, norm > options.clip() ? (float) (options.clip() / norm) : 1);
        set(OptimizerGraph.DECAY, (float) (rate * options.decay()));
        if (options.kind() == TrainingOptions.Kind.ADAM_W) {
            // The moments begin with zeros, which these factors make up for.
            double second = Math.sqrt(1 - Math.pow(OptimizerGraph.SECOND, state.moves));
            set(OptimizerGraph.SIZE, (float) (rate * second / (1 - Math.pow(OptimizerGraph.MOMENTUM, state.moves))));
            set(OptimizerGraph.EPSILON, (float) (EPSILON * second));
        } else {
            set(OptimizerGraph.SIZE, (float) rate);
        }
        float stays = (float) Math.min(average, (1 + state.moves) / (FORGETTING + state.moves));
        set(OptimizerGraph.FORGOTTEN, 1 - stays);
        session.predict(inputs, Map.of());
    }

    /** Sets a number of the step, if it takes that one. */
    private void set(String name, float value) {
        Tensor number = inputs.get(name);
        if (number != null) {
            number.setDouble(0, value);
        }
    }

    private double norm() {
        double squares = 0;
        for (Tensor gradient : gradients) {
            MemorySegment elements = gradient.segment();
            for (long at = 0; at < elements.byteSize(); at += Float.BYTES) {
                float g = elements.get(ValueLayout.JAVA_FLOAT, at);
                squares += (double) g * g;
            }
        }
        return Math.sqrt(squares);
    }
}
