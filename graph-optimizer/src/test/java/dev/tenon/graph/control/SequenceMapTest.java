package dev.tenon.graph.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.error.TenonException;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import dev.tenon.tensor.TensorType;
import java.util.List;
import org.junit.jupiter.api.Test;

class SequenceMapTest {
    private static final String SUMS = """
        graph main(%s: seq(i64[?0]), %t: seq(i64[]), %x: i64[], %c: i64[]) {
          %y, %z = SequenceMap<body=graph b(%e: i64[?1], %f: i64[], %x: i64[], %c: i64[]) {
            %a = Add(%e, %f)
            %p = Mul(%a, %x)
            %q = Add(%p, %c)
            %n = Size(%e)
            return %q, %n
          }, carried=3>(%s, %t, %x, %c)
          return %y, %z
        }
        """;

    private static TensorSequence sequence(Tensor... elements) {
        return TensorSequence.of(new TensorType(DType.INT64, Shape.unknownRank()), List.of(elements));
    }

    private static Tensor longs(long... values) {
        return Tensor.of(values);
    }

    private static List<Datum> run(Datum... operands) {
        return Interpreter.run(Graphs.parse(SUMS), List.of(operands));
    }

    private static void equal(Datum sequence, Tensor... elements) {
        TensorSequence s = (TensorSequence) sequence;
        assertThat(s.size()).isEqualTo(elements.length);
        for (int i = 0; i < elements.length; i++) {
            Graphs.requireEqual(List.of(s.get(i)), List.of(elements[i]));
        }
    }

    @Test
    void iteratesOverSequencesAndPassesTensorsWhole() {
        List<Datum> results = run(
                sequence(longs(1, 2), longs(3)),
                sequence(Tensor.scalar(10L), Tensor.scalar(20L)),
                Tensor.scalar(2L),
                Tensor.scalar(1L));
        equal(results.get(0), longs(23, 25), longs(47));
        equal(results.get(1), Tensor.scalar(2L), Tensor.scalar(1L));
    }

    @Test
    void ofNothingIsNothing() {
        List<Datum> results = run(sequence(), sequence(), Tensor.scalar(2L), Tensor.scalar(1L));
        equal(results.get(0));
        equal(results.get(1));
    }

    @Test
    void sequencesOfOtherLengthsAreRefused() {
        assertThatThrownBy(() -> run(
                        sequence(longs(1), longs(2)),
                        sequence(Tensor.scalar(1L)),
                        Tensor.scalar(2L),
                        Tensor.scalar(1L)))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("1 elements");
    }

    @Test
    void theFirstOperandIsASequence() {
        assertThatThrownBy(() -> Graphs.parse(SUMS.replace("%s: seq(i64[?0])", "%s: i64[?0]")))
                .isInstanceOf(TenonException.class)
                .hasMessageContaining("a sequence");
    }

    @Test
    void isMadeOfItsAttributesAgain() {
        Graph graph = Graphs.parse(SUMS);
        SequenceMap map = (SequenceMap) graph.nodes().getFirst().op();
        assertThat(SequenceMap.of(map.attributes())).isEqualTo(map);
        assertThat(map.withBodies(map.bodies())).isEqualTo(map);
        assertThat(map.captured()).isEqualTo(1);
        assertThat(graph.outputs().getFirst().type().toString()).startsWith("seq(i64[");
    }

    @Test
    void operandsThatDoNotFitTheBodyAreRefused() {
        for (String type : new String[] {"seq(i64[2])", "seq(f32[3])"}) {
            String text = "graph main(%s: " + type
                    + ") { %y = SequenceMap<body=graph b(%x: f32[2]) { %n = Neg(%x) return %n }>" + "(%s) return %y }";
            assertThatThrownBy(() -> Graphs.parse(text))
                    .isInstanceOf(TenonException.class)
                    .hasMessageContaining("input 0 is")
                    .hasMessageContaining("f32[2], as the body takes");
        }
    }
}
