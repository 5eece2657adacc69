package dev.tenon.compression.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtException;
import dev.tenon.Model;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.SavedModel;
import dev.tenon.compression.StepContext;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.shape.Flatten;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MaskPruningTest {
    private static final List<Map<String, Tensor>> CALLS = Nets.calls(5, 40, 1, 4, 6, 6);

    /** A convolution, one of groups, a product with a sum, and a Gemm. */
    private static Model net() {
        Nets nets = new Nets(1);
        Value x = nets.input(-1, 4, 6, 6);
        Value a = nets.node("relu1", new Relu(), nets.conv("conv1", x, 8, 3, 1));
        Value b = nets.node("relu2", new Relu(), nets.conv("conv2", a, 8, 3, 2));
        Value flat = nets.node("flat", new Flatten(1), b);
        Value product = nets.node("product", new MatMul(), flat, nets.constant(nets.normal(288, 288, 12)));
        Value sum = nets.node("sum", new Add(), product, nets.constant(nets.normal(4, 12)));
        Value relu = nets.node("relu3", new Relu(), sum);
        return nets.model(nets.node(
                "gemm",
                new Gemm(1, 1, false, true),
                relu,
                nets.constant(nets.normal(12, 5, 12)),
                nets.constant(nets.normal(4, 5))));
    }

    private static Model prune(Model model, MaskPruning step, StepContext context) {
        return step.apply(model, context);
    }

    @ParameterizedTest
    @EnumSource(Saliency.class)
    void eachLayerLosesItsShare(Saliency saliency) {
        Model model = net();
        StepContext context = Nets.context(model, CALLS);
        Model pruned = prune(model, Prune.unstructured(0.5).by(saliency).leastTerms(1), context);
        List<LinearLayer> layers = LinearLayer.of(pruned.graph());
        for (LinearLayer layer : layers) {
            float[] w = layer.matrix();
            // Shares are rounded for each group, or for each output.
            assertThat(w.length - LayerwiseFit.nonZero(w)).as(layer.toString()).isEqualTo(w.length / 2);
        }
        assertThat(context.layers()).hasSize(layers.size()).allSatisfy(report -> {
            assertThat(report.kept()).isFalse();
            assertThat(report.sparsity()).isEqualTo(0.5);
            assertThat(report.sqnr().orElseThrow()).isPositive();
        });
    }

    @ParameterizedTest
    @EnumSource(Saliency.class)
    void noGroupHasMoreThanThePatternAllows(Saliency saliency) {
        Model model = net();
        Model pruned = prune(model, Prune.pattern(2, 4).by(saliency).leastTerms(1), Nets.context(model, CALLS));
        for (LinearLayer layer : LinearLayer.of(pruned.graph())) {
            float[] w = layer.matrix();
            for (int row = 0; row < layer.outputs(); row++) {
                for (int from = 0; from < layer.terms(); from += 4) {
                    int count = 0;
                    for (int i = from; i < Math.min(layer.terms(), from + 4); i++) {
                        count += w[row * layer.terms() + i] == 0 ? 0 : 1;
                    }
                    assertThat(count)
                            .as("%s row %d term %d", layer, row, from)
                            .isEqualTo(Math.min(2, layer.terms() - from));
                }
            }
        }
    }

    @Test
    void theSecondOrderIsNearerToTheModelThanMagnitude() {
        Model model = net();
        List<Map<String, Tensor>> others = Nets.calls(6, 60, 1, 4, 6, 6);
        for (MaskPruning step : List.of(Prune.unstructured(0.5), Prune.pattern(2, 4))) {
            Model best = prune(model, step.leastTerms(1), Nets.context(model, CALLS));
            Model simple = prune(model, step.leastTerms(1).by(Saliency.MAGNITUDE), Nets.context(model, CALLS));
            assertThat(Nets.error(best, model, others))
                    .as(step.name())
                    .isLessThan(0.5 * Nets.error(simple, model, others));
        }
    }

    @ParameterizedTest
    @EnumSource(Saliency.class)
    void onnxRuntimeGivesTheSame(Saliency saliency) throws OrtException {
        Model model = net();
        Model pruned = prune(model, Prune.pattern(2, 4).by(saliency), Nets.context(model, CALLS));
        Nets.checkInOnnxRuntime(pruned, CALLS.getFirst());
    }

    @Test
    void theSameSamplesGiveTheSameBytes() {
        Model model = net();
        MaskPruning step = Prune.unstructured(0.6);
        assertThat(SavedModel.bytes(prune(model, step, Nets.context(model, CALLS))))
                .isEqualTo(SavedModel.bytes(prune(model, step, Nets.context(model, CALLS))));
    }

    @Test
    void layersThatAreNotChosenOrHaveFewTermsStay() {
        Model model = net();
        StepContext context = Nets.context(model, CALLS);
        Model pruned =
                prune(model, Prune.unstructured(0.5).layers(LayerFilter.all().exclude("product")), context);
        assertThat(context.layers().stream().filter(LayerReport::kept).map(r -> r.name() + ": " + r.reason()))
                .containsExactly("product: not chosen", "gemm: 12 terms for each output, fewer than 32");
        assertThat(weights(pruned, 2)).isEqualTo(weights(model, 2));
        assertThat(weights(pruned, 3)).isEqualTo(weights(model, 3));
    }

    private static float[] weights(Model model, int layer) {
        return LinearLayer.of(model.graph()).get(layer).matrix();
    }

    /** An input that is always 0 says nothing about its weights: they go first, and the others hardly change. */
    @Test
    void weightsOfDeadInputsGoFirst() {
        Nets nets = new Nets(2);
        Value x = nets.input(-1, 40);
        Tensor w = nets.normal(1, 40, 6);
        Model model = nets.model(nets.node("p", new MatMul(), x, nets.constant(w)));
        List<Map<String, Tensor>> calls = Nets.calls(3, 100, 1, 40);
        calls.forEach(call -> {
            for (int i = 0; i < 20; i++) {
                call.get("x").setDouble(2L * i, 0);
            }
        });
        Model pruned = prune(model, Prune.unstructured(0.5), Nets.context(model, calls));
        float[] left = weights(pruned, 0);
        for (int i = 0; i < left.length; i++) {
            boolean isDead = i % 40 % 2 == 0;
            assertThat(left[i] == 0).as("%d", i).isEqualTo(isDead);
        }
        assertThat(Nets.error(pruned, model, calls)).isLessThan(1e-3 * calls.size());
    }

    @Test
    void wrongOptionsAreRefused() {
        assertThatThrownBy(() -> Prune.unstructured(1)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> Prune.unstructured(Double.NaN)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> Prune.pattern(4, 4)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> Prune.pattern(2, 4).leastTerms(0)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> Prune.pattern(2, 4).damping(0)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> Compressor.of(net()).apply(Prune.pattern(2, 4)).run((task, share, left) -> {}))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("prune-2:4");
        assertThat(Prune.pattern(2, 4).by(Saliency.MAGNITUDE).needsSamples()).isFalse();
    }
}
