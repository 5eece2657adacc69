package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SignalToNoiseTest {
    private static final Map<String, Tensor> X = Map.of("x", Tensor.of(new float[] {1, 2}, 1, 2));

    /** A factor after the first node; the last two values are integers and a number of elements of their own. */
    private static Model model(String factor, String more) {
        return Model.of(SmallModels.graph("""
                graph scaled (%x: f32[n,2]) {
                  %w = const f32[] {FACTOR}
                  %a = Neg(%x)
                  MORE
                  %c = Relu(%b)
                  %s = Shape(%b)
                  return %c, %s
                }
                """.replace("FACTOR", factor).replace("MORE", more)));
    }

    private static Model scaled(String factor) {
        return model(factor, "%b = Mul(%a, %w)");
    }

    private static Map<String, Double> ratios(Model one, Model other) {
        return one.session().inspect().signalToNoise(other.session(), X);
    }

    @Test
    void theNoiseBeginsAtTheNodeThatDiffers() {
        Map<String, Double> ratios = ratios(scaled("-2.0"), scaled("-2.5"));
        // The value is [2, 4], and the noise [0.5, 1].
        double expected = 10 * Math.log10(20 / 1.25);
        assertThat(ratios.keySet()).containsExactly("a", "b", "c");
        assertThat(ratios.get("a")).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(ratios.get("b")).isCloseTo(expected, within(1e-9));
        assertThat(ratios.get("c")).isCloseTo(expected, within(1e-9));
    }

    @Test
    void valuesWithoutASignalOrWithoutNumbers() {
        assertThat(ratios(scaled("0.0"), scaled("1.0"))).containsEntry("b", Double.NEGATIVE_INFINITY);
        Model broken = model("1.0", "%z = Sub(%a, %a) %b = Div(%z, %z)");
        assertThat(ratios(scaled("1.0"), broken).get("b")).isNaN();
    }

    @Test
    void furtherNodesAndOtherShapesAreLeftOut() {
        Model more = model("-2.5", "%q = Identity(%a) %b = Mul(%q, %w)");
        assertThat(ratios(scaled("-2.0"), more).keySet()).containsExactly("a", "b", "c");
        Model wider = model("-2.0", "%b = Concat<axis=0>(%a, %a)");
        assertThat(ratios(scaled("-2.0"), wider)).containsOnlyKeys("a");
    }

    /** Options may differ instead of models, and the values are those that sessions report. */
    @Test
    void sessionsOfOneModelAreCompared() {
        Model model = SmallModels.perceptron();
        Map<String, Tensor> inputs = Map.of("x", SmallModels.random(3, 16));
        Session plain = model.session(SessionOptions.standard().optimize(false));
        Map<String, Double> ratios = model.session().inspect().signalToNoise(plain, inputs);
        List<String> outputs = new ArrayList<>();
        model.graph()
                .nodes()
                .forEach(node -> outputs.add(node.outputs().getFirst().name()));
        assertThat(ratios.keySet()).containsExactlyElementsOf(outputs);
        assertThat(ratios.values()).as("rounding of float32").allMatch(ratio -> ratio > 100);
    }

    @Test
    void wrongArgumentsAreNamed() {
        Model other = Model.of(SmallModels.graph("graph other (%x: f32[n,2]) { %y = Neg(%x) return %y }"));
        assertThatThrownBy(() -> ratios(scaled("1.0"), other))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("model 'other', no output of whose nodes has a name of model 'scaled'");
        Inspection inspection = scaled("1.0").session().inspect();
        assertThatThrownBy(() -> inspection.signalToNoise(scaled("2.0").session(), new HashMap<>()))
                .isInstanceOf(InvalidInputException.class);
    }
}
