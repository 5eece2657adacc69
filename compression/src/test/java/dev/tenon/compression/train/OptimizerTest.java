package dev.tenon.compression.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.compression.train.TrainingOptions.Kind;
import dev.tenon.compression.train.TrainingOptions.OptimizerOptions;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("tiers")
class OptimizerTest {
    private static final double RATE = 0.1;
    private static final double DECAY = 0.05;
    private static final float[] START = {1, -2, 0, 0.5f};
    private static final float[][] GRADIENTS = {{0.1f, -0.2f, 0.3f, 0}, {0.4f, 0.1f, -0.1f, 0}, {-0.2f, 0.2f, 0.2f, 1}};

    private static TrainingOptions options(Kind kind, double clip, boolean keepsZeros) {
        return new TrainingOptions(
                List.of(new LossTerm(LossTerm.Kind.MSE, 1, 1)),
                new OptimizerOptions(kind, RATE, DECAY, clip),
                1,
                0,
                1,
                1,
                0,
                0,
                keepsZeros);
    }

    private static Optimizer optimizer(TrainingOptions options, long steps, TrainingState state, Tensor gradient) {
        return new Optimizer(options, steps, state, List.of(gradient));
    }

    private static Optimizer optimizer(long steps) {
        TrainingOptions options = options(Kind.ADAM_W, 1, false);
        return optimizer(options, steps, TrainingState.of(Map.of("w", Tensor.of(START)), options), Tensor.of(START));
    }

    private static float[] trained(TrainingOptions options, long... dims) {
        TrainingState state = TrainingState.of(Map.of("w", Tensor.of(START, dims)), options);
        Tensor given = Tensor.allocateNative(DType.FLOAT32, dims);
        Optimizer optimizer = optimizer(options, 40, state, given);
        for (float[] gradient : GRADIENTS) {
            given.copyFrom(Tensor.of(gradient, dims));
            optimizer.step();
        }
        assertThat(state.step).isEqualTo(GRADIENTS.length);
        return state.weights.getFirst().now().toFloatArray();
    }

    private static double rate(int step) {
        int warm = 2;
        return RATE
                * (step < warm ? (step + 1.0) / warm : 0.5 * (1 + Math.cos(Math.PI * (step - warm) / (40.0 - warm))));
    }

    @Test
    void theRateRisesAndFalls() {
        Optimizer optimizer = optimizer(40);
        for (int i = 0; i < 40; i++) {
            assertThat(optimizer.rate(i)).isCloseTo(rate(i), within(1e-12));
        }
        assertThat(optimizer(1).rate(0)).isEqualTo(RATE);
    }

    @Test
    void adamFollowsItsFormulas() {
        double[] m = new double[4];
        double[] v = new double[4];
        double[] w = {1, -2, 0, 0.5};
        for (int t = 1; t <= GRADIENTS.length; t++) {
            for (int k = 0; k < 4; k++) {
                double g = GRADIENTS[t - 1][k];
                m[k] = 0.9 * m[k] + 0.1 * g;
                v[k] = 0.999 * v[k] + 0.001 * g * g;
                double rate = rate(t - 1);
                w[k] -= rate * DECAY * w[k]
                        + rate * m[k] / (1 - Math.pow(0.9, t)) / (Math.sqrt(v[k] / (1 - Math.pow(0.999, t))) + 1e-8);
            }
        }
        float[] found = trained(options(Kind.ADAM_W, 100, false), 2, 2);
        for (int k = 0; k < 4; k++) {
            assertThat((double) found[k]).isCloseTo(w[k], within(1e-5));
        }
    }

    @Test
    void momentumFollowsItsFormulasAndVectorsDoNotDecay() {
        double[] m = new double[4];
        double[] w = {1, -2, 0, 0.5};
        for (int t = 0; t < GRADIENTS.length; t++) {
            for (int k = 0; k < 4; k++) {
                m[k] = 0.9 * m[k] + GRADIENTS[t][k];
                w[k] -= rate(t) * m[k];
            }
        }
        float[] found = trained(options(Kind.MOMENTUM, 100, false), 4);
        for (int k = 0; k < 4; k++) {
            assertThat((double) found[k]).isCloseTo(w[k], within(1e-6));
        }
    }

