package dev.tenon.compression.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.compression.train.TrainingOptions.Kind;
import dev.tenon.compression.train.TrainingOptions.OptimizerOptions;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

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

    private static float[] trained(TrainingOptions options, long... dims) {
        TrainingState state = TrainingState.of(Map.of("w", Tensor.of(START, dims)), options);
        Optimizer optimizer = new Optimizer(options, 40);
        for (float[] gradient : GRADIENTS) {
            optimizer.step(state, List.of(gradient));
        }
        assertThat(state.step).isEqualTo(GRADIENTS.length);
        return state.weights.getFirst().now();
    }

    private static double rate(int step) {
        int warm = 2;
        return RATE
                * (step < warm ? (step + 1.0) / warm : 0.5 * (1 + Math.cos(Math.PI * (step - warm) / (40.0 - warm))));
    }

    @Test
    void theRateRisesAndFalls() {
        Optimizer optimizer = new Optimizer(options(Kind.ADAM_W, 1, false), 40);
        for (int i = 0; i < 40; i++) {
            assertThat(optimizer.rate(i)).isCloseTo(rate(i), within(1e-12));
        }
        assertThat(new Optimizer(options(Kind.ADAM_W, 1, false), 1).rate(0)).isEqualTo(RATE);
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
        new Optimizer(options, 1).step(state, List.of(new float[] {3, 4}));
        assertThat(state.weights.getFirst().now()[0]).isCloseTo((float) (-RATE * 0.3), within(1e-7f));
        assertThat(state.weights.getFirst().now()[1]).isCloseTo((float) (-RATE * 0.4), within(1e-7f));
    }

    @Test
    void zerosOfMatricesStay() {
        assertThat(trained(options(Kind.ADAM_W, 1, true), 2, 2)[2]).isZero();
        assertThat(trained(options(Kind.ADAM_W, 1, false), 2, 2)[2]).isNotZero();
        assertThat(trained(options(Kind.ADAM_W, 1, true), 4)[2]).as("a bias").isNotZero();
    }
}
