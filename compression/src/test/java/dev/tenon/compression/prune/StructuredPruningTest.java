package dev.tenon.compression.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtException;
import dev.tenon.Model;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.SavedModel;
import dev.tenon.compression.StepContext;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.GlobalAveragePool;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.shape.Flatten;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StructuredPruningTest {
    private static final List<Map<String, Tensor>> CALLS = Nets.calls(5, 48, 1, 3, 8, 8);
    private static final List<Map<String, Tensor>> OTHERS = Nets.calls(6, 48, 1, 3, 8, 8);

    /** A residual network with a depthwise convolution. */
    private static Model net() {
        Nets n = new Nets(1);
        Value a = n.node("relu1", new Relu(), n.conv("stem", n.input(-1, 3, 8, 8), 12, 3, 1));
        Value b = n.node("relu2", new Relu(), n.conv("expand", a, 16, 1, 1));
        Value c = n.node("relu3", new Relu(), n.conv("depthwise", b, 16, 3, 16));
        Value d = n.node("sum", new Add(), a, n.conv("project", c, 12, 1, 1));
        Value e = n.node("flat", new Flatten(1), n.node("mean", new GlobalAveragePool(), d));
        Value f = n.node("fc1", new MatMul(), e, n.constant(n.normal(12, 12, 10)));
        Value g = n.node("relu4", new Relu(), n.node("bias", new Add(), f, n.constant(n.normal(4, 10))));
        return n.model(n.node("fc2", new Gemm(1, 1, false, true), g, n.constant(n.normal(10, 4, 10))));
    }

    /** A step that cuts as far as it is told. */
    private static StructuredPruning step(double share) {
        return Prune.structured(share).multipleOf(1).leastWidth(1);
    }

    private static long[][] shapes(Model model) {
        return LinearLayer.of(model.graph()).stream()
                .map(layer -> layer.weight().constant().dims())
                .toArray(long[][]::new);
    }

    @ParameterizedTest
    @EnumSource(Saliency.class)
    void shapesShrinkThroughTheGraph(Saliency saliency) throws OrtException {
        Model model = net();
        StepContext context = Nets.context(model, CALLS);
        Model pruned = step(0.5).by(saliency).lastHidden(true).apply(model, context);
        assertThat(shapes(pruned))
                .isDeepEqualTo(new long[][] {{6, 3, 3, 3}, {8, 6, 1, 1}, {8, 1, 3, 3}, {6, 8, 1, 1}, {6, 5}, {4, 5}});
        assertThat(context.layers().stream().map(LayerReport::reason))
                .containsExactly(
                        "outputs 12 -> 6",
                        "outputs 16 -> 8",
                        "outputs 16 -> 8",
                        "outputs 12 -> 6",
                        "outputs 10 -> 5",
                        "outputs stay: it is an output of the model");
        Nets.checkInOnnxRuntime(pruned, OTHERS.getFirst());
    }

    @Test
    void newWeightsMakeGoodWhatTheRemovalLost() {
        Model model = net();
        for (Saliency saliency : Saliency.values()) {
            StructuredPruning step = step(0.25).by(saliency);
            Model with = step.apply(model, Nets.context(model, CALLS));
            Model without = step.reconstruct(false).apply(model, Nets.context(model, CALLS));
            assertThat(Nets.error(with, model, OTHERS))
                    .as("%s", saliency)
                    .isLessThan(0.3 * Nets.error(without, model, OTHERS));
        }
    }

    /** A channel that is a sum of others, or never active, is the one that goes, and nothing is lost. */
    @Test
    void channelsThatAreNotNeededCostNothing() {
        Nets n = new Nets(2);
        Value x = n.input(-1, 10);
        Tensor w = n.normal(10, 10, 6);
        for (int i = 0; i < 10; i++) {
            w.setDouble(i * 6L + 4, w.getDouble(i * 6L) + 0.5 * w.getDouble(i * 6L + 1));
        }
        Tensor bias = n.normal(1, 6);
        bias.setDouble(2, -100);
        Value sum = n.node("bias", new Add(), n.node("p1", new MatMul(), x, n.constant(w)), n.constant(bias));
        Value tail = n.node("p2", new MatMul(), sum, n.constant(n.normal(6, 6, 5)));
        Model model = n.model(n.node("bias2", new Add(), tail, n.constant(n.normal(1, 5))));
        List<Map<String, Tensor>> calls = Nets.calls(3, 100, 1, 10);
        Model pruned = step(1 / 6.0).lastHidden(true).apply(model, Nets.context(model, calls));
        assertThat(shapes(pruned)).isDeepEqualTo(new long[][] {{10, 5}, {5, 5}});
        double energy = calls.stream()
                .mapToDouble(
                        call -> Arrays.stream(model.predict(call).tensor("y").toDoubleArray())
                                .map(v -> v * v)
                                .sum())
                .sum();
        assertThat(Nets.error(pruned, model, calls)).isLessThan(1e-6 * energy);
    }

    @Test
    void widthsAreMultiples() {
        Model model = net();
        Model pruned = step(0.4)
                .lastHidden(true)
                .multipleOf(4)
                .by(Saliency.MAGNITUDE)
                .reconstruct(false)
                .apply(model, StepContext.of(null, 0));
        assertThat(shapes(pruned))
                .isDeepEqualTo(
                        new long[][] {{8, 3, 3, 3}, {12, 8, 1, 1}, {12, 1, 3, 3}, {8, 12, 1, 1}, {8, 8}, {4, 8}});
    }

    @Test
    void narrowLayersStay() {
        Model model = net();
        Model pruned = Prune.structured(0.5)
                .by(Saliency.MAGNITUDE)
                .reconstruct(false)
                .lastHidden(true)
                .apply(model, StepContext.of(null, 0));
        assertThat(SavedModel.bytes(pruned)).isEqualTo(SavedModel.bytes(model));
        Model less = Prune.structured(0.5)
                .by(Saliency.MAGNITUDE)
                .reconstruct(false)
                .leastWidth(12)
                .apply(model, StepContext.of(null, 0));
        assertThat(shapes(less)[1]).containsExactly(12, 12, 1, 1);
    }

    @Test
    void theNeuronsThatTheLastLayerUsesStay() {
        Model model = net();
        StepContext context = Nets.context(model, CALLS);
        Model pruned = step(0.5).by(Saliency.MAGNITUDE).reconstruct(false).apply(model, context);
        assertThat(shapes(pruned)[4]).containsExactly(6, 10);
        assertThat(context.layers().get(4).reason()).isEqualTo("outputs stay: only the last layer uses it");
    }

    @Test
    void theSameSamplesGiveTheSameBytes() {
        Model model = net();
        StructuredPruning step = step(0.5);
        assertThat(SavedModel.bytes(step.apply(model, Nets.context(model, CALLS))))
                .isEqualTo(SavedModel.bytes(step.apply(model, Nets.context(model, CALLS))));
    }

    @Test
    void wrongOptionsAreRefused() {
        assertThatThrownBy(() -> Prune.structured(0)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> Prune.structured(0.5).leastWidth(0)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> Prune.structured(0.5).multipleOf(0)).isInstanceOf(InvalidOptionException.class);
        assertThat(Prune.structured(0.5)
                        .by(Saliency.MAGNITUDE)
                        .reconstruct(false)
                        .needsSamples())
                .isFalse();
        assertThat(Prune.structured(0.5).by(Saliency.MAGNITUDE).needsSamples()).isTrue();
        assertThat(Prune.structured(0.25).name()).isEqualTo("prune-structured-25");
    }
}