    @Test
    void gradientsAreScaledToTheNorm() {
        TrainingOptions options = options(Kind.MOMENTUM, 0.5, false);
        TrainingState state = TrainingState.of(Map.of("w", Tensor.of(new float[2])), options);
        optimizer(options, 1, state, Tensor.of(new float[] {3, 4})).step();
        Tensor now = state.weights.getFirst().now();
        assertThat(now.getFloat(0)).isCloseTo((float) (-RATE * 0.3), within(1e-7f));
        assertThat(now.getFloat(1)).isCloseTo((float) (-RATE * 0.4), within(1e-7f));
    }

    @Test
    void zerosOfMatricesStay() {
        assertThat(trained(options(Kind.ADAM_W, 1, true), 2, 2)[2]).isZero();
        assertThat(trained(options(Kind.ADAM_W, 1, false), 2, 2)[2]).isNotZero();
        assertThat(trained(options(Kind.ADAM_W, 1, true), 4)[2]).as("a bias").isNotZero();
    }

    /** Every operation of a step rounds once, as plain loops of floats do, whatever computes it. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void aStepHasTheBitsOfItsFormulas(Kind kind) {
        int size = 1000;
        Random random = new Random(5);
        float[] w = normal(random, size);
        for (int k = 0; k < size; k += 3) {
            w[k] = 0;
        }
        float[] mean = w.clone();
        float[] m = new float[size];
        float[] v = new float[size];
        TrainingOptions options = new TrainingOptions(
                List.of(new LossTerm(LossTerm.Kind.MSE, 1, 1)),
                new OptimizerOptions(kind, RATE, DECAY, 1),
                1,
                0,
                1,
                2,
                0,
                0.9,
                true);
        TrainingState state = TrainingState.of(Map.of("w", Tensor.of(w, 20, 50)), options);
        Tensor given = Tensor.allocateNative(DType.FLOAT32, 20, 50);
        Optimizer optimizer = optimizer(options, 10, state, given);
        for (int t = 1; t <= 3; t++) {
            float[] gradient = normal(random, size);
            given.copyFrom(Tensor.of(gradient, 20, 50));
            double rate = optimizer.rate(state.step);
            optimizer.step();
            double squares = 0;
            for (float g : gradient) {
                squares += (double) g * g;
            }
            float scale = (float) (1 / Math.sqrt(squares));
            float decay = (float) (rate * DECAY);
            double second = Math.sqrt(1 - Math.pow(0.999f, t));
            float adam = (float) (rate * second / (1 - Math.pow(0.9f, t)));
            float forgotten = 1 - (float) Math.min(0.9, (1.0 + t) / (10 + t));
            for (int k = 0; k < size; k++) {
                float g = gradient[k] * scale;
                if (kind == Kind.ADAM_W) {
                    m[k] = 0.9f * m[k] + (1 - 0.9f) * g;
                    v[k] = 0.999f * v[k] + (1 - 0.999f) * g * g;
                    float root = (float) Math.sqrt(v[k]) + (float) (1e-8f * second);
                    w[k] = w[k] - decay * w[k] - adam * m[k] / root;
                } else {
                    m[k] = 0.9f * m[k] + g;
                    w[k] = w[k] - decay * w[k] - (float) rate * m[k];
                }
                w[k] = k % 3 == 0 ? 0 : w[k];
                mean[k] += forgotten * (w[k] - mean[k]);
            }
        }
        TrainingState.Weight weight = state.weights.getFirst();
        assertThat(weight.now().toFloatArray()).isEqualTo(w);
        assertThat(weight.first().toFloatArray()).isEqualTo(m);
        assertThat(weight.mean().toFloatArray()).isEqualTo(mean);
        if (kind == Kind.ADAM_W) {
            assertThat(weight.second().toFloatArray()).isEqualTo(v);
        }
    }

    private static float[] normal(Random random, int size) {
        float[] values = new float[size];
        for (int k = 0; k < size; k++) {
            values[k] = (float) random.nextGaussian();
        }
        return values;
    }
}
