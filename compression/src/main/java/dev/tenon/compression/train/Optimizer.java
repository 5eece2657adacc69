package dev.tenon.compression.train;

import java.util.List;

/**
 * Changes weights by their gradients, by AdamW (Loshchilov and Hutter, 2019) or by gradient descent with momentum. All sums are in the
 * order of the weights, on one thread.
 */
final class Optimizer {
    private static final double WARM_UP = 0.05;
    private static final float MOMENTUM = 0.9f;
    private static final float SECOND = 0.999f;
    private static final float EPSILON = 1e-8f;

    /** The mean of the first steps forgets faster: after n steps a share of (1 + n) / (10 + n) stays at most. */
    private static final double FORGETTING = 10;

    private final TrainingOptions.OptimizerOptions options;
    private final double average;
    private final long steps;

    /** An optimiser for a number of steps in all. */
    Optimizer(TrainingOptions options, long steps) {
        this.options = options.optimizer();
        this.average = options.average();
        this.steps = steps;
    }

    /** The rate of a step, counted from 0. */
    double rate(long step) {
        long warm = Math.max(1, Math.round(WARM_UP * steps));
        double share = step < warm
                ? (step + 1.0) / warm
                : 0.5 * (1 + Math.cos(Math.PI * (step - warm) / Math.max(1, steps - warm)));
        return options.rate() * share;
    }

    /**
     * Does a step. Weights that are masked stay as they are.
     *
     * @param state the weights and their moments
     * @param gradients a gradient for each weight, in the order of the state
     */
    void step(TrainingState state, List<float[]> gradients) {
        double squares = 0;
        for (float[] gradient : gradients) {
            for (float g : gradient) {
                squares += (double) g * g;
            }
        }
        double norm = Math.sqrt(squares);
        float scale = norm > options.clip() ? (float) (options.clip() / norm) : 1;
        double rate = rate(state.step) * state.rateScale;
        state.step++;
        state.moves++;
        for (int i = 0; i < gradients.size(); i++) {
            TrainingState.Weight weight = state.weights.get(i);
            float decay = weight.dims().length > 1 ? (float) (rate * options.decay()) : 0;
            if (options.kind() == TrainingOptions.Kind.ADAM_W) {
                adam(weight, gradients.get(i), scale, rate, decay, state.moves);
            } else {
                momentum(weight, gradients.get(i), scale, (float) rate, decay);
            }
            mask(weight);
            if (weight.average().length > 0) {
                average(weight, (float) Math.min(average, (1 + state.moves) / (FORGETTING + state.moves)));
            }
        }
    }

    private static void adam(
            TrainingState.Weight weight, float[] gradient, float scale, double rate, float decay, long moves) {
        float[] w = weight.now();
        float[] m = weight.first();
        float[] v = weight.second();
        double second = Math.sqrt(1 - Math.pow(SECOND, moves));
        float size = (float) (rate * second / (1 - Math.pow(MOMENTUM, moves)));
        float epsilon = (float) (EPSILON * second);
        for (int k = 0; k < w.length; k++) {
            float g = gradient[k] * scale;
            m[k] = MOMENTUM * m[k] + (1 - MOMENTUM) * g;
            v[k] = SECOND * v[k] + (1 - SECOND) * g * g;
            w[k] = w[k] - decay * w[k] - size * m[k] / ((float) Math.sqrt(v[k]) + epsilon);
        }
    }

    private static void momentum(TrainingState.Weight weight, float[] gradient, float scale, float rate, float decay) {
        float[] w = weight.now();
        float[] m = weight.first();
        for (int k = 0; k < w.length; k++) {
            m[k] = MOMENTUM * m[k] + gradient[k] * scale;
            w[k] = w[k] - decay * w[k] - rate * m[k];
        }
    }

    private static void average(TrainingState.Weight weight, float stays) {
        float[] w = weight.now();
        float[] mean = weight.average();
        for (int k = 0; k < w.length; k++) {
            mean[k] += (1 - stays) * (w[k] - mean[k]);
        }
    }

    private static void mask(TrainingState.Weight weight) {
        for (int k : weight.zeros()) {
            weight.now()[k] = 0;
        }
    }
}
