package dev.tenon.compression.factorize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtException;
import dev.tenon.Model;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.SavedModel;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.algebra.Dense;
import dev.tenon.compression.calibrate.GramMatrices;
import dev.tenon.compression.prune.Nets;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.graph.Value;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.WindowAttributes.AutoPad;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LowRankTest {
    /** Samples whose elements depend on one another. */
    private static List<Map<String, Tensor>> mixed(int count, int size) {
        List<Map<String, Tensor>> calls = Nets.calls(3, count, 1, size);
        calls.forEach(call -> {
            Tensor x = call.get("x");
            for (int i = 1; i < size; i++) {
                x.setDouble(i, 0.7 * x.getDouble(i - 1) + x.getDouble(i) / (1 + i));
            }
        });
        return calls;
    }

    private static Model product(boolean isGemm) {
        Nets n = new Nets(1);
        Value x = n.input(-1, 24);
        return n.model(
                isGemm
                        ? n.node(
                                "layer",
                                new Gemm(1, 1, false, true),
                                x,
                                n.constant(n.normal(24, 20, 24)),
                                n.constant(n.normal(1, 20)))
                        : n.node("layer", new MatMul(), x, n.constant(n.normal(24, 24, 20))));
    }

    private static Dense.Svd svd(Model model, StepContext context) {
        Dense.Svd[] found = new Dense.Svd[1];
        GramMatrices.forEach(
                model,
                LinearLayer.of(model.graph()),
                context,
                (layer, gram) -> found[0] = new DecomposedWeights(layer, gram.of(0), 0).svd());
        return found[0];
    }

    @ParameterizedTest
    @CsvSource({"false, 3", "false, 8", "true, 5"})
    void theErrorIsTheSumOfTheDiscardedValues(boolean isGemm, int rank) throws OrtException {
        Model model = product(isGemm);
        List<Map<String, Tensor>> calls = mixed(200, 24);
        StepContext context = Nets.context(model, calls);
        Model smaller = LowRank.rank(rank).damping(0).pays(Pays.always()).apply(model, context);
        double discarded = 0;
        double[] sigma = svd(model, Nets.context(model, calls)).sigma();
        for (int r = rank; r < sigma.length; r++) {
            discarded += sigma[r] * sigma[r];
        }
        assertThat(Nets.error(smaller, model, calls)).isCloseTo(discarded, within(1e-3 * discarded));
        assertThat(LinearLayer.of(smaller.graph()))
                .extracting(layer -> layer.outputs() + "x" + layer.terms())
                .containsExactly(rank + "x24", "20x" + rank);
        Nets.checkInOnnxRuntime(smaller, calls.getFirst());
    }

    @Test
    void energyIsKept() {
        Model model = product(true);
        List<Map<String, Tensor>> calls = mixed(200, 24);
        StepContext context = Nets.context(model, calls);
        LowRank.energy(0.9).pays(Pays.always()).apply(model, context);
        assertThat(context.layers().getFirst().sqnr().orElseThrow()).isBetween(10.0, 20.0);
    }

    @Test
    void aRankThatSavesNoWeightsChangesNothing() {
        Model model = product(false);
        StepContext context = Nets.context(model, mixed(50, 24));
        Model same = LowRank.rank(11).pays(Pays.always()).apply(model, context);
        assertThat(SavedModel.bytes(same)).isEqualTo(SavedModel.bytes(model));
        assertThat(context.layers().getFirst().reason()).isEqualTo("no chain has fewer weights than the layer: 480");
    }

    @Test
    void aChainThatDoesNotPayIsLeft() {
        Model model = product(false);
        StepContext context = Nets.context(model, mixed(50, 24));
        Model same = LowRank.rank(4)
                .pays((name, layer, chain, input) -> {
                    assertThat(name).isEqualTo("layer");
                    assertThat(input.dims()).containsExactly(1, 24);
                    assertThat(layer.predict(Map.of("x", input)).tensor().dims())
                            .containsExactly(1, 20);
                    assertThat(chain.predict(Map.of("x", input)).tensor().dims())
                            .containsExactly(1, 20);
                    return new Pays.Decision(false, "2 -> 3 us");
                })
                .apply(model, context);
        assertThat(SavedModel.bytes(same)).isEqualTo(SavedModel.bytes(model));
        assertThat(context.layers().getFirst().kept()).isTrue();
        assertThat(context.layers().getFirst().reason()).isEqualTo("saves no time: rank [4]: 2 -> 3 us");
    }

    @Test
    void theMeasurementTellsBothTimes() {
        Model model = product(false);
        StepContext context = Nets.context(model, mixed(50, 24));
        LowRank.rank(4).apply(model, context);
        assertThat(context.layers().getFirst().reason()).matches(".*rank \\[4\\]: [\\d.]+ -> [\\d.]+ us measured");
    }

    /** A convolution with an odd window, strides, padding and dilation of their own in both directions. */
    private static Model conv(AutoPad autoPad) {
        Nets n = new Nets(2);
        Value x = n.input(-1, 4, 9, 11);
        WindowAttributes window = new WindowAttributes(
                autoPad,
                List.of(3L, 2L),
                List.of(2L, 1L),
                autoPad == AutoPad.NOTSET ? List.of(1L, 0L, 2L, 1L) : List.of(),
                autoPad == AutoPad.NOTSET ? List.of(2L, 3L) : List.of(),
                false);
        Value c = n.node(
                "conv", new Conv(window, 1), x, n.constant(n.normal(24, 6, 4, 3, 2)), n.constant(n.normal(1, 6)));
        return n.model(n.node("relu", new Relu(), c));
    }

    private static Model only(Model model, String form, int rank, List<Map<String, Tensor>> calls) {
        return LowRank.rank(rank)
                .pays((name, layer, chain, input) -> {
                    int parts = LinearLayer.of(chain.graph()).size();
                    boolean isSpatial = LinearLayer.of(chain.graph()).getLast().terms() > rank;
                    String found = parts == 3 ? "Tucker" : isSpatial ? "spatial" : "rank";
                    return new Pays.Decision(found.equals(form), "chosen");
                })
                .apply(model, Nets.context(model, calls));
    }

    @ParameterizedTest
    @CsvSource({
        "rank, NOTSET",
        "spatial, NOTSET",
        "Tucker, NOTSET",
        "rank, SAME_UPPER",
        "spatial, SAME_UPPER",
        "spatial, SAME_LOWER",
        "Tucker, VALID",
        "spatial, VALID"
    })
    void convolutionsTakeThreeForms(String form, AutoPad autoPad) throws OrtException {
        Model model = conv(autoPad);
        List<Map<String, Tensor>> calls = Nets.calls(4, 20, 1, 4, 9, 11);
        double[] errors = new double[3];
        for (int rank = 1; rank <= 3; rank++) {
            Model smaller = only(model, form, rank, calls);
            assertThat(LinearLayer.of(smaller.graph()).size()).isEqualTo(form.equals("Tucker") ? 3 : 2);
            errors[rank - 1] = Nets.error(smaller, model, calls);
            Nets.checkInOnnxRuntime(smaller, calls.getFirst());
        }
        assertThat(errors[1]).isLessThan(errors[0]);
        assertThat(errors[2]).isLessThan(errors[1]);
    }

    /** With all its ranks a form is the layer itself: all parts are where they belong. */
    @Test
    void formsOfFullRankAreExact() {
        Model model = conv(AutoPad.NOTSET);
        List<Map<String, Tensor>> calls = Nets.calls(4, 20, 1, 4, 9, 11);
        GramMatrices.forEach(model, LinearLayer.of(model.graph()), Nets.context(model, calls), (layer, gram) -> {
            DecomposedWeights weights = new DecomposedWeights(layer, gram.of(0), 1e-6);
            for (Factors factors :
                    List.of(Forms.matrix(weights, 6), Forms.spatial(weights, 12), Forms.tucker(weights, 4, 6))) {
                assertThat(factors.error()).as(factors.form()).isLessThan(1e-6 * weights.energy());
                Tensor x = calls.getFirst().get("x");
                Tensor found = Model.of(factors.alone(layer, x))
                        .predict(Map.of("x", x))
                        .tensor();
                Tensor expected = Model.of(Factors.layerAlone(layer, x))
                        .predict(Map.of("x", x))
                        .tensor();
                assertThat(Nets.difference(found, expected)).as(factors.form()).isLessThan(1e-3);
            }
        });
    }

    @Test
    void theBudgetHolds() {
        Nets n = new Nets(5);
        Value x = n.input(-1, 24);
        Value a = n.node("relu", new Relu(), n.node("first", new MatMul(), x, n.constant(n.normal(24, 24, 40))));
        Model model = n.model(n.node("second", new MatMul(), a, n.constant(n.normal(40, 40, 30))));
        List<Map<String, Tensor>> calls = mixed(200, 24);
        Model smaller = LowRank.budget(0.5).pays(Pays.always()).apply(model, Nets.context(model, calls));
        long weights = LinearLayer.of(smaller.graph()).stream()
                .mapToLong(layer -> (long) layer.outputs() * layer.terms())
                .sum();
        assertThat(weights).isLessThanOrEqualTo((24 * 40 + 40 * 30) / 2).isGreaterThan(400);
    }

    @Test
    void theSameSamplesGiveTheSameBytes() {
        Model model = conv(AutoPad.NOTSET);
        List<Map<String, Tensor>> calls = Nets.calls(4, 20, 1, 4, 9, 11);
        LowRank step = LowRank.energy(0.6).pays(Pays.always());
        assertThat(SavedModel.bytes(step.apply(model, Nets.context(model, calls))))
                .isEqualTo(SavedModel.bytes(step.apply(model, Nets.context(model, calls))));
    }

    @Test
    void wrongOptionsAreRefused() {
        assertThatThrownBy(() -> LowRank.energy(1)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> LowRank.rank(0)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> LowRank.budget(0)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> LowRank.rank(3).damping(-1)).isInstanceOf(InvalidOptionException.class);
    }
}
