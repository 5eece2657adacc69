package dev.tenon.compression.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.Model;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.train.LossTerm.Kind;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Neg;
import dev.tenon.op.nn.Softmax;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LossGraphTest {
    private static final float[] OUTPUT = {1, 2, -1, 0.5f, 0.25f, 3};
    private static final float[] TEACHER = {2, 1, 0, -1, 1, 2};

    private static TrainingOptions options(LossTerm... terms) {
        return new TrainingOptions(
                List.of(terms),
                new TrainingOptions.OptimizerOptions(TrainingOptions.Kind.ADAM_W, 1, 0, 1),
                1,
                0,
                2,
                1,
                0,
                0,
                false);
    }

    private static Graph network(String type, boolean hasSoftmax) {
        GraphBuilder b = new GraphBuilder("network");
        Value y = b.add(new Neg(), b.input("x", ValueType.parse(type)));
        return b.output("y", hasSoftmax ? b.add(new Softmax(-1), y) : y).build();
    }

    private static double loss(boolean hasSoftmax, Map<String, Tensor> targets, LossTerm... terms) {
        float[] x = OUTPUT.clone();
        for (int i = 0; i < x.length; i++) {
            x[i] = -x[i];
        }
        Map<String, Tensor> inputs = new LinkedHashMap<>(targets);
        inputs.put("x", Tensor.of(x, 2, 3));
        return Model.of(LossGraph.of(network("f32[2,3]", hasSoftmax), "y", options(terms), Map.of()))
                .predict(inputs)
                .tensor(LossGraph.LOSS)
                .getDouble(0);
    }

    private static double[] softmax(float[] values, int row, double temperature) {
        double[] p = new double[3];
        double sum = 0;
        for (int k = 0; k < 3; k++) {
            p[k] = Math.exp(values[3 * row + k] / temperature);
            sum += p[k];
        }
        for (int k = 0; k < 3; k++) {
            p[k] /= sum;
        }
        return p;
    }

    @Test
    void lossesFollowTheirFormulas() {
        Map<String, Tensor> teacher = Map.of(LossGraph.TEACHER, Tensor.of(TEACHER, 2, 3));
        double divergence = 0;
        double squares = 0;
        double cosines = 0;
        for (int row = 0; row < 2; row++) {
            double[] p = softmax(TEACHER, row, 4);
            double[] q = softmax(OUTPUT, row, 4);
            double xx = 0;
            double yy = 0;
            double xy = 0;
            for (int k = 0; k < 3; k++) {
                double x = OUTPUT[3 * row + k];
                double y = TEACHER[3 * row + k];
                divergence += 16 * p[k] * Math.log(p[k] / q[k]) / 2;
                squares += (x - y) * (x - y) / 6;
                xx += x * x;
                yy += y * y;
                xy += x * y;
            }
            cosines += xy / Math.sqrt(xx * yy) / 2;
        }
        LossTerm kl = new LossTerm(Kind.KL, 4, 1);
        LossTerm mse = new LossTerm(Kind.MSE, 1, 1);
        assertThat(loss(false, teacher, kl)).isCloseTo(divergence, within(1e-5));
        assertThat(loss(true, teacher, kl)).as("before its softmax").isCloseTo(divergence, within(1e-5));
        assertThat(loss(false, teacher, mse)).isCloseTo(squares, within(1e-5));
        assertThat(loss(false, teacher, new LossTerm(Kind.COSINE, 1, 1))).isCloseTo(1 - cosines, within(1e-5));
        assertThat(loss(false, teacher, kl, new LossTerm(Kind.MSE, 1, 0.25)))
                .isCloseTo(divergence + squares / 4, within(1e-5));
        Tensor classes = Tensor.of(new float[] {0, 1, 0, 0, 0, 0}, 2, 3);
        assertThat(loss(false, Map.of(LossGraph.LABELS, classes), new LossTerm(Kind.LABELS, 1, 1)))
                .as("one of two samples has a label")
                .isCloseTo(-Math.log(softmax(OUTPUT, 0, 1)[1]) / 2, within(1e-5));
    }

    @Test
    void outputsWithoutAFixedShapeOrClassesAreRefused() {
        LossTerm kl = new LossTerm(Kind.KL, 4, 1);
        for (String type : List.of("f32[rows,3]", "f32[6]")) {
            assertThatThrownBy(() -> LossGraph.of(network(type, false), "y", options(kl), Map.of()))
                    .isInstanceOf(CompressionException.class)
                    .hasMessageContaining("output 'y' of the network to train");
        }
    }

    /** Beside a loss of classes the teacher's output is logits; a softmax of the student is compared with probabilities. */
    @Test
    void probabilitiesAreComparedWithProbabilities() {
        Map<String, Tensor> targets =
                Map.of(LossGraph.TEACHER, Tensor.of(TEACHER, 2, 3), LossGraph.LABELS, Tensor.of(new float[6], 2, 3));
        double squares = 0;
        double cosines = 0;
        for (int row = 0; row < 2; row++) {
            double[] p = softmax(TEACHER, row, 1);
            double[] q = softmax(OUTPUT, row, 1);
            double xx = 0;
            double yy = 0;
            double xy = 0;
            for (int k = 0; k < 3; k++) {
                squares += (p[k] - q[k]) * (p[k] - q[k]) / 6;
                xx += p[k] * p[k];
                yy += q[k] * q[k];
                xy += p[k] * q[k];
            }
            cosines += xy / Math.sqrt(xx * yy) / 2;
        }
        LossTerm labels = new LossTerm(Kind.LABELS, 1, 1);
        assertThat(loss(true, targets, labels, new LossTerm(Kind.MSE, 1, 1))).isCloseTo(squares, within(1e-6));
        assertThat(loss(true, targets, labels, new LossTerm(Kind.COSINE, 1, 1))).isCloseTo(1 - cosines, within(1e-6));
    }

    @Test
    void outputsOfOtherTypesAreRefused() {
        assertThatThrownBy(() ->
                        LossGraph.of(network("f64[2,3]", false), "y", options(new LossTerm(Kind.MSE, 1, 1)), Map.of()))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("float32");
    }
}
