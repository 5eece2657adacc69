package dev.tenon.graph.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.InvalidGraphException;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GradientsTest {
    private static List<Datum> run(Graph graph, Tensor... inputs) {
        GraphVerifier.verify(graph);
        return Interpreter.run(graph, List.of(inputs));
    }

    @Test
    void gradientsAreOutputsInTheOrderWanted() {
        Graph graph = Graphs.parse("""
                graph main(%a: f32[2], %b: f32[2]) {
                  %c = Mul(%a, %b)
                  %loss = ReduceSum<keepdims=0>(%c)
                  return %c, %loss
                }
                """);
        Graph result = Gradients.of(graph, "loss", List.of("b", "a"));
        assertThat(result.outputNames()).containsExactly("c", "loss", "gradient/b", "gradient/a");
        assertThat(result.inputs()).extracting(v -> v.name()).containsExactly("a", "b");
        Graphs.requireEqual(
                run(result, Tensor.of(new float[] {1, 2}), Tensor.of(new float[] {5, 7})),
                List.of(
                        Tensor.of(new float[] {5, 14}),
                        Tensor.scalar(19f),
                        Tensor.of(new float[] {1, 2}),
                        Tensor.of(new float[] {5, 7})));
    }

    @Test
    void gradientsOfSeveralUsesAreAdded() {
        Graph graph = Graphs.parse("""
                graph main(%x: f32[2]) {
                  %a = Mul(%x, %x)
                  %b = Add(%a, %x)
                  %loss = ReduceSum<keepdims=0>(%b)
                  return %loss
                }
                """);
        List<Datum> results = run(Gradients.of(graph, "loss", List.of("x")), Tensor.of(new float[] {3, -4}));
        Graphs.requireEqual(results, List.of(Tensor.scalar(24f), Tensor.of(new float[] {7, -7})));
    }

    @Test
    void anInputWithoutInfluenceHasZeros() {
        Graph graph = Graphs.parse("""
                graph main(%x: f32[2], %unused: f32[3], %rounded: f32[2]) {
                  %r = Round(%rounded)
                  %y = Mul(%x, %r)
                  %loss = ReduceSum<keepdims=0>(%y)
                  return %loss
                }
                """);
        List<Datum> results = run(
                Gradients.of(graph, "loss", List.of("unused", "rounded", "x")),
                Tensor.of(new float[] {3, 4}),
                Tensor.of(new float[3]),
                Tensor.of(new float[] {1.2f, 2.1f}));
        Graphs.requireEqual(
                results.subList(1, 4),
                List.of(Tensor.of(new float[3]), Tensor.of(new float[2]), Tensor.of(new float[] {1, 2})));
    }

    @Test
    void theLossItselfHasTheGradientOne() {
        Graph graph = Graphs.parse("""
                graph main(%x: f32[1,1]) {
                  return %x
                }
                """);
        Graphs.requireEqual(
                run(Gradients.of(graph, "x", List.of("x")), Tensor.of(new float[] {3}, 1, 1)),
                List.of(Tensor.of(new float[] {3}, 1, 1), Tensor.of(new float[] {1}, 1, 1)));
    }

    @Test
    void aGraphWithGradientsCanBeDifferentiatedAgain() {
        Graph graph = Graphs.parse("""
                graph main(%x: f32[]) {
                  %c = const f32[] {3.0}
                  %y = Pow(%x, %c)
                  return %y
                }
                """);
        Graph once = Gradients.of(graph, "y", List.of("x"));
        Graph twice = Gradients.of(once, "gradient/x", List.of());
        assertThat(twice.outputNames()).containsExactly("y", "gradient/x");
        assertThatThrownBy(() -> Gradients.of(once, "gradient/x", List.of("x")))
                .isInstanceOf(InvalidGraphException.class)
                .hasMessageContaining("gradient/x");
    }

    @Test
    void gradientsOfConvertedNumbersHaveTheTypeBefore() {
        Graph graph = Graphs.parse("""
                graph main(%x: f32[2], %w: f32[2]) {
                  %d = Cast<to=11>(%x)
                  %b = CastLike(%d, %w)
                  %c = Mul(%b, %w)
                  %e = Cast<to=11>(%c)
                  %loss = ReduceSum<keepdims=0>(%e)
                  return %loss
                }
                """);
        List<Datum> results = run(
                Gradients.of(graph, "loss", List.of("x", "w")),
                Tensor.of(new float[] {3, 4}),
                Tensor.of(new float[] {5, 6}));
        Graphs.requireEqual(
                results.subList(1, 3), List.of(Tensor.of(new float[] {5, 6}), Tensor.of(new float[] {3, 4})));
    }

    @Test
    void anOperatorWithoutARuleIsNamed() {
        Graph graph = Graphs.parse("""
                graph main(%x: f32[2,2]) {
                  %y = Einsum<equation="ij,jk->ik">(%x, %x)
                  %loss = ReduceSum<keepdims=0>(%y)
                  return %loss, %y
                }
                """);
        assertThatThrownBy(() -> Gradients.of(graph, "loss", List.of("x")))
                .isInstanceOf(InvalidGraphException.class)
                .hasMessageContaining("Einsum")
                .hasMessageContaining("freeze it, or cut before it");
    }

    /** Only the operators between a weight and the loss need a rule. */
    @Test
    void operatorsBesideThePathNeedNoRule() {
        Graph graph = Graphs.parse("""
                graph main(%x: f32[2,2], %w: f32[2,2]) {
                  %y = Einsum<equation="ij,jk->ik">(%x, %x)
                  %z = Mul(%y, %w)
                  %loss = ReduceSum<keepdims=0>(%z)
                  %other = Einsum<equation="ij,jk->ik">(%z, %z)
                  return %loss, %other
                }
                """);
        Tensor ones = Tensor.of(new float[] {1, 1, 1, 1}, 2, 2);
        List<Datum> results = run(Gradients.of(graph, "loss", List.of("w")), ones, ones);
        Graphs.requireEqual(results.subList(2, 3), List.of(Tensor.of(new float[] {2, 2, 2, 2}, 2, 2)));
    }

    @ParameterizedTest
    @CsvSource({
        "nothing, x, no output of this name",
        "y, x, a float tensor of one element",
        "n, x, a float tensor of one element",
        "loss, nothing, no input of this name",
        "loss, i, a float tensor of known dimensions",
        "loss, open, a float tensor of known dimensions"
    })
    void badNamesAndTypesAreRefused(String loss, String wanted, String message) {
        Graph graph = Graphs.parse("""
                graph main(%x: f32[2], %i: i64[2], %open: f32[n]) {
                  %y = Neg(%x)
                  %n = Size(%x)
                  %loss = ReduceSum<keepdims=0>(%y)
                  return %y, %n, %loss
                }
                """);
        assertThatThrownBy(() -> Gradients.of(graph, loss, List.of(wanted)))
                .isInstanceOf(InvalidGraphException.class)
                .hasMessageContaining(message);
        assertThatThrownBy(() -> Gradients.of(graph, "loss", List.of("x", "x")))
                .isInstanceOf(InvalidGraphException.class)
                .hasMessageContaining("wanted twice");
    }

    @Test
    void unknownDimensionsAreRefused() {
        Graph graph = Graphs.parse("""
                graph main(%x: f32[n,2], %w: f32[2]) {
                  %y = Mul(%x, %w)
                  %loss = ReduceSum<keepdims=0>(%y)
                  return %loss
                }
                """);
        assertThatThrownBy(() -> Gradients.of(graph, "loss", List.of("w")))
                .isInstanceOf(InvalidGraphException.class)
                .hasMessageContaining("fix the dimensions");
        Trainables fixed = Trainables.of(graph, Map.of("x", new long[] {3, 2}), name -> false);
        List<Datum> results = run(
                Gradients.of(fixed.graph(), "loss", List.of("w")),
                Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2),
                Tensor.of(new float[2]));
        Graphs.requireEqual(results.subList(1, 2), List.of(Tensor.of(new float[] {9, 12})));
    }

    /** Where a scale is not undone, a gradient in floats is not that of the numbers. */
    @ParameterizedTest
    @ValueSource(strings = {"Cast<to=1>(%q)", "Mul(%q, %q)", "Add(%q, %q)", "ReduceMax(%q)"})
    void quantisedNumbersAreNoNumbers(String use) {
        Graph graph = Graphs.parse("""
                graph main(%x: f32[2]) {
                  %s = const f32[] {0.5}
                  %q = QuantizeLinear<output_dtype=3>(%x, %s)
                  %u = USE
                  %y = Cast<to=1>(%u)
                  %loss = ReduceSum<keepdims=0>(%y)
                  return %loss
                }
                """.replace("USE", use));
        assertThatThrownBy(() -> Gradients.of(graph, "loss", List.of("x")))
                .isInstanceOf(InvalidGraphException.class)
                .hasMessageContaining("quantised numbers");
    }

    /** Results and operands that are left out stand beside quantised numbers. */
    @Test
    void quantisedNumbersAreMovedAndChosen() {
        Graph graph = Graphs.parse("""
                graph main(%x: f32[1,1,4]) {
                  %s = const f32[] {0.5}
                  %most = const f32[] {9.0}
                  %q = QuantizeLinear<output_dtype=3>(%x, %s)
                  %m, _ = MaxPool<kernel_shape=[2], strides=[2]>(%q)
                  %a, _ = Split<axis=2, num_outputs=2>(%m)
                  %d = DequantizeLinear(%a, %s)
                  %c = Clip(%d, _, %most)
                  %loss = ReduceSum<keepdims=0>(%c)
                  return %loss
                }
                """);
        List<Datum> results =
                run(Gradients.of(graph, "loss", List.of("x")), Tensor.of(new float[] {1.1f, 2.2f, 4, 3}, 1, 1, 4));
        Graphs.requireEqual(results, List.of(Tensor.scalar(2f), Tensor.of(new float[] {0, 1, 0, 0}, 1, 1, 4)));
    }

    @Test
    void sequencesAreNamed() {
        Graph graph = Graphs.parse("""
                graph main(%x: f32[2]) {
                  %i = const i64[] {0}
                  %parts = SplitToSequence(%x)
                  %y = SequenceAt(%parts, %i)
                  %loss = ReduceSum<keepdims=0>(%y)
                  return %loss
                }
                """);
        assertThatThrownBy(() -> Gradients.of(graph, "loss", List.of("x")))
                .isInstanceOf(InvalidGraphException.class)
                .hasMessageContaining("it works on sequences");
    }

    @Test
    void indicesOfAMaximumAreComputedOnce() {
        Graph graph = Graphs.parse("""
                graph main(%x: f32[1,1,4]) {
                  %y, %i = MaxPool<kernel_shape=[2], strides=[2]>(%x)
                  %loss = ReduceSum<keepdims=0>(%y)
                  return %loss, %i
                }
                """);
        Graph gradients = Gradients.of(graph, "loss", List.of("x"));
        assertThat(gradients.nodes()).filteredOn(n -> n.op() instanceof MaxPool).hasSize(1);
        List<Datum> results = run(gradients, Tensor.of(new float[] {1, 2, 4, 3}, 1, 1, 4));
        Graphs.requireEqual(results.subList(2, 3), List.of(Tensor.of(new float[] {0, 1, 1, 0}, 1, 1, 4)));
    }
}
